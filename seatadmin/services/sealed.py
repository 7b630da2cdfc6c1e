"""What is sealed of a change: digests of itself, of its scopes and of its items.

Lines are written by the database and hashed here, so that the same rows have the same digest on
SQLite and on PostgreSQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    inspect,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from seatadmin.columns import Id, Instant
from seatadmin.ledger import Change, ChangeItem, ChangeScope
from seatadmin.services.scope import one_of

NO_SPONSOR = 0
"""The chain of what concerns no sponsor."""

CHUNK = 10_000
"""Lines in hand at a time."""

FEW = 100
"""So many lines of a change are read by one statement."""

VALUE, NOTHING, END = "\x1f", "\x1e", "\n"
"""Before a value, in place of one, and after a line: none of them stands in a sound value."""

_VALUE, _NOTHING, _END = (literal_column(f"'{mark}'", Text) for mark in (VALUE, NOTHING, END))

WHOLE_SECONDS = len("2026-01-01 00:00:00")

PARTS: dict[Any, Any] = {
    Change: Change.id,
    ChangeScope: ChangeScope.change_id,
    ChangeItem: ChangeItem.change_id,
}
"""What is sealed of a change, and where its id stands."""


@dataclass(slots=True)
class Content:
    """What is sealed of one change: digests of itself, and sponsor by sponsor of its rows."""

    change_id: int
    change: str | None = None
    scopes: dict[int, str] = field(default_factory=dict)
    items: dict[int, str] = field(default_factory=dict)

    @property
    def sponsors(self) -> list[int]:
        """Whose chains this belongs to."""
        return sorted(self.scopes.keys() | self.items.keys()) or [NO_SPONSOR]

    def parts(self, sponsor_id: int) -> tuple[str, str, str]:
        """The digests of the change, its scopes and its items; empty where there are no rows."""
        return (
            self.change or "",
            self.scopes.get(sponsor_id, ""),
            self.items.get(sponsor_id, ""),
        )


def contents(session: Session, ids: Sequence[int] | None = None) -> Iterator[Content]:
    """What there is of all changes, or of `ids`, in the order of their ids.

    Rows whose change is missing come too, without its digest.
    """
    if ids and len(ids) == 1 and (found := _of_one(session, ids[0])) is not None:
        yield from found
        return
    changes, scopes, items = (_digests(session, model, ids) for model in PARTS)
    for id, (change, scoped, listed) in side_by_side(changes, scopes, items):
        yield Content(id, (change or {}).get(NO_SPONSOR), scoped or {}, listed or {})


def _of_one(session: Session, id: int) -> list[Content] | None:
    """What there is of one change, if anything; None where that is more than a few lines."""
    every = _all_lines(session.get_bind().dialect.name)
    lines = session.connection().execute(every, {"change": id}).all()
    if len(lines) > FEW:
        return None
    found = {part: _hashed(those) for part, those in groupby(lines, key=itemgetter(0))}
    change, scopes, items = (found.get(part, {}) for part in range(len(PARTS)))
    return [Content(id, change.get(NO_SPONSOR), scopes, items)] if found else []


def side_by_side(*streams: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Join streams of (id, value), each in the order of its ids: None where one has no such id."""
    first = [next(stream, None) for stream in streams]
    while ids := [each[0] for each in first if each]:
        id = min(ids)
        here = [each is not None and each[0] == id for each in first]
        yield id, [each[1] if yes and each else None for yes, each in zip(here, first, strict=True)]
        for number, yes in enumerate(here):
            if yes:
                first[number] = next(streams[number], None)


def _digests(
    session: Session, model: Any, ids: Sequence[int] | None
) -> Iterator[tuple[int, dict[int, str]]]:
    """For each change the digest of its rows in `model`, sponsor by sponsor."""
    rows = _lines(session.get_bind().dialect.name, model)
    if ids is not None:
        rows = rows.where(_among(session, PARTS[model], ids))
    many = ids is None or len(ids) > CHUNK or (model is ChangeItem and _many_items(session, ids))
    found = session.execute(rows, execution_options={"yield_per": CHUNK} if many else {})
    for id, lines in groupby(found, key=itemgetter(0)):
        yield id, _hashed(lines)


def _hashed(lines: Iterable[Any]) -> dict[int, str]:
    """The digest of the lines of each sponsor, and of their number. They end in these two."""
    digests: dict[int, Any] = {}
    counts: dict[int, int] = {}
    for *_, sponsor, line in lines:
        if sponsor not in digests:
            digests[sponsor], counts[sponsor] = sha256(), 0
        digests[sponsor].update(line.encode())
        counts[sponsor] += 1
    for sponsor, digest in digests.items():
        digest.update(str(counts[sponsor]).encode())
    return {sponsor: digest.hexdigest() for sponsor, digest in digests.items()}


def _many_items(session: Session, ids: Sequence[int]) -> bool:
    """Whether these changes have more rows than are in hand at a time."""
    subjects = select(func.sum(ChangeScope.subjects))
    of_these = _among(session, ChangeScope.change_id, ids)
    return (session.connection().scalar(subjects.where(of_these)) or 0) > CHUNK


def _among(session: Session, column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """`column` is among `ids`. Of ids without a gap, rows come in the order of the index."""
    first, last = min(ids), max(ids)
    if last - first + 1 == len(ids):
        return column.between(first, last) if len(ids) > 1 else column == first  # type: ignore[no-any-return]
    return one_of(session, column, ids)


@lru_cache
def _lines(dialect: str, model: Any) -> Select[int, int, str]:
    """Change, sponsor and line of each row, in order. Written once: that takes long."""
    change_id = PARTS[model]
    sponsor_id = getattr(model, "sponsor_id", literal_column(str(NO_SPONSOR), Integer))
    order = dict.fromkeys((change_id, *inspect(model).primary_key))
    sponsor = func.coalesce(sponsor_id, NO_SPONSOR)
    return select(change_id, sponsor, _line(dialect, model)).order_by(*order)


@lru_cache
def _all_lines(dialect: str) -> Select[*tuple[Any, ...]]:
    """Part, place, sponsor and line of each row of `change`, in order, and one more than few."""
    parts = []
    for number, (model, change_id) in enumerate(PARTS.items()):
        *_, place = inspect(model).primary_key
        _, sponsor, line = _lines(dialect, model).selected_columns
        rows = select(
            literal_column(str(number), Integer).label("part"),
            place.label("place"),
            sponsor.label("sponsor"),
            line.label("line"),
        ).where(change_id == bindparam("change", type_=Id))
        parts.append(rows.order_by(place).limit(FEW + 1).subquery())
    every = union_all(*(select(part) for part in parts)).subquery().c
    return select(*every).order_by(every.part, every.place)


def _line(dialect: str, model: Any) -> ColumnElement[str]:
    """A row as one text: every column, so that no two rows have the same."""
    line: ColumnElement[str] = literal_column("''", Text)
    for column in model.__table__.columns:
        line = line.concat(func.coalesce(_VALUE.concat(_text(dialect, column)), _NOTHING))
    return line.concat(_END)


def _text(dialect: str, column: Any) -> ColumnElement[str]:
    """A value as text, the same on both databases."""
    if isinstance(column.type, Instant) and dialect == "postgresql":
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
    if isinstance(column.type, Instant):
        text = type_coerce(column, Text)
        return text.concat(case((func.length(text) == WHOLE_SECONDS, ".000000"), else_=""))
    if isinstance(column.type, Date) and dialect == "postgresql":
        return func.to_char(column, "YYYY-MM-DD")
    if dialect == "postgresql":
        return cast(column, Text)
    return type_coerce(column, Text)  # SQLite writes any value as text
