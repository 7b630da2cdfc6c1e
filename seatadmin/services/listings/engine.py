"""What a list is and what is asked of it: columns, filters, sorts and search as data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, false, or_, true
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.permissions import Actor, Reach

Choices = Sequence[tuple[str, str]]
Standings = frozenset[tuple[ProgramStatus, AccountStatus]]
"""Pairs of program and account status."""

Rows = Select[*tuple[Any, ...]]
"""A query whose columns are known only when it runs."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A named filter: `clause` and `standings` raise ValueError for a value they cannot take."""

    label: str
    clause: Callable[[str], ColumnElement[bool]] | None = None
    choices: Callable[[Session, Actor], Choices] | None = None
    """What can be chosen; None for a value that is typed, with `lookup` naming its suggestions."""
    lookup: str | None = None
    describe: Callable[[Session, Actor, str], str] | None = None
    """The words for a value that is not among the choices."""

    standings: Callable[[str], Standings] | None = None
    """The pairs of program and account status that a participant then has one of."""

    tells_all: bool = False
    """Whether the database lets `clause` hold for these pairs only."""

    leads: Callable[[str], bool] = lambda _value: False
    """Whether `clause` is the condition of an index, which holds just these rows."""

    enters: frozenset[str] = frozenset()
    """The columns whose values, when they are given, lead into that index or to one as good."""

    covers: bool = False
    """Whether the index by which its rows are found holds what they may be sorted by."""

    def check(self, value: str) -> None:
        """Raise ValueError for a value that the filter cannot take."""
        for reading in (self.clause, self.standings):
            if reading:
                reading(value)

    def in_words(self, session: Session, actor: Actor, value: str) -> str:
        """The value as a person reads it."""
        if self.describe:
            return self.describe(session, actor, value)
        return dict(self.choices(session, actor)).get(value, value) if self.choices else value


ENTRY = "id"
"""The sort by the order of entry."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search is looking for; a `broad` one finds too many to sort them, or surely `few`.

    `matches` is the same condition for whatever is typed, so that statements need not be made
    anew; `values` are those of its parameters.
    """

    matches: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)
    broad: bool = False
    few: bool = False

    @property
    def clause(self) -> ColumnElement[bool]:
        """The condition with its values."""

        def given(part: Any, **_: Any) -> BindParameter[Any] | None:
            is_asked = isinstance(part, BindParameter) and part.key in self.values
            return bindparam(None, self.values[part.key], part.type) if is_asked else None

        found: ColumnElement[bool] = visitors.replacement_traverse(self.matches, {}, given)  # type: ignore[call-overload]
        return found


EVERYTHING = Found(true())
"""What is found without a search."""


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """What a list shows. Sort keys are never NULL; the id breaks ties, as in their indexes."""

    model: Any
    columns: Mapping[str, Any]
    sorts: Mapping[str, tuple[Any, ...]]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: Callable[[Session, Actor, str], Found] | None = None
    base: ColumnElement[bool] = field(default_factory=true)
    standing: Callable[[Standings | None, bool], ColumnElement[bool]] | None = None
    """The rows of some pairs of statuses (None: of any), in place of `base`; whether they are
    narrowed by something else."""
    join: Callable[[Rows], Rows] = lambda query: query
    default_sort: tuple[str, bool] = ("name", False)
    loads: tuple[Any, ...] = ()
    """What is loaded with a row that is opened."""

    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns by whose values the index of a sort is entered, when they are given."""

    def leading(self, query: "Query") -> tuple[ColumnElement[bool], frozenset[str]] | None:
        """The condition of a filter that has indexes of its own, and what those are entered by.

        Of several such filters the last declared.
        """
        places = list(self.filters.values())
        found = {
            places.index(declared): (or_(*map(declared.clause, values)), declared.enters)
            for declared, values in self._asked(query)
            if declared.clause and all(map(declared.leads, values))
        }
        return found[max(found)] if found else None

    def keys(self, query: "Query") -> tuple[ColumnElement[Any], ...]:
        """By what the rows are sorted, the most important first; the id decides at last."""
        name = query.sort or self.default_sort[0]
        return self.sorts.get(name, ())

    def matching(self, session: Session, actor: Actor, query: "Query") -> ColumnElement[bool]:
        """Filters and search as one condition. Values of one filter are alternatives.

        Raises ValueError for a filter value that cannot be.
        """
        return and_(self.filtering(actor, query), self.searching(session, actor, query).clause)

    def searching(self, session: Session, actor: Actor, query: "Query") -> Found:
        """What the query's search finds: everything without one."""
        if not (query.search and self.search):
            return EVERYTHING
        return self.search(session, actor, query.search)

    def filtering(self, actor: Actor, query: "Query") -> ColumnElement[bool]:
        """The filters as one condition. Values of one filter are alternatives."""
        if query.malformed:
            return false()
        clauses: list[ColumnElement[bool]] = []
        standings: list[Standings] = []
        told: list[Standings] = []
        for declared, values in self._asked(query):
            if declared.clause:
                clauses.append(or_(*map(declared.clause, values)))
            if declared.standings:
                standings.append(frozenset().union(*map(declared.standings, values)))
                told += standings[-1:] if declared.tells_all else []
        if not self.standing:
            return and_(self.base, *clauses)
        found = frozenset.intersection(*standings) if standings else None
        if found in told and not self._sorts_by_standing(query):
            return and_(*clauses)
        is_narrowed = bool(clauses) or actor.reach is not Reach.ALL
        return and_(*clauses, self.standing(found, is_narrowed))

    def _sorts_by_standing(self, query: "Query") -> bool:
        """Then the index of the order begins with a status, and is entered where that is said."""
        declared = self.filters.get(query.sort or "")
        return bool(declared and declared.standings)

    def _asked(self, query: "Query") -> Iterator[tuple[Filter, list[str]]]:
        """Each filter of the query, with its values."""
        for name in dict.fromkeys(name for name, _ in query.filters):
            yield self.filters[name], [value for key, value in query.filters if key == name]


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a list: its search, filters, order and place."""

    search: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    malformed: tuple[tuple[str, str], ...] = ()
    """Filters that are unknown or cannot take their value: beside one, no row matches."""

    sort: str | None = None
    descending: bool = False
    size: int = 50
    after: int | None = None
    before: int | None = None
    columns: tuple[str, ...] = ()
    """The columns that were chosen; none for those that the list shows by itself."""

    @property
    def beside(self) -> int | None:
        """The id of the row beside which the page lies: past it, or before it."""
        return self.after or self.before

    @property
    def asks(self) -> bool:
        """Whether rows are left out."""
        return bool(self.search or self.filters or self.malformed)

    @property
    def without_place(self) -> "Query":
        """The same question, from its first page on."""
        return replace(self, after=None, before=None)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and the ids of the rows beside which its neighbors lie."""

    rows: Sequence[Any]
    query: Query
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
