"""Checking the audit's chains: which row was altered, added or taken away since it was sealed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from seatadmin.ledger import ChangeItem, ChangeScope, ChangeSeal
from seatadmin.services.chain import START, Head, link, marks
from seatadmin.services.sealed import CHUNK, NO_SPONSOR, Content, contents, side_by_side

TABLES = ("change", "change_scope", "change_item")
"""What the three parts of a seal's marks are about."""


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """A place where a chain does not hold."""

    sponsor_id: int
    sequence: int
    change_id: int
    why: str

    def __str__(self) -> str:
        return f"{chain_name(self.sponsor_id)}, change {self.change_id}: {self.why}"


def chain_name(sponsor_id: int) -> str:
    """What a person calls a chain."""
    return f"Chain of sponsor {sponsor_id}" if sponsor_id else "Chain of no sponsor"


def breaks(session: Session) -> Iterator[Break]:
    """Every break, in the order of the changes. Reads the whole audit; changes nothing."""
    found = ((content.change_id, content) for content in contents(session))
    for id, (content, sealed) in side_by_side(found, _seals(session)):
        yield from _of_one(session, content or Content(id), sealed or [])


def cut_off(session: Session, kept: Iterable[Head]) -> Iterator[Break]:
    """Where the chains no longer hold a head that was kept elsewhere."""
    for head in kept:
        place = (head.sponsor_id, head.sequence)
        seal = session.get(ChangeSeal, place, populate_existing=True)
        if seal is None:
            yield Break(*place, 0, f"change_seal: link {head.sequence} was cut off.")
        elif seal.digest != head.digest:
            why = f"change_seal: link {head.sequence} is not the one that was kept."
            yield Break(*place, seal.change_id, why)


def _seals(session: Session) -> Iterator[tuple[int, list[Row[Any]]]]:
    """The links of each change, each with the digest of the one before and how far that lies."""
    chain: Any = {"partition_by": ChangeSeal.sponsor_id, "order_by": ChangeSeal.sequence}
    columns = (ChangeSeal.change_id, ChangeSeal.sponsor_id, ChangeSeal.sequence)
    rows = select(
        *columns,
        ChangeSeal.parts,
        ChangeSeal.digest,
        func.lag(ChangeSeal.digest, 1, START).over(**chain).label("before"),
        func.lag(ChangeSeal.sequence, 1, 0).over(**chain).label("after"),
    ).order_by(*columns)
    found = session.execute(rows, execution_options={"yield_per": CHUNK})
    for id, links in groupby(found, key=attrgetter("change_id")):
        yield id, list(links)


def _of_one(session: Session, content: Content, sealed: list[Row[Any]]) -> Iterator[Break]:
    """The breaks of one change."""
    id = content.change_id
    if content.change is None:
        for sponsor_id, sequence in [(s.sponsor_id, s.sequence) for s in sealed] or [(0, 0)]:
            yield Break(sponsor_id, sequence, id, "change: the row is missing.")
        return
    chains = [seal.sponsor_id for seal in sealed]
    for sponsor_id in sorted(set(content.sponsors) - set(chains)):
        missing = "change_seal: it is not sealed" + (" there." if sealed else ".")
        yield Break(sponsor_id, 0, id, missing)
    for seal in sealed:
        why = _why(session, content, seal)
        if why or chains.count(seal.sponsor_id) > 1:
            yield Break(seal.sponsor_id, seal.sequence, id, why or "change_seal: sealed twice.")


def _why(session: Session, content: Content, seal: Row[Any]) -> str | None:
    """What is wrong with one link; None when it holds."""
    if seal.sponsor_id not in content.sponsors:
        return "change_scope, change_item: its rows of this sponsor are missing."
    if seal.sequence != seal.after + 1:
        return f"change_seal: link {seal.after + 1} before it is missing."
    now = marks(content, seal.sponsor_id)
    for number, table in enumerate(TABLES):
        part = slice(8 * number, 8 * number + 8)
        if now[part] != seal.parts[part]:
            return f"{table}: {_rows(session, table, content.change_id, seal.sponsor_id)}"
    if link(Head(seal.sponsor_id, seal.after, seal.before), content).digest != seal.digest:
        return f"change_seal: link {seal.sequence}, or the one before it, was rewritten."
    return None


def _rows(session: Session, table: str, change_id: int, sponsor_id: int) -> str:
    """Which row of a table was altered, as narrowly as the seal tells."""
    if table == "change":
        return f"row {change_id} was altered."
    if table == "change_scope":
        return "a row was altered, added or removed."
    sealed = select(func.sum(ChangeScope.subjects)).where(*_of(ChangeScope, change_id, sponsor_id))
    items = select(ChangeItem.subject_id).where(*_of(ChangeItem, change_id, sponsor_id))
    ids = session.scalars(items.order_by(ChangeItem.subject_id)).all()
    expected = session.scalar(sealed) or 0
    if len(ids) != expected:
        return f"{len(ids)} rows where {expected} were sealed."
    if len(ids) == 1:
        return f"row {change_id}, {ids[0]} was altered."
    return f"one of the {len(ids)} rows from {change_id}, {ids[0]} was altered."


def _of(model: Any, change_id: int, sponsor_id: int) -> tuple[Any, Any]:
    """The rows of a change that belong to a sponsor's chain."""
    same = func.coalesce(model.sponsor_id, NO_SPONSOR) == sponsor_id
    return model.change_id == change_id, same
