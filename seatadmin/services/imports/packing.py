"""Rows of a roster, packed to be kept: compressed, and sensitive columns thrown away."""

import csv
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from seatadmin.services.fields import shown
from seatadmin.services.imports import columns, workbooks
from seatadmin.services.imports.roster import (
    MOST_LINES,
    Record,
    Sheet,
    WrongRoster,
    check_columns,
)
from seatadmin.services.imports.sensitive import is_sensitive
from seatadmin.text import squeeze

MOST_COLUMNS = 300
PART = 5_000
"""Rows that are compressed together."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A roster that can be kept and read again."""

    header: list[str]
    sensitive: list[str]
    """The names of the columns that are gone."""
    parts: list[bytes]
    rows: int


def source(stream: IO[bytes]) -> IO[bytes] | Sheet:
    """What `import_roster` takes of a file: itself, or the rows of the workbook that it is.

    The columns have the names that the importer knows. Raises `WrongRoster`.
    """
    if not workbooks.is_workbook(stream):
        return stream
    with workbooks.table(stream) as (header, records):
        packed = pack(header, records)
    names = [columns.named(cell) for cell in packed.header]
    check_columns(packed.header, names)
    left_out = [cell for cell, name in zip(packed.header, names, strict=True) if not name]
    dropped = [*packed.sensitive, *left_out]
    return Sheet(names, dropped, packed.rows, lambda: unpack(packed.parts))


def pack(header: list[str], records: Iterator[Record]) -> Packed:
    """Read all rows. Raises `WrongRoster`."""
    if len(header) > MOST_COLUMNS:
        raise WrongRoster(f"The file has more than {MOST_COLUMNS} columns: leave most of them out.")
    named = [shown(squeeze(cell)) or f"column {n}" for n, cell in enumerate(header, start=1)]
    kept = [n for n, cell in enumerate(header) if not is_sensitive(cell)]
    parts, rows = [], 0
    while chunk := list(islice(records, PART)):
        rows += len(chunk)
        if rows > MOST_LINES:
            raise WrongRoster(f"The file has more than {MOST_LINES:,} rows: import it in parts.")
        parts.append(_packed(chunk, kept, len(header)))
    sensitive = [name for n, name in enumerate(named) if n not in kept]
    return Packed([named[n] for n in kept], sensitive, parts, rows)


def unpack(parts: Iterable[bytes]) -> Iterator[Record]:
    """The rows again, in their order."""
    for part in parts:
        text = io.StringIO(zlib.decompress(part).decode(), newline="")
        for number, why, *cells in csv.reader(text):
            yield int(number), why or cells


def _packed(chunk: list[Record], kept: list[int], width: int) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, cells in chunk:
        why = cells if isinstance(cells, str) else _too_wide(cells, width)
        if why:  # nobody knows which cell is of which column: none is kept
            writer.writerow([number, why])
        else:
            writer.writerow([number, "", *(cells[n] for n in kept if n < len(cells))])
    return zlib.compress(out.getvalue().encode(), level=3)


def _too_wide(cells: list[str] | str, width: int) -> str:
    if any(map(str.strip, cells[width:])):
        return f"There are {len(cells)} cells, but only {width} columns."
    return ""
