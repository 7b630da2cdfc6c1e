"""The temporary table in which lines wait until all of them are known, and are written at once."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    select,
    text,
    types,
)
from sqlalchemy.orm import Session

from seatadmin.models import User, keys_of
from seatadmin.services.changes import PERSONAL, STATE
from seatadmin.services.imports.judging import NOBODY, Verdict
from seatadmin.services.imports.people import PLACE, WRITTEN
from seatadmin.services.scope import one_of

CALLED = ("first_name", "last_name", "email", "apprentice_number")
FOLLOWING = ("email_key", "name_key", "search_text")
"""Columns that follow from what a participant is called, `CALLED`."""

RECORDED = frozenset(WRITTEN) - PERSONAL - frozenset(STATE)
"""Columns whose old and new value the audit keeps among the `fields` of an item."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "called": (*CALLED, *FOLLOWING),
    "standing": (*PLACE, *STATE, "status_note"),
    "training": ("occupation", "registration_date", "expected_completion_date"),
}
"""Columns that are written together. The others' indexes are left alone."""

_PARTS = [frozenset(names) for names in PARTS.values()]
_UNNEEDED = (None,) * len(FOLLOWING)
"""Stands for `FOLLOWING` where nobody is called anything new."""

_users = User.__table__.c
_DATES = [name for name in WRITTEN if isinstance(_users[name].type, types.Date)]
_STATUSES = [name for name in WRITTEN if isinstance(_users[name].type, types.Enum)]


def _type(name: str) -> Any:
    """As in the table of users, but a status needs no check here."""
    own = _users[name].type
    return String(20) if isinstance(own, types.Enum) else own


staged = Table(
    "staged_line",
    MetaData(),
    Column("line", Integer, primary_key=True),
    Column("user_id", _type("id")),
    Column("seen_version", Integer),  # none for a new participant
    Column("restated", Boolean),  # the program status changes
    Column("left_sponsor_id", _type("sponsor_id")),
    Column("left_employer_id", _type("employer_id")),
    Column("fields", JSON),
    *(Column(part, Boolean) for part in PARTS),  # which of them change
    *(Column(name, _type(name)) for name in (*WRITTEN, *FOLLOWING)),
    prefixes=["TEMPORARY"],
)
"""One row for each line that is to be written: the person, and every column after it."""

_ASKED = ("line", "user_id", "seen_version", *PARTS)
"""By which rows are chosen: PostgreSQL need know no more of them, and all would take it long."""


@contextmanager
def prepared(session: Session) -> Iterator[None]:
    """Have the table for a block. When that fails, it goes with the caller's rollback."""
    staged.create(session.connection())
    yield
    staged.drop(session.connection())


def add(session: Session, verdicts: Iterable[Verdict]) -> None:
    """Stage lines, by the quickest way that each database has."""
    rows = map(_row, verdicts)
    connection = session.connection()
    names = ", ".join(column.name for column in staged.columns)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        copying = f"COPY {staged.name} ({names}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(copying) as copy:
            for one in rows:
                copy.write_row(one)
    else:
        places = ", ".join("?" for _ in staged.columns)
        insertion = f"INSERT INTO {staged.name} ({names}) VALUES ({places})"  # noqa: S608
        connection.exec_driver_sql(insertion, list(rows))


def clear(session: Session) -> None:
    """Begin again, with no line."""
    session.execute(delete(staged))


def forget(session: Session, lines: Collection[int]) -> None:
    """Take out lines that are refused."""
    if lines:
        session.execute(delete(staged).where(one_of(session, staged.c.line, list(lines))))


def lock_people(session: Session) -> list[int]:
    """Lock everybody who is to be changed, in the order of their ids.

    Returns the lines whose person somebody else has changed since it was looked up.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {staged.name} ({', '.join(_ASKED)})"))
    wanted = select(User.id).where(User.id.in_(select(staged.c.user_id))).order_by(User.id)
    session.execute(
        select(func.count()).select_from(wanted.with_for_update(key_share=True).subquery())
    )
    unseen = User.version.is_distinct_from(staged.c.seen_version)
    stale = select(staged.c.line).outerjoin(User, User.id == staged.c.user_id)
    return list(session.scalars(stale.where(staged.c.seen_version.is_not(None), unseen)))


def _row(verdict: Verdict) -> tuple[Any, ...]:
    old, differs = verdict.old, verdict.differs
    before, after = old or NOBODY, _plain(verdict.values)
    moved = old is not None and "employer_id" in differs
    recorded = [key for key in differs if key in RECORDED]
    if recorded:
        was = _plain(before)
        fields = json.dumps({key: [was[key], after[key]] for key in recorded})
    parts = [not part.isdisjoint(differs) for part in _PARTS]
    return (
        verdict.line,
        old and old["id"],
        old and old["version"],
        "program_status" in differs,
        before["sponsor_id"] if moved else None,
        before["employer_id"] if moved else None,
        fields if recorded else None,
        *parts,
        *after.values(),
        *(_following(verdict.values) if parts[0] else _UNNEEDED),
    )


def _following(values: Mapping[str, Any]) -> tuple[str | None, ...]:
    keys = keys_of(*(values[name] for name in CALLED))
    return values["email_key"], keys["name_key"], keys["search_text"]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is written, as the drivers take it soonest."""
    plain = {name: values[name] for name in WRITTEN}
    for name in _DATES:
        plain[name] = plain[name] and plain[name].isoformat()
    for name in _STATUSES:
        plain[name] = plain[name] and plain[name].value
    return plain
