"""A list page: what the address asks for, and the page made from the rows that come back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, request
from flask_admin.model.filters import BaseFilter
from werkzeug.datastructures import MultiDict

from seatadmin.services.fields import shown
from seatadmin.services.listings.clauses import whole
from seatadmin.services.listings.engine import Filter, Listing, Query

PAGE_SIZES = (20, 50, 100, 200)
PAGE_SIZE = 50
LONGEST_SEARCH = 200


class NamedFilter(BaseFilter):
    """A listing's filter as Flask-Admin knows filters: `flt0_<name>_equals=<value>`."""

    def __init__(self, name: str, declared: Filter) -> None:
        super().__init__(name)
        self.declared = declared

    def operation(self) -> str:
        """The second half of the filter's name in addresses."""
        return "equals"

    def validate(self, value: str) -> bool:
        """Whether the filter can take this value."""
        try:
            self.declared.check(value)
        except ValueError:
            return False
        return True


def asked(listing: Listing, columns: Sequence[str], more: Sequence[str] = ()) -> Query:
    """What the present request (address or form) asks of a list. Odd values are left out.

    But not those of filters: what cannot be understood must not show more than was asked for.

    `columns` are shown unless others are chosen, out of these and `more`.
    """
    given: MultiDict[str, str] = request.values
    filters, malformed = _filters(listing, given)
    sort, descending = _order(listing, columns, given)
    query = Query(
        search=clean(given.get("search"))[:LONGEST_SEARCH],
        filters=filters,
        malformed=malformed,
        sort=sort,
        descending=descending,
        size=_size(given.get("page_size")),
        after=_beside(given.get("after")),
        before=_beside(given.get("before")),
        columns=_chosen(columns, more, given),
    )
    if query.after and query.before:
        query = replace(query, before=None)
    return query


def clean(text: str | None) -> str:
    """A typed text without what a database cannot hold, and without surrounding space."""
    return (text or "").replace("\x00", "").strip()


def say_malformed(query: Query) -> None:
    """Tell the person which filters of the address let no row through, and why."""
    for name, value in query.malformed:
        flash(
            f"The filter {shown(name)} = “{shown(value)}” matches nothing: it cannot take that.",
            "warning",
        )


def arguments(query: Query, **changed: Any) -> dict[str, str]:
    """The query as address parameters, with some of them changed or (None) taken away."""
    given = query.filters + query.malformed
    named: dict[str, Any] = {
        "search": query.search or None,
        "sort": query.sort,
        "desc": "1" if query.descending and query.sort else None,
        "page_size": None if query.size == PAGE_SIZE else query.size,
        **{f"flt{i}_{name}_equals": value for i, (name, value) in enumerate(given)},
        **changed,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def address(query: Query, **changed: Any) -> str:
    """The query as the last part of an address, with some of it changed."""
    chosen = [("col", name) for name in query.columns]
    given = urlencode([*arguments(query, **changed).items(), *chosen])
    return given and f"?{given}"


def _filters(
    listing: Listing, given: MultiDict[str, str]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The filters that can be read, and those that cannot, as they came. Blank ones ask nothing."""
    good: list[tuple[str, str]] = []
    bad: list[tuple[str, str]] = []
    for key, raw in given.items(multi=True):
        name = _filter_name(key)
        if name is None or not raw.strip():
            continue
        value, known = clean(raw), listing.filters.get(name)
        if value and known and NamedFilter(name, known).validate(value):
            good.append((name, value))
        else:
            bad.append((name, raw))
    return tuple(good), tuple(bad)


def _filter_name(key: str) -> str | None:
    """The name in `flt0_<name>_equals`; the digits are positions only."""
    if not key.startswith("flt"):
        return None
    position, _, name = key[3:].partition("_")
    return name.removesuffix("_equals") if position.isdigit() else None


def _order(
    listing: Listing, columns: Sequence[str], given: MultiDict[str, str]
) -> tuple[str | None, bool]:
    """The column to sort by, by its name or (Flask-Admin's way) its position."""
    sort = given.get("sort", "")
    if sort.isascii() and sort.isdigit() and int(sort[:6]) < len(columns):
        sort = columns[int(sort[:6])]
    if sort not in listing.sorts:
        return None, listing.default_sort[1]
    return sort, given.get("desc", "") in ("1", "true")


def _chosen(
    columns: Sequence[str], more: Sequence[str], given: MultiDict[str, str]
) -> tuple[str, ...]:
    """The columns that were chosen, in the order of the list; none when they are the usual."""
    wanted = set(given.getlist("col"))
    chosen = tuple(name for name in (*columns, *more) if name in wanted)
    return () if chosen == tuple(columns) else chosen


def _size(text: str | None) -> int:
    return int(text) if text in {str(size) for size in PAGE_SIZES} else PAGE_SIZE


def _beside(text: str | None) -> int | None:
    if not text:
        return None
    try:
        return whole(text)
    except ValueError:
        abort(404)
