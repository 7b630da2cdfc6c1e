"""The kinds of filters that lists are made of."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, not_, select
from sqlalchemy.orm import Session

from seatadmin.lifecycle import Status
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import Actor, Role
from seatadmin.services import scope
from seatadmin.services.listings.engine import Choices, Filter
from seatadmin.text import fold

EMPTY: ColumnElement[str] = literal_column("''")
"""An empty text, written out: only so does an index on an expression with it apply."""

LARGEST_ID = 2**63 - 1

PLAIN = re.compile(r"[\w ,.&()/-]{1,100}")
"""A text without quotes and the like, which may stand in a statement whatever the server takes for
an escape."""


def written(column: Any, value: Any) -> ColumnElement[bool]:
    """`column` equals `value`, written out: only so does a partial index with it apply, and only
    then does PostgreSQL keep a plan. For values without quotes."""
    return column == bindparam(None, value, type_=column.type, literal_execute=True)  # type: ignore[no-any-return]


def equals(column: Any, text: str) -> ColumnElement[bool]:
    """`column` equals `text`, written out where it is plain."""
    return written(column, text) if PLAIN.fullmatch(text) else column == text


def offered(*choices: tuple[str, str]) -> Callable[[Session, Actor], Choices]:
    """These choices, to everybody."""
    return lambda _session, _actor: choices


def members(enum: type[Status] | type[Role] | Any) -> Callable[[Session, Actor], Choices]:
    """The members of `enum` as choices."""
    return offered(*((member.value, member.label) for member in enum))


YES_OR_NO = offered(("1", "Yes"), ("0", "No"))


def one_of_enum(label: str, column: Any, enum: type[Status] | type[Role] | Any) -> Filter:
    """Equal to a member of `enum`, given by value."""
    return Filter(label, lambda value: written(column, enum(value)), members(enum))


def yes_or_no(label: str, clause: ColumnElement[bool], **more: Any) -> Filter:
    """A condition that holds ("1") or does not ("0"), and what `more` the filter says of itself."""

    def holds(value: str) -> ColumnElement[bool]:
        return clause if is_yes(value) else not_(clause)

    return Filter(label, holds, YES_OR_NO, **more)


def is_yes(value: str) -> bool:
    """Whether a typed value says yes. Raises ValueError when it says neither yes nor no."""
    words = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
    if value.casefold() not in words:
        raise ValueError(f"“{value}” is neither yes nor no.")
    return words[value.casefold()]


def by_organization(label: str, column: Any, model: type[Sponsor] | type[Employer]) -> Filter:
    """Belonging to an organization, given by its id or its whole name, with suggestions."""

    def belongs(value: str) -> ColumnElement[bool]:
        number = value.rpartition("#")[2]  # a suggestion reads "Acme #12"
        if _is_number(number):
            return written(column, whole(number))
        return column.in_(select(model.id).where(model.name_key == fold(value)))  # type: ignore[no-any-return]

    def named(session: Session, actor: Actor, value: str) -> str:
        number = value.rpartition("#")[2]
        found = scope.get(session, actor, model, whole(number)) if _is_number(number) else None
        return str(found or value)

    return Filter(label, belongs, lookup=model.__tablename__, describe=named, covers=True)


def whole(value: str) -> int:
    """A positive whole number that an id can be. Raises ValueError."""
    fits = _is_number(value) and len(value) <= len(str(LARGEST_ID))
    if not fits or not 0 < int(value) <= LARGEST_ID:
        raise ValueError(f"“{value[:40]}” is not a number that fits here.")
    return int(value)


def _is_number(text: str) -> bool:
    """Digits as an address writes them: Python would read other scripts' digits too."""
    return text.isascii() and text.isdigit()


def same_text(label: str, column: Any, lookup: str | None = None) -> Filter:
    """Equal to a text that is typed."""
    return Filter(label, lambda value: equals(column, value), lookup=lookup)
