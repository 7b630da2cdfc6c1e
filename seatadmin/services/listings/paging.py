"""One page of a list: scope, filters, search, bounded total and keyset paging, in one statement.

A page is found by the row beside it (`after`, `before`), never by counting from the start, so the
last page costs what the first does. The address holds that row's id and no personal value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from seatadmin.permissions import Actor
from seatadmin.services.listings.engine import ENTRY, Found, Listing, Page, Query, Rows
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
    whose = replace(actor, id=None)
    beyond = _surely_beyond(session, whose, listing, query, found)
    fields = fields or tuple(listing.columns)
    counted = None if beyond else bound
    asked = (whose, listing, query.without_place, _towards(query), fields, counted)
    statement = _statement(*asked, found.clause) if query.search else _kept_statement(*asked)
    rows = session.connection().execute(statement, {"beside": query.beside}).all()
    if not rows and query.beside:
        return page(session, actor, listing, query.without_place, bound, fields)
    total = bound + 1 if beyond else rows[0].total if rows else 0
    if total > bound and _is_unfiltered(query):
        remember(session, (whose, listing))
    return _page(query, rows, total, bound)


def total(session: Session, actor: Actor, listing: Listing, query: Query, bound: int) -> int:
    """How many rows match, counted up to `bound` + 1."""
    return session.scalar(_count(listing, _wanted(session, actor, listing, query), bound)) or 0


def everything(
    session: Session, actor: Actor, listing: Listing, query: Query, columns: Mapping[str, Any]
) -> Rows:
    """All matching rows with these columns, for an export: in the order that was asked for.

    Without one they come in the order of entry, in which they lie.
    """
    query = query if query.sort else replace(query, sort=ENTRY, descending=False)
    named = [column.label(name) for name, column in columns.items()]
    rows = listing.join(select(*named)).where(_wanted(session, actor, listing, query))
    return rows.order_by(*_order(listing, query, query.descending))


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
        return not query.filters
    return _is_unfiltered(query) and remembered(session, (whose, listing))


def _is_unfiltered(query: Query) -> bool:
    return not (query.search or query.filters)


def _wanted(session: Session, actor: Actor, listing: Listing, query: Query) -> ColumnElement[bool]:
    return and_(visible(actor, listing.model), listing.matching(session, actor, query))


def _towards(query: Query) -> str | None:
    return "after" if query.after else "before" if query.before else None


def _statement(
    actor: Actor,
    listing: Listing,
    query: Query,
    towards: str | None,
    fields: tuple[str, ...],
    bound: int | None,
    found: ColumnElement[bool] = true(),  # noqa: B008 (a constant)
) -> Rows:
    """The statement of a page: one row more than it shows, each with the total up to `bound`."""
    wanted = and_(visible(actor, listing.model), listing.filtering(query), found)
    named = [listing.columns[name].label(name) for name in fields]
    rows = listing.join(select(listing.model.id.label("id"), *named))
    if bound is not None:
        rows = rows.add_columns(_count(listing, wanted, bound).scalar_subquery().label("total"))
    descending = query.descending != (towards == "before")
    if towards:
        wanted = listing.model.id.in_(_beyond(actor, listing, query, wanted, descending))
    return rows.where(wanted).order_by(*_order(listing, query, descending)).limit(query.size + 1)


_kept_statement = lru_cache(500)(_statement)
"""Making a statement costs as much as running it."""


def _count(listing: Listing, wanted: ColumnElement[bool], bound: int) -> Select[int]:
    found = select(literal(1)).select_from(listing.model).where(wanted).limit(bound + 1)
    return select(func.count()).select_from(found.subquery())


def _beyond(
    actor: Actor, listing: Listing, query: Query, wanted: ColumnElement[bool], descending: bool
) -> Select[int]:
    """The ids past the row beside: first those with the same key, then those with a later one.

    Each part is one seek in the index of the sort. Comparing pairs would be one condition, but
    SQLite then reads all rows with the same key.
    """
    id, key = listing.model.id, _key(listing, query)
    beside = select(key).where(id == BESIDE, visible(actor, listing.model))
    here = beside.correlate(None).scalar_subquery()
    parts = [
        select(id.label("id")).where(wanted, part).order_by(*_order(listing, query, descending))
        for part in (
            and_(key == here, _past(id, BESIDE, descending)),
            _past(key, here, descending),
        )
    ]
    limited = [part.limit(query.size + 1).subquery() for part in parts]
    return select(union_all(*(select(part.c.id) for part in limited)).subquery().c.id)


def _past(column: Any, value: Any, descending: bool) -> ColumnElement[bool]:
    past: ColumnElement[bool] = column < value if descending else column > value
    return past


def _order(listing: Listing, query: Query, descending: bool) -> list[ColumnElement[Any]]:
    columns = (_key(listing, query), listing.model.id)
    return [column.desc() if descending else column.asc() for column in columns]


def _key(listing: Listing, query: Query) -> ColumnElement[Any]:
    name = query.sort or listing.default_sort[0]
    key: ColumnElement[Any] = listing.model.id if name == ENTRY else listing.sorts[name]
    return key
