"""Workbooks for tests: real ones, and ones that nobody's spreadsheet would write."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: Sequence[Any]) -> bytes:
    """A workbook whose first sheet has these rows, beginning in its first line."""

    def fill(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                as_date = [day] if isinstance(value, date) else []
                sheet.write(number, column, value, *as_date)

    return drawn(fill)


def drawn(fill: Callable[[Any, Any], None]) -> bytes:
    """A workbook that `fill(book, first sheet)` fills."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book, book.add_worksheet())
    book.close()
    return out.getvalue()


def altered(whole: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts made anew."""
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return archived(
        (name, change(data) if name == member else data) for name, data in parts.items()
    )


def archived(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return out.getvalue()
