"""The rows of a list as HTML, in one pass: hundreds of cells are too many for a template."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from operator import itemgetter
from typing import Any

from markupsafe import Markup

from seatadmin.services.listings.engine import Listing
from seatadmin.views.cells import PLAIN, Format

REMEMBERED = 1_000
"""Cells of a column that are kept ready: statuses, dates and employers come again and again."""

STATE = ("program_status", "account_status")

ROW_FIELDS = ("name", *STATE)
"""What a row itself shows of its record, beside its columns."""

Make = Callable[[Sequence[Any]], str]


class Table:
    """The columns of a list, ready to write rows that have an id and `fields`."""

    def __init__(
        self, listing: Listing, columns: Sequence[str], formats: Mapping[str, Format]
    ) -> None:
        shown = {name: formats.get(name, PLAIN) for name in columns}
        needed = dict.fromkeys(
            field for name, format in shown.items() for field in (name, *format.beside)
        )
        known = [name for name in (*needed, *ROW_FIELDS) if name in listing.columns]
        self.fields = tuple(dict.fromkeys(known))
        places = ("id", *self.fields)
        self._cells = [_cell(name, format, places) for name, format in shown.items()]
        self._named = places.index("name") if "name" in places else 0
        self._state = _picked(places, STATE)

    def rows_html(
        self, rows: Iterable[Sequence[Any]], states: Mapping[Any, int] | None, opens: bool
    ) -> Markup:
        """The `<tr>`s of `rows`, each of which begins with its id.

        With `states` (a number for each program and account status) each row can be ticked, and
        bears its state's number for the row menu; with `opens` it ends in the three dots that
        lead to its page.
        """
        parts: list[str] = []
        for row in rows:
            id = row[0]
            parts.append(f'<tr data-id="{id}"')
            if states is None:
                parts.append(">")
            else:
                parts.append(
                    f' data-state="{states[self._state(row)]}">'
                    f'<td><input type="checkbox" name="rowid" value="{id}"'
                    f' aria-label="Select {escape(row[self._named])}"></td>'
                )
            parts += [make(row) for make in self._cells]
            if opens:
                parts.append(f'<td><a class="kebab" href="details/?id={id}">Menu</a></td>')
            parts.append("</tr>\n")
        return Markup("".join(parts))  # noqa: S704 (every value went through escape or a cell)


def _cell(name: str, format: Format, fields: Sequence[str]) -> Make:
    """Writes the `<td>` of one column."""
    start = f'<td data-field="{name}"'

    def written(*values: Any) -> str:
        html, value = format.make(*values)
        if value is None or value == html:
            return f"{start}>{html}</td>"
        return f'{start} data-value="{escape(value)}">{html}</td>'

    pick = _picked(fields, (name, *format.beside))
    make = written if format.varied else lru_cache(REMEMBERED)(written)
    return lambda row: make(*pick(row))


def _picked(fields: Sequence[str], names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """Takes the values of `names` out of a row, always as a tuple; absent ones are None."""
    places = [fields.index(name) for name in names if name in fields]
    if len(places) == 1:
        return lambda row: (row[places[0]],)
    return itemgetter(*places) if places else lambda _row: ()
