"""Exports as workbooks (XLSX): written row by row into a temporary file, then sent.

Text is written as text: no cell becomes a formula or a link, whatever people have typed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]
from flask import Response, abort, send_file
from sqlalchemy import Select

from seatadmin.extensions import db
from seatadmin.permissions import Actor
from seatadmin.services.progress import Report, counted
from seatadmin.views.exports import CHUNK, EXPORTING, count, note_export

MOST_ROWS = 1_048_575
"""What a sheet holds beside its head."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_workbook(
    actor: Actor, name: str, header: Sequence[str], rows: Select[Any], report: Report
) -> Response:
    """The answer with `rows` as a workbook, after recording that `actor` exported them."""
    total = count(rows, MOST_ROWS + 1)
    if total > MOST_ROWS:
        abort(400, f"A sheet holds {MOST_ROWS:,} rows, and more match: filter them, or export CSV.")
    note_export(actor, name)
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        _write(file, header, rows, total, report)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    called = f"{name}s-{date.today().isoformat()}.xlsx"
    answer = send_file(file, XLSX, as_attachment=True, download_name=called)  # and closes it
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _write(
    file: IO[bytes], header: Sequence[str], rows: Select[Any], total: int, report: Report
) -> None:
    streamed = db.engine.connect().execution_options(stream_results=True, max_row_buffer=CHUNK)
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book, streamed as connection:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for column, text in enumerate(header):
            sheet.write_string(0, column, text)
        found = counted(connection.execute(rows), total, EXPORTING, report)
        for number, row in enumerate(found, start=1):
            for column, value in enumerate(row):
                _write_cell(sheet, number, column, value, days, moments)


def _write_cell(sheet: Any, number: int, column: int, value: Any, days: Any, moments: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(number, column, value.replace(tzinfo=None), moments)
    elif isinstance(value, date):
        sheet.write_datetime(number, column, value, days)
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(number, column, value)
    else:
        sheet.write_string(number, column, str(value.value if isinstance(value, Enum) else value))
