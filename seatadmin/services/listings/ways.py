"""How the rows of a page are looked for, when they lie together but not in the order asked for.

The rows of an employer lie together in an index, in the order of their names. By another order
they are found in two ways, of which each is slow where the other is quick: a few are read and
sorted; of many, enough for a page are soon met along the index of that order. No database knows
which of the two it is, so they are counted first.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import FunctionElement

from seatadmin.permissions import Actor, Reach
from seatadmin.services.listings.engine import ENTRY, Found, Listing, Query

FEW, FEW_READ = 20_000, 5_000
"""So many rows are sorted sooner than a page is met along the index of an order: where their index
holds what they are sorted by, and where each row has to be read for it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page's rows are looked for: their ids, their sort keys, and what they must meet."""

    id: Any
    keys: Sequence[Any]
    wanted: ColumnElement[bool]
    first: CTE | None = None
    """All of them, where they are found first: a page's rows are read by their ids afterwards."""


Way = Callable[[Listing, Query, ColumnElement[bool]], Source]


def is_apart(actor: Actor, listing: Listing, query: Query, found: Found) -> bool:
    """Whether the rows lie together, and not in the order that is asked for."""
    together = bool(query.filters) or actor.reach is not Reach.ALL
    in_order = query.sort in (None, ENTRY, listing.default_sort[0])
    return together and not in_order and not found.few


def few(actor: Actor, listing: Listing, query: Query) -> int:
    """How many rows are few."""
    filters = (listing.filters[name] for name, _ in query.filters)
    is_covered = actor.reach is not Reach.ALL or any(one.covers for one in filters)
    return FEW if is_covered else FEW_READ


def way(listing: Listing, query: Query, are_few: bool) -> Way:
    """The way to rows that are apart."""
    return found_first if are_few or listing.leading(query) is not None else on_the_way


def as_it_is(listing: Listing, query: Query, wanted: ColumnElement[bool]) -> Source:
    """As the database chooses."""
    return Source(listing.model.id, listing.keys(query), wanted)


def found_first(listing: Listing, query: Query, wanted: ColumnElement[bool]) -> Source:
    """All of them by their index, before they are sorted."""
    keys = (key.label(f"key{i}") for i, key in enumerate(listing.keys(query)))
    few = select(listing.model.id.label("id"), *keys).where(wanted).cte("few")
    few = few.prefix_with("MATERIALIZED")
    id, *found = few.c
    return Source(id, found, true(), first=few)


def on_the_way(listing: Listing, query: Query, wanted: ColumnElement[bool]) -> Source:
    """Met along the index of the order."""
    keys = listing.keys(query)
    first = {getattr(part, "key", "") for part in visitors.iterate(keys[0])}
    entered = listing.entries.get(query.sort or "", ())
    return Source(listing.model.id, keys, aside(listing, wanted, first | {*entered}))


def aside(
    listing: Listing, wanted: ColumnElement[bool], but: Collection[str] = ()
) -> ColumnElement[bool]:
    """The same condition, for which SQLite takes no index but those of the columns `but`."""
    table = listing.model.__table__

    def plain(part: Any, **_: Any) -> Any:
        is_other = getattr(part, "table", None) is table and part.key not in but
        return _Aside(part) if is_other else None

    replaced: ColumnElement[bool] = visitors.replacement_traverse(wanted, {}, plain)  # type: ignore[call-overload]
    return replaced


class _Aside(FunctionElement[Any]):
    """A column; for SQLite `+column`, the same value of which no index tells."""

    inherit_cache = True


@compiles(_Aside)
def _as_column(element: _Aside, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


@compiles(_Aside, "sqlite")
def _with_plus(element: _Aside, compiler: Any, **how: Any) -> str:
    return f"+{_as_column(element, compiler, **how)}"
