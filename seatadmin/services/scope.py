"""Whose rows: the one clause by which every query, lookup and selection is narrowed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    any_,
    bindparam,
    cast,
    false,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeScope
from seatadmin.permissions import Actor, Reach


def visible(actor: Actor, model: Any) -> ColumnElement[bool]:
    """The condition under which `actor` may see a row of `model`. An unknown table is not seen."""
    if actor.reach is Reach.ALL:
        return true()
    if model is Change:
        seen = select(ChangeScope.change_id).where(visible(actor, ChangeScope))
        return Change.id.in_(seen)
    column = model.scope_columns.get(actor.reach)
    own = {Reach.SPONSOR: actor.sponsor_id, Reach.EMPLOYER: actor.employer_id}[actor.reach]
    return false() if column is None or own is None else getattr(model, column) == own


def get(
    session: Session, actor: Actor, model: Any, id: int | None, loads: tuple[Any, ...] = ()
) -> Any:
    """The row with this id, and with what `loads` says; None when it is absent or out of scope."""
    statement = _one(actor.unnamed, model, loads)
    return session.execute(statement, {"wanted": id}).scalar_one_or_none()


@lru_cache(500)
def _one(whose: Actor, model: Any, loads: tuple[Any, ...]) -> Select[Any]:
    """Written once: that takes as long as to run it."""
    wanted = bindparam("wanted", type_=model.id.type)
    return select(model).where(model.id == wanted, visible(whose, model)).options(*loads)


def one_of(session: Session, column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """`column` is among `ids`, as one parameter however many there are."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        among: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(BigInteger)))
        return among
    return listed(dialect, column, literal(json.dumps(list(ids))))


def listed(dialect: str, column: Any, ids: ColumnElement[str]) -> ColumnElement[bool]:
    """`column` is among the `ids` of a text: a JSON array, or what PostgreSQL writes of its own."""
    if dialect == "postgresql":
        among: ColumnElement[bool] = column == any_(cast(ids, ARRAY(BigInteger)))
        return among
    each = func.json_each(ids).table_valued("value")
    found: ColumnElement[bool] = column.in_(select(each.c.value))
    return found


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that an act is asked for: some ids, or everything that a condition matches.

    Beside a condition, an id only says whom it is about.
    """

    ids: tuple[int, ...] = ()
    matching: ColumnElement[bool] | None = None

    def clause(self, session: Session, id_column: Any) -> ColumnElement[bool]:
        """The condition that picks these rows. The scope is not in it: `visible` adds that."""
        if self.matching is not None:
            return self.matching
        return one_of(session, id_column, self.ids)
