"""The audit's chains, one a sponsor: each change is sealed onto the one before, as it is committed.

A link's digest covers the link before, the change, its scopes and its items of that sponsor. Who
rewrites, inserts or removes any of them has to rewrite every later link too, and then the last one
is not the one that was kept elsewhere. Personal values lie outside: they are erased with a person.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Select,
    and_,
    bindparam,
    event,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session, SessionTransaction, aliased, object_session

from seatadmin.ledger import Change, ChangeSeal
from seatadmin.services.sealed import VALUE, Content, contents

START = "0" * 64
"""What the first link of a chain is sealed onto."""

LOCKS, SLOTS = 0x5EA1, 256
"""PostgreSQL's advisory locks by which a chain grows: several chains may share one."""

UNSEALED = "unsealed_changes"

Links = list[dict[str, Any]]
"""Rows of `change_seal`."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain: kept elsewhere, it shows whether the tail was cut off."""

    sponsor_id: int
    sequence: int = 0
    digest: str = START


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
    dialect = session.get_bind().dialect.name
    ids: Any = list(sponsors) if dialect == "postgresql" else json.dumps(list(sponsors))
    found = session.connection().execute(_heads(dialect), {"sponsors": ids})
    return sorted((Head(*row) for row in found), key=attrgetter("sponsor_id"))


@lru_cache
def _heads(dialect: str) -> Select[int, int, str]:
    """The last links of `sponsors`, whose ids become rows. Written once: that takes long."""
    if dialect == "postgresql":
        given = bindparam("sponsors", type_=ARRAY(BigInteger))
        wanted = func.unnest(given).table_valued("value").render_derived()
    else:
        wanted = func.json_each(bindparam("sponsors")).table_valued("value")
    other = aliased(ChangeSeal)
    newest = select(func.max(other.sequence)).where(other.sponsor_id == wanted.c.value)
    last = and_(
        ChangeSeal.sponsor_id == wanted.c.value, ChangeSeal.sequence == newest.scalar_subquery()
    )
    rows = select(ChangeSeal.sponsor_id, ChangeSeal.sequence, ChangeSeal.digest)
    return rows.select_from(wanted).join(ChangeSeal, last)


def link(before: Head, content: Content) -> Head:
    """The link that `content` makes after `before`."""
    sequence = before.sequence + 1
    sealed = (before.digest, before.sponsor_id, sequence, content.change_id)
    text = VALUE.join(map(str, (*sealed, *content.parts(before.sponsor_id))))
    return Head(before.sponsor_id, sequence, sha256(text.encode()).hexdigest())


def marks(content: Content, sponsor_id: int) -> str:
    """By which one sees later which part of a change was altered."""
    return "".join(part[:8].ljust(8, "-") for part in content.parts(sponsor_id))


def _lock(session: Session, sponsors: Iterable[int]) -> None:
    """Hold the chains until the commit. SQLite has but one writer."""
    if session.get_bind().dialect.name == "postgresql":
        slots = sorted({sponsor % SLOTS for sponsor in sponsors})
        slot = func.unnest(literal(slots, ARRAY(Integer))).column_valued("slot")
        session.execute(select(func.pg_advisory_xact_lock(LOCKS, slot)))
