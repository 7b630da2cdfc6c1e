"""The rows of a list as HTML, column by column: hundreds of cells are too many for a template."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from seatadmin.services.listings.engine import Listing
from seatadmin.views.cells import PLAIN, Format

REMEMBERED = 1_000
"""Cells of a column that are kept ready: statuses, dates and employers come again and again."""

STATE = ("program_status", "account_status")

ROW_FIELDS = ("name", *STATE)
"""What a row itself shows of its record, beside its columns."""

Make = Callable[..., str]


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
        self._places = ("id", *self.fields)
        self._cells = [
            (_cell(name, format), self._known(name, *format.beside))
            for name, format in shown.items()
        ]
        self._state = self._known(*STATE)

    def rows_html(
        self, rows: Sequence[Sequence[Any]], states: Mapping[Any, int] | None, opens: bool
    ) -> Markup:
        """The `<tr>`s of `rows`, each of which begins with its id.

        With `states` (a number for each program and account status) each row can be ticked, and
        bears its state's number for the row menu; with `opens` it ends in the three dots that
        lead to its page.
        """
        if not rows:
            return Markup()
        values = dict(zip(self._places, zip(*rows, strict=True), strict=False))  # and the total

        def column(make: Make, names: Sequence[str]) -> Iterable[str]:
            return map(make, *(values[name] for name in names))

        parts = [column(make, names) for make, names in self._cells]
        if states is None:
            parts.insert(0, column(_start, ["id"]))
        else:
            numbers = map(
                states.__getitem__, zip(*(values[name] for name in self._state), strict=True)
            )
            parts.insert(0, map(_ticked_start, values["id"], numbers, values["name"]))
        if opens:
            parts.append(column(_menu, ["id"]))
        lines = map("".join, zip(*parts, strict=True))
        return Markup("</tr>\n".join([*lines, ""]))  # noqa: S704 (every value was escaped)

    def _known(self, *names: str) -> list[str]:
        """Those of `names` that the rows hold."""
        return [name for name in names if name in self._places]


def _start(id: int) -> str:
    return f'<tr data-id="{id}">'


def _ticked_start(id: int, state: int, name: str) -> str:
    return (
        f'<tr data-id="{id}" data-state="{state}"><td><input type="checkbox" name="rowid"'
        f' value="{id}" aria-label="Select {escape(name)}"></td>'
    )


def _menu(id: int) -> str:
    return f'<td><a class="kebab" href="details/?id={id}">Menu</a></td>'


def _cell(name: str, format: Format) -> Make:
    """Writes the `<td>` of one column."""
    start = f'<td data-field="{name}"'

    def written(*values: Any) -> str:
        html, value = format.make(*values)
        if value is None or value == html:
            return f"{start}>{html}</td>"
        return f'{start} data-value="{escape(value)}">{html}</td>'

    return written if format.varied else lru_cache(REMEMBERED)(written)
