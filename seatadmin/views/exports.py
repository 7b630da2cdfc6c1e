"""Exports: rows streamed as CSV, a chunk at a time, over a connection of their own."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from io import StringIO
from typing import Any

from flask import Response
from sqlalchemy import (
    ColumnElement,
    Date,
    Engine,
    Enum,
    Row,
    Select,
    String,
    func,
    literal,
    select,
    type_coerce,
)

from seatadmin.extensions import begin_write, db
from seatadmin.ledger import ChangeKind, Subject
from seatadmin.permissions import Actor
from seatadmin.services import changes
from seatadmin.services.fields import guard
from seatadmin.services.progress import Report, silent

CHUNK = 2_000
"""Rows in hand at a time: what an export adds to the worker's memory."""

EXPORTING = "Exporting rows"


def stream_csv(
    actor: Actor, name: str, header: Sequence[str], rows: Select[Any], report: Report
) -> Response:
    """The answer that streams `rows`, after recording that `actor` exported them.

    `report` is told the rows that have left; they are counted only if somebody watches.
    """
    total = 0 if report is silent else count(rows)
    note_export(actor, name)
    disposition = f'attachment; filename="{name}s-{date.today().isoformat()}.csv"'
    return Response(
        _lines(db.engine, header, rows, total, report),
        mimetype="text/csv",
        headers={"Content-Disposition": disposition},
    )


def count(rows: Select[Any], most: int | None = None) -> int:
    """How many rows there are, counted up to `most`."""
    some = rows.order_by(None).with_only_columns(literal(1)).limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def note_export(actor: Actor, name: str) -> None:
    """Record that `actor` exports a list, and commit it before the first row leaves."""
    begin_write(db.session)
    changes.record_event(db.session, actor, ChangeKind.EXPORT, "export", Subject(name))
    db.session.commit()


def _lines(
    engine: Engine, header: Sequence[str], rows: Select[Any], total: int, report: Report
) -> Iterator[str]:
    buffer, done = StringIO(), 0
    writer = csv.writer(buffer)
    writer.writerow(header)
    typed = [n for n, column in enumerate(rows.selected_columns) if _is_typed(column)]
    streamed = engine.connect().execution_options(stream_results=True, max_row_buffer=CHUNK)
    with streamed as connection, connection.execute(_as_stored(rows)) as found:
        for chunk in found.partitions(CHUNK):
            writer.writerows(_guarded(row, typed) for row in chunk)
            done += len(chunk)
            report(done, total, EXPORTING)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()  # the header alone, when there was no row


def _is_typed(column: ColumnElement[Any]) -> bool:
    """Whether people type what stands in it: then a cell may look like a formula."""
    return isinstance(column.type, String) and not isinstance(column.type, Enum)


def _as_stored(rows: Select[Any]) -> Select[Any]:
    """The rows with statuses and dates as the database writes them: no object is made of each."""
    plain = (
        type_coerce(column, String()) if isinstance(column.type, Enum | Date) else column
        for column in rows.selected_columns
    )
    return rows.with_only_columns(*plain)


def _guarded(row: Row[Any], typed: Sequence[int]) -> list[Any]:
    cells = list(row)
    for n in typed:
        if cells[n]:
            cells[n] = guard(cells[n])
    return cells
