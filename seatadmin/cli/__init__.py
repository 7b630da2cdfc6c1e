"""The commands: `flask …`. Their modules are imported when they are asked for: pages need none.

Nor do commands need pages. But every table is known here: an erasure goes through all of them.
"""

import os
import sys
from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from seatadmin import access, counts, credentials, ledger, saved, uploads  # noqa: F401 (tables)

MODULES = {
    "apply-due": "plans",
    "audit": "audit",
    "backup": "backup",
    "create-user": "users",
    "demo": "seed",
    "doctor": "doctor",
    "erase": "retention",
    "import-participants": "imports",
    "load-occupations": "occupations",
    "reset-second-factor": "second_factors",
    "restore": "backup",
    "retention": "retention",
    "seats": "seats",
    "seed": "seed",
    "tidy": "retention",
}
"""Where each command is: a function of its own name, with underscores."""

NO_DATABASE = (
    "The database cannot be read: check DATABASE_URL, and run `flask db upgrade` if it is new."
)


class Commands(AppGroup):
    """Ours, beside those that others have added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(ctx), "db", *MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now if it is ours."""
        if cmd_name == "db":
            return _migrations()
        return _loaded(cmd_name) if cmd_name in MODULES else super().get_command(ctx, cmd_name)


def is_all_that_is_asked() -> bool:
    """Whether this process was started as `flask` with one of our commands: it answers no page."""
    asked = sys.argv[1:2]
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true" and not MODULES.keys().isdisjoint(asked)


def init_app(app: Flask) -> None:
    """Register every command with `app`."""
    app.cli = Commands(app.name, commands=app.cli.commands)


def _migrations() -> click.Command:
    """`flask db`, which is Flask-Migrate's."""
    from flask_migrate.cli import db

    group: click.Command = db
    return group


@cache
def _loaded(name: str) -> click.Command:
    module = import_module(f"seatadmin.cli.{MODULES[name]}")
    command: click.Command = getattr(module, name.replace("-", "_"))
    below = command.commands.values() if isinstance(command, click.Group) else ()
    for each in (command, *below):
        each.callback = each.callback and _told_in_a_line(each.callback)
    return command


def _told_in_a_line(run: Callable[..., Any]) -> Callable[..., Any]:
    """A database that is out of reach, or has no tables yet, is one line and exit 1."""

    @wraps(run)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except (InterfaceError, OperationalError, ProgrammingError) as error:
            first = str(error.orig).strip().splitlines()
            raise click.ClickException(f"{NO_DATABASE} ({first[0] if first else error})") from error

    return told
