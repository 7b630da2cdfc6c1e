"""One page of a list: scope, filters, search, bounded total and keyset paging, in one statement.

A page is found by the row beside it (`after`, `before`), never by counting from the start, so the
last page costs what the first does. The address holds that row's id and no personal value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from seatadmin.permissions import Actor
from seatadmin.services.listings import ways
from seatadmin.services.listings.engine import ENTRY, Found, Listing, Page, Query, Rows
from seatadmin.services.listings.ways import Source, Way
from seatadmin.services.remembered import remember, remembered
from seatadmin.services.scope import visible

BESIDE = bindparam("beside", type_=Integer)
"""The id of the row beside which the page lies."""


def page(
    session: Session,
    actor: Actor,
    listing: Listing,
    query: Query,
    bound: int,
    fields: tuple[str, ...] | None = None,
) -> Page:
    """The page that `query` asks for, its rows with their id and `fields` (all, when not given).

    `bound` is up to where the total is exact.
    Where nothing lies beside the row of the address (it may be gone by now), the first page.
    """
    found = listing.searching(session, actor, query)
    if found.broad:
        query = replace(query, sort=ENTRY, descending=False)
    whose = actor.unnamed
    known = bound + 1 if _surely_beyond(session, whose, listing, query, found) else None
    way: Way = ways.found_first if found.few else ways.as_it_is
    if ways.is_apart(whose, listing, query, found):
        few = ways.few(whose, listing, query)
        known = total(session, actor, listing, query, max(few, bound))
        way = ways.way(listing, query, known <= few)
    fields = fields or tuple(listing.columns)
    counted = bound if known is None else None
    question = replace(query.without_place, search="")
    statement = _statement(
        whose, listing, question, found.matches, _towards(query), fields, counted, way
    )
    values = {**found.values, "beside": query.beside}
    rows = session.connection().execute(statement, values).all()
    if not rows and query.beside:
        return page(session, actor, listing, query.without_place, bound, fields)
    number = known if known is not None else rows[0].total if rows else 0
    if number > bound and _is_unfiltered(query):
        remember(session, (whose, listing))
    return _page(query, rows, number, bound)


def total(session: Session, actor: Actor, listing: Listing, query: Query, bound: int) -> int:
    """How many rows match, counted up to `bound` + 1."""
    found = listing.searching(session, actor, query)
    wanted = _wanted(actor, listing, query, found.clause)
    return session.scalar(_count(listing, wanted, literal(bound + 1))) or 0


def everything(
    session: Session, actor: Actor, listing: Listing, query: Query, columns: Mapping[str, Any]
) -> Rows:
    """All matching rows with these columns, for an export: in the order that was asked for.

    Without one they come in the order of entry, in which they lie.
    """
    query = query if query.sort else replace(query, sort=ENTRY, descending=False)
    named = [column.label(name) for name, column in columns.items()]
    found = listing.searching(session, actor, query)
    rows = listing.join(select(*named)).where(_wanted(actor, listing, query, found.clause))
    return rows.order_by(*_order(ways.as_it_is(listing, query, true()), query))


def _page(query: Query, rows: Sequence[Any], total: int, bound: int) -> Page:
    more, rows = len(rows) > query.size, rows[: query.size]
    if query.before:
        rows = rows[::-1]
    forward = more or bool(query.before)
    backward = more if query.before else bool(query.after)
    return Page(
        rows=rows,
        query=query,
        total=total,
        bound=bound,
        next_after=rows[-1].id if forward else None,
        prev_before=rows[0].id if backward else None,
    )


def _surely_beyond(
    session: Session, whose: Actor, listing: Listing, query: Query, found: Found
) -> bool:
    """Whether the total is beyond any bound without counting: so was the whole list just now."""
    if found.broad:
        return not (query.filters or query.malformed)
    return _is_unfiltered(query) and remembered(session, (whose, listing))


def _is_unfiltered(query: Query) -> bool:
    return not (query.search or query.filters or query.malformed)


def _wanted(
    actor: Actor, listing: Listing, query: Query, found: ColumnElement[bool]
) -> ColumnElement[bool]:
    wanted = and_(visible(actor, listing.model), listing.filtering(actor, query), found)
    leading = listing.leading(query)
    if leading is None:
        return wanted
    condition, entered = leading
    return and_(condition, ways.aside(listing, wanted, entered))


def _towards(query: Query) -> str | None:
    return "after" if query.after else "before" if query.before else None


@lru_cache(500)  # making a statement costs as much as running it
def _statement(
    actor: Actor,
    listing: Listing,
    query: Query,
    found: ColumnElement[bool],
    towards: str | None,
    fields: tuple[str, ...],
    bound: int | None,
    way: Way,
) -> Rows:
    """The statement of a page: one row more than it shows, each with the total up to `bound`."""
    wanted = _wanted(actor, listing, query, found)
    named = [listing.columns[name].label(name) for name in fields]
    rows = listing.join(select(listing.model.id.label("id"), *named))
    source, backwards = way(listing, query, wanted), towards == "before"
    if bound is not None:
        counted = _count(listing, wanted, _limit(wanted, bound))
        if source.first is not None:
            counted = select(func.count()).select_from(source.first)
        rows = rows.add_columns(counted.scalar_subquery().label("total"))
    shown, picked = _limit(wanted, query.size), source.wanted
    if towards or source.first is not None:
        picked = listing.model.id.in_(_ids(actor, listing, query, source, towards, shown))
    order = _order(ways.as_it_is(listing, query, picked), query, backwards)
    return rows.where(picked).order_by(*order).limit(shown)


def _limit(wanted: ColumnElement[bool], number: int) -> ColumnElement[int]:
    """`number` and one more; where no value that is wanted varies, in the statement's text.

    PostgreSQL then keeps one plan for all such pages, instead of planning each for longer than it
    reads. With values that vary the best plan depends on which they are.
    """
    varies = any(
        isinstance(part, BindParameter) and not part.literal_execute
        for part in visitors.iterate(wanted)
    )
    return literal(number + 1) if varies else literal_column(str(number + 1), Integer)


def _count(listing: Listing, wanted: ColumnElement[bool], limit: ColumnElement[int]) -> Select[int]:
    found = select(literal(1)).select_from(listing.model).where(wanted).limit(limit)
    return select(func.count()).select_from(found.subquery())


def _ids(
    actor: Actor,
    listing: Listing,
    query: Query,
    source: Source,
    towards: str | None,
    limit: ColumnElement[int],
) -> Select[int]:
    """The ids of a page's rows, and one more: past the row beside it, or the first ones.

    Past it lie first those with the same keys and a later id, then those with a later last key, and
    so on: each is one seek in the index of the sort. Comparing all keys at once would be one
    condition, but SQLite then reads all rows with the same first one.
    """
    backwards = towards == "before"
    rows = select(source.id.label("id")).where(source.wanted)
    rows = rows.order_by(*_order(source, query, backwards)).limit(limit)
    if not towards:
        return rows
    down = query.descending != backwards
    columns = (*source.keys, source.id)
    beside = _beside(actor, listing, query)
    parts = []
    for place in reversed(range(len(columns))):
        same = (columns[i] == beside[i] for i in range(place))
        parts.append(rows.where(*same, _past(columns[place], beside[place], down)).subquery())
    return select(union_all(*(select(part.c.id) for part in parts)).subquery().c.id)


def _beside(actor: Actor, listing: Listing, query: Query) -> list[Any]:
    """What the row beside the page is sorted by, its id at last.

    The id is looked up like the rest: by its value PostgreSQL would plan each page anew.
    """
    row = and_(listing.model.id == BESIDE, visible(actor, listing.model))
    values = (select(value).where(row) for value in (*listing.keys(query), listing.model.id))
    return [value.correlate(None).scalar_subquery() for value in values]


def _past(column: Any, value: Any, descending: bool) -> ColumnElement[bool]:
    past: ColumnElement[bool] = column < value if descending else column > value
    return past


def _order(source: Source, query: Query, backwards: bool = False) -> list[ColumnElement[Any]]:
    columns = (*source.keys, source.id)
    down = query.descending != backwards
    return [column.desc() if down else column.asc() for column in columns]
