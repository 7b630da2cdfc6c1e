"""Everything that the database holds, to compare; but for notes that something was refused."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeKind

Contents = dict[str, list[str]]

_REFUSALS = select(Change.id).where(Change.kind == ChangeKind.REFUSAL)
_PARTS = ("change_scope", "change_seal", "change_personal")


def contents(session: Session) -> Contents:
    """Table -> its rows, without those of refusals."""
    tables = db.metadata.sorted_tables
    return {table.name: sorted(map(repr, session.execute(_rows(table)))) for table in tables}


def refusals(session: Session) -> int:
    """How many refusals are noted."""
    return len(session.execute(_REFUSALS).all())


def _rows(table: Any) -> Select[Any]:
    if table.name == "change":
        return select(table).where(table.c.kind != ChangeKind.REFUSAL)
    if table.name in _PARTS:
        return select(table).where(table.c.change_id.not_in(_REFUSALS))
    return select(table)
