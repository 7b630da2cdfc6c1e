"""The rows of a list as HTML, in one pass: hundreds of cells are too many for a template."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from seatadmin.views import cells


def rows_html(
    columns: Sequence[str],
    formats: Mapping[str, cells.Format],
    rows: Iterable[Any],
    *,
    menus: Mapping[tuple[Any, Any], str] | None,
    opens: bool,
) -> Markup:
    """The `<tr>`s of `rows`.

    With `menus` (act names by program and account status) each row can be ticked; with `opens`
    it ends in the three dots that lead to its page.
    """
    fields = [
        (name, f'<td data-field="{name}"', formats.get(name, cells.plain)) for name in columns
    ]
    parts: list[str] = []
    for row in rows:
        id = row.id
        parts.append(f'<tr data-id="{id}"')
        if menus is None:
            parts.append(">")
        else:
            acts = menus[row.program_status, row.account_status]
            parts.append(
                f' data-acts="{acts}"><td><input type="checkbox" name="rowid" value="{id}"'
                f' aria-label="Select {escape(row.name)}"></td>'
            )
        for name, start, make in fields:
            html, value = make(row, name)
            if value is None:
                parts.append(f"{start}>{html}</td>")
            else:
                parts.append(f'{start} data-value="{escape(value)}">{html}</td>')
        if opens:
            parts.append(f'<td><a class="kebab" href="details/?id={id}">Menu</a></td>')
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 (every value went through escape or a cell)
