"""The audit's chains, one a sponsor: each change is sealed onto the one before, as it is committed.

A link's digest covers the link before, the change, its scopes and its items of that sponsor. Who
rewrites, inserts or removes any of them has to rewrite every later link too, and then the last one
is not the one that was kept elsewhere. Personal values lie outside: they are erased with a person.

Lines are written by the database and hashed here, so that the same rows have the same digest on
SQLite and on PostgreSQL.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    event,
    func,
    insert,
    inspect,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, SessionTransaction, aliased, object_session

from seatadmin.columns import Instant
from seatadmin.ledger import Change, ChangeItem, ChangeScope, ChangeSeal
from seatadmin.services.scope import one_of

NO_SPONSOR = 0
"""The chain of what concerns no sponsor."""

START = "0" * 64
"""What the first link of a chain is sealed onto."""

LOCKS, SLOTS = 0x5EA1, 256
"""PostgreSQL's advisory locks by which a chain grows: several chains may share one."""

CHUNK = 10_000
"""Lines in hand at a time."""

VALUE, NOTHING, END = "\x1f", "\x1e", "\n"
"""Before a value, in place of one, and after a line: none of them stands in a sound value."""

_VALUE, _NOTHING, _END = (literal_column(f"'{mark}'", Text) for mark in (VALUE, NOTHING, END))

WHOLE_SECONDS = len("2026-01-01 00:00:00")

UNSEALED = "unsealed_changes"

PARTS: dict[Any, Any] = {
    Change: Change.id,
    ChangeScope: ChangeScope.change_id,
    ChangeItem: ChangeItem.change_id,
}
"""What is sealed of a change, and where its id stands."""

Links = list[dict[str, Any]]
"""Rows of `change_seal`."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain: kept elsewhere, it shows whether the tail was cut off."""

    sponsor_id: int
    sequence: int = 0
    digest: str = START


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


@event.listens_for(Change, "after_insert")
def _to_be_sealed(_mapper: Any, _connection: Any, change: Change) -> None:
    session = object_session(change)
    if session:
        session.info.setdefault(UNSEALED, []).append(change.id)


@event.listens_for(Session, "before_commit")
def _seal_before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        session.flush()
        seal_pending(session)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(UNSEALED, None)


def seal_pending(
    session: Session, also: Iterable[int] = (), write: Callable[[Links], None] | None = None
) -> None:
    """Seal what this transaction recorded, and the changes `also`, which bypassed the models.

    Every commit does this by itself. The chains are locked, in order, until the commit. `write`
    inserts the links, where there are very many.
    """
    ids = [*session.info.pop(UNSEALED, ()), *also]
    if not ids:
        return
    found = list(contents(session, ids))
    sponsors = sorted({sponsor for content in found for sponsor in content.sponsors})
    _lock(session, sponsors)
    last = {head.sponsor_id: head for head in heads(session, sponsors)}
    links = []
    for content in found:
        for sponsor_id in content.sponsors:
            before = last.get(sponsor_id) or Head(sponsor_id)
            last[sponsor_id] = head = link(before, content)
            links.append(
                {
                    "sponsor_id": sponsor_id,
                    "sequence": head.sequence,
                    "change_id": content.change_id,
                    "parts": marks(content, sponsor_id),
                    "digest": head.digest,
                }
            )
    if links and write:
        write(links)
    elif links:
        session.execute(insert(ChangeSeal), links)


def unsealed(session: Session) -> Sequence[int]:
    """Changes that no chain holds: of a time before there were chains, or slipped in."""
    sealed = select(ChangeSeal.change_id).where(ChangeSeal.change_id == Change.id).exists()
    return session.scalars(select(Change.id).where(~sealed).order_by(Change.id)).all()


def heads(session: Session, sponsors: Sequence[int] | None = None) -> list[Head]:
    """The last link of each chain, or of those of `sponsors`."""
    if sponsors is None:
        sponsors = session.scalars(select(ChangeSeal.sponsor_id).distinct()).all()
    wanted = _each(session, sponsors)
    other = aliased(ChangeSeal)
    newest = select(func.max(other.sequence)).where(other.sponsor_id == wanted.c.value)
    last = and_(
        ChangeSeal.sponsor_id == wanted.c.value, ChangeSeal.sequence == newest.scalar_subquery()
    )
    rows = select(ChangeSeal.sponsor_id, ChangeSeal.sequence, ChangeSeal.digest)
    found = session.execute(rows.select_from(wanted).join(ChangeSeal, last))
    return sorted((Head(*row) for row in found), key=attrgetter("sponsor_id"))


def link(before: Head, content: Content) -> Head:
    """The link that `content` makes after `before`."""
    sequence = before.sequence + 1
    sealed = (before.digest, before.sponsor_id, sequence, content.change_id)
    text = VALUE.join(map(str, (*sealed, *content.parts(before.sponsor_id))))
    return Head(before.sponsor_id, sequence, sha256(text.encode()).hexdigest())


def marks(content: Content, sponsor_id: int) -> str:
    """By which one sees later which part of a change was altered."""
    return "".join(part[:8].ljust(8, "-") for part in content.parts(sponsor_id))


def contents(session: Session, ids: Sequence[int] | None = None) -> Iterator[Content]:
    """What there is of all changes, or of `ids`, in the order of their ids.

    Rows whose change is missing come too, without its digest.
    """
    changes, scopes, items = (_digests(session, model, ids) for model in PARTS)
    for id, (change, scoped, listed) in side_by_side(changes, scopes, items):
        yield Content(id, (change or {}).get(NO_SPONSOR), scoped or {}, listed or {})


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
    many = ids is None or len(ids) > CHUNK or model is ChangeItem
    found = session.execute(rows, execution_options={"yield_per": CHUNK} if many else {})
    for id, lines in groupby(found, key=itemgetter(0)):
        digests: dict[int, Any] = {}
        counts: dict[int, int] = {}
        for _id, sponsor, line in lines:
            if sponsor not in digests:
                digests[sponsor], counts[sponsor] = sha256(), 0
            digests[sponsor].update(line.encode())
            counts[sponsor] += 1
        for sponsor, digest in digests.items():
            digest.update(str(counts[sponsor]).encode())
        yield id, {sponsor: digest.hexdigest() for sponsor, digest in digests.items()}


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


def _lock(session: Session, sponsors: Iterable[int]) -> None:
    """Hold the chains until the commit. SQLite has but one writer."""
    if session.get_bind().dialect.name == "postgresql":
        slots = sorted({sponsor % SLOTS for sponsor in sponsors})
        slot = func.unnest(literal(slots, ARRAY(Integer))).column_valued("slot")
        session.execute(select(func.pg_advisory_xact_lock(LOCKS, slot)))


def _each(session: Session, ids: Sequence[int]) -> Any:
    """Ids as rows of a table, with the column `value`."""
    if session.get_bind().dialect.name == "postgresql":
        listed = func.unnest(literal(list(ids), ARRAY(BigInteger)))
        return listed.table_valued("value").render_derived()
    return func.json_each(json.dumps(list(ids))).table_valued("value")
