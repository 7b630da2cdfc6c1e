"""The commands: `flask …`. Each module registers its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from seatadmin.cli import doctor, imports, occupations, seats, seed, users

COMMANDS: tuple[click.Command, ...] = (
    doctor.doctor,
    imports.import_participants,
    occupations.load_occupations,
    seats.seats,
    seats.verify,
    seed.demo,
    seed.seed,
    users.create_user,
)

NO_DATABASE = (
    "The database cannot be read: check DATABASE_URL, and run `flask db upgrade` if it is new."
)


def init_app(app: Flask) -> None:
    """Register every command with `app`."""
    for command in COMMANDS:
        if command.callback and not hasattr(command.callback, "told_in_a_line"):
            command.callback = _told_in_a_line(command.callback)
        if command is not seats.verify:  # a command of `flask seats`
            app.cli.add_command(command)


def _told_in_a_line(run: Callable[..., Any]) -> Callable[..., Any]:
    """A database that is out of reach, or has no tables yet, is one line and exit 1."""

    @wraps(run)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except (InterfaceError, OperationalError, ProgrammingError) as error:
            first = str(error.orig).strip().splitlines()
            raise click.ClickException(f"{NO_DATABASE} ({first[0] if first else error})") from error

    told.told_in_a_line = True  # type: ignore[attr-defined]
    return told
