"""What a service says when the values it was given cannot be saved."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from seatadmin.models import User
from seatadmin.permissions import Actor
from seatadmin.services.scope import visible
from seatadmin.text import fold_email

GENERAL = ""
"""The key of a message that belongs to no single field."""


class Invalid(ValueError):
    """Values that were refused: a message for each field that is wrong."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class NotFound(LookupError):
    """No such row in the actor's scope."""


class StaleVersion(Exception):
    """The row was changed by somebody else since it was opened; `current` is what it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__("Somebody else saved this record after you opened it.")
        self.current = current


@contextmanager
def checked() -> Iterator[dict[str, str]]:
    """Collect messages by field in a block; raise them together as `Invalid` at its end."""
    errors: dict[str, str] = {}
    yield errors
    if errors:
        raise Invalid(errors)


def check_unique_keys(
    session: Session, actor: Actor, email: str | None, number: str | None, own_id: int | None
) -> dict[str, str]:
    """Messages for an e-mail address or apprentice number that another user already has.

    About a user outside the actor's scope nothing is said but that the value cannot be used.
    """
    errors = {}
    for field, column, value in (
        ("email", User.email_key, fold_email(email)),
        ("apprentice_number", User.apprentice_number, number or None),
    ):
        if value is None:
            continue
        taken = select(visible(actor, User)).where(column == value, User.id != (own_id or 0))
        seen = session.scalar(taken)
        if seen is not None:
            errors[field] = "Another person already has it." if seen else "It cannot be used here."
    return errors


@contextmanager
def unique_keys_race() -> Iterator[None]:
    """Turn a unique key that somebody else took in this very moment into `Invalid`."""
    try:
        yield
    except IntegrityError as error:
        raise Invalid({GENERAL: "Another record took this name, number or e-mail."}) from error
