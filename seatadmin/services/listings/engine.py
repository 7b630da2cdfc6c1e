"""One page of a list: scope, filters, search, bounded total and keyset paging, in two statements.

A page is found by the row beside it (`after`, `before`), never by counting from the start, so the
last page costs what the first does. The address holds that row's id and no personal value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, true, tuple_
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


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list shows. Sort keys are never NULL; the id breaks ties."""

    model: Any
    columns: Mapping[str, Any]
    sorts: Mapping[str, Any]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: Callable[[Session, Actor, str], ColumnElement[bool]] | None = None
    base: ColumnElement[bool] = field(default_factory=true)
    join: Callable[[Rows], Rows] = lambda query: query
    default_sort: tuple[str, bool] = ("name", False)

    def matching(self, session: Session, actor: Actor, query: "Query") -> ColumnElement[bool]:
        """Filters and search as one condition. Values of one filter are alternatives.

        Raises ValueError for a filter value that cannot be.
        """
        clauses = [self.base]
        for name in dict.fromkeys(name for name, _ in query.filters):
            clause = self.filters[name].clause
            clauses.append(or_(*(clause(value) for key, value in query.filters if key == name)))
        if query.search and self.search:
            clauses.append(self.search(session, actor, query.search))
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
    wanted = _wanted(session, actor, listing, query)
    rows = session.execute(_rows(actor, listing, query, wanted)).all()
    if not rows and (query.after or query.before):
        return page(session, actor, listing, replace(query, after=None, before=None), bound)
    more, rows = len(rows) > query.size, rows[: query.size]
    if query.before:
        rows = rows[::-1]
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    forward = more or bool(query.before)
    backward = more if query.before else bool(query.after)
    whole = not (forward or backward)  # one page holds everything: no need to count
    return Page(
        rows=rows,
        total=len(rows) if whole else _count(session, listing, wanted, bound),
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
    """All matching rows with these columns in the list's order, for an export."""
    named = [column.label(name) for name, column in columns.items()]
    rows = listing.join(select(*named)).where(_wanted(session, actor, listing, query))
    return rows.order_by(*_order(listing, query, query.descending))


def _wanted(session: Session, actor: Actor, listing: Listing, query: Query) -> ColumnElement[bool]:
    return and_(visible(actor, listing.model), listing.matching(session, actor, query))


def _count(session: Session, listing: Listing, wanted: ColumnElement[bool], bound: int) -> int:
    found = select(literal(1)).select_from(listing.model).where(wanted).limit(bound + 1)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _rows(actor: Actor, listing: Listing, query: Query, wanted: ColumnElement[bool]) -> Rows:
    named = [column.label(name) for name, column in listing.columns.items()]
    rows = listing.join(select(listing.model.id.label("id"), *named)).where(wanted)
    descending = query.descending != bool(query.before)
    beside = query.before or query.after
    if beside:
        here = (listing.model.id == beside) & visible(actor, listing.model)
        rows = rows.where(_beyond(listing, query, here, descending))
    return rows.order_by(*_order(listing, query, descending)).limit(query.size + 1)


def _beyond(
    listing: Listing, query: Query, beside: ColumnElement[bool], descending: bool
) -> ColumnElement[bool]:
    """The rows past the one that `beside` picks, in the order of the list; none where it is not."""
    key = _key(listing, query)
    own = listing.join(select(key)).where(beside).correlate(None)
    here = tuple_(key, listing.model.id)
    there = tuple_(own.scalar_subquery(), literal(query.before or query.after))
    return here < there if descending else here > there


def _order(listing: Listing, query: Query, descending: bool) -> list[ColumnElement[Any]]:
    columns = (_key(listing, query), listing.model.id)
    return [column.desc() if descending else column.asc() for column in columns]


def _key(listing: Listing, query: Query) -> ColumnElement[Any]:
    key: ColumnElement[Any] = listing.sorts[query.sort or listing.default_sort[0]]
    return key
