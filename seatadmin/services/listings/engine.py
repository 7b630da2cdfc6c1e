"""One page of a list: scope, filters, search, bounded total and keyset paging, in two statements.

A page is found by the row beside it (`after`, `before`), never by counting from the start, so the
last page costs what the first does. The address holds that row's id and no personal value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from seatadmin.permissions import Actor
from seatadmin.services.scope import visible

Choices = Sequence[tuple[str, str]]
Rows = Select[*tuple[Any, ...]]
"""A query whose columns are known only when it runs."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A named filter: `clause` raises ValueError for a value that it cannot take."""

    label: str
    clause: Callable[[str], ColumnElement[bool]]
    choices: Callable[[Session, Actor], Choices] | None = None
    """What can be chosen; None for a value that is typed, with `lookup` naming its suggestions."""
    lookup: str | None = None
    describe: Callable[[Session, Actor, str], str] | None = None
    """The words for a value that is not among the choices."""

    def in_words(self, session: Session, actor: Actor, value: str) -> str:
        """The value as a person reads it."""
        if self.describe:
            return self.describe(session, actor, value)
        return dict(self.choices(session, actor)).get(value, value) if self.choices else value


ENTRY = "id"
"""The sort by the order of entry."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search is looking for; a `broad` one finds too many to sort them."""

    clause: ColumnElement[bool]
    broad: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list shows. Sort keys are never NULL; the id breaks ties."""

    model: Any
    columns: Mapping[str, Any]
    sorts: Mapping[str, Any]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: Callable[[Session, Actor, str], Found] | None = None
    base: ColumnElement[bool] = field(default_factory=true)
    join: Callable[[Rows], Rows] = lambda query: query
    default_sort: tuple[str, bool] = ("name", False)

    def matching(self, session: Session, actor: Actor, query: "Query") -> ColumnElement[bool]:
        """Filters and search as one condition. Values of one filter are alternatives.

        Raises ValueError for a filter value that cannot be.
        """
        return and_(self.filtering(query), self.searching(session, actor, query).clause)

    def searching(self, session: Session, actor: Actor, query: "Query") -> Found:
        """What the query's search finds: everything without one."""
        if not (query.search and self.search):
            return Found(true())
        return self.search(session, actor, query.search)

    def filtering(self, query: "Query") -> ColumnElement[bool]:
        """The filters as one condition. Values of one filter are alternatives."""
        clauses = [self.base]
        for name in dict.fromkeys(name for name, _ in query.filters):
            clause = self.filters[name].clause
            clauses.append(or_(*(clause(value) for key, value in query.filters if key == name)))
        return and_(*clauses)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a list: its search, filters, order and place."""

    search: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str | None = None
    descending: bool = False
    size: int = 50
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and the ids of the rows beside which its neighbors lie."""

    rows: Sequence[Any]
    query: "Query"
    """The query as it was answered: a broad search has its own order."""
    total: int
    bound: int
    next_after: int | None
    prev_before: int | None

    @property
    def total_text(self) -> str:
        """The total as shown: exact up to the bound, then like "1,000+"."""
        return total_text(self.total, self.bound)


def total_text(total: int, bound: int) -> str:
    """A total as shown: exact up to `bound`, then like "1,000+"."""
    return f"{bound:,}+" if total > bound else f"{total:,}"


def page(session: Session, actor: Actor, listing: Listing, query: Query, bound: int) -> Page:
    """The page that `query` asks for; `bound` is up to where the total is exact.

    Where nothing lies beside the row of the address (it may be gone by now), the first page.
    """
    found = listing.searching(session, actor, query)
    if found.broad:
        query = replace(query, sort=ENTRY, descending=False)
    wanted = and_(visible(actor, listing.model), listing.filtering(query), found.clause)
    here = _key_beside(session, actor, listing, query)
    if here is None:
        query = replace(query, after=None, before=None)
    rows = session.execute(_rows(listing, query, wanted, here)).all()
    if not rows and here is not None:
        return page(session, actor, listing, replace(query, after=None, before=None), bound)
    more, rows = len(rows) > query.size, rows[: query.size]
    if query.before:
        rows = rows[::-1]
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    forward = more or bool(query.before)
    backward = more if query.before else bool(query.after)
    if not (forward or backward):
        counted = len(rows)  # one page holds everything
    elif found.broad and not query.filters:
        counted = bound + 1  # a broad search finds more than any bound
    else:
        counted = _count(session, listing, wanted, bound)
    return Page(
        rows=rows,
        query=query,
        total=counted,
        bound=bound,
        next_after=last if forward else None,
        prev_before=first if backward else None,
    )


def total(session: Session, actor: Actor, listing: Listing, query: Query, bound: int) -> int:
    """How many rows match, counted up to `bound` + 1."""
    return _count(session, listing, _wanted(session, actor, listing, query), bound)


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


def _wanted(session: Session, actor: Actor, listing: Listing, query: Query) -> ColumnElement[bool]:
    return and_(visible(actor, listing.model), listing.matching(session, actor, query))


def _count(session: Session, listing: Listing, wanted: ColumnElement[bool], bound: int) -> int:
    found = select(literal(1)).select_from(listing.model).where(wanted).limit(bound + 1)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _key_beside(session: Session, actor: Actor, listing: Listing, query: Query) -> Any:
    """The sort key of the row beside which the page lies; None when there is no such row."""
    if not (query.before or query.after):
        return None
    beside = listing.model.id == (query.before or query.after)
    return session.scalar(
        listing.join(select(_key(listing, query))).where(beside, visible(actor, listing.model))
    )


def _rows(listing: Listing, query: Query, wanted: ColumnElement[bool], here: Any) -> Rows:
    named = [column.label(name) for name, column in listing.columns.items()]
    rows = listing.join(select(listing.model.id.label("id"), *named))
    descending = query.descending != bool(query.before)
    if here is not None:
        rows = rows.where(listing.model.id.in_(_beyond(listing, query, wanted, here, descending)))
    else:
        rows = rows.where(wanted)
    return rows.order_by(*_order(listing, query, descending)).limit(query.size + 1)


def _beyond(
    listing: Listing, query: Query, wanted: ColumnElement[bool], here: Any, descending: bool
) -> Select[int]:
    """The ids past the row beside: first those with the same key, then those with a later one.

    Each part is one seek in the index of the sort. Comparing pairs would be one condition, but
    SQLite then reads all rows with the same key.
    """
    id, key = listing.model.id, _key(listing, query)
    ties = and_(key == here, _past(id, query.before or query.after, descending))
    parts = [
        select(id.label("id")).where(wanted, part).order_by(*_order(listing, query, descending))
        for part in (ties, _past(key, here, descending))
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
