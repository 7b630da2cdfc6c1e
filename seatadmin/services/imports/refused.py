"""The lines that were refused, as a CSV file to be mended and uploaded again."""

import csv
import io
import zlib
from collections.abc import Iterator, Sequence

from seatadmin.services.fields import guard
from seatadmin.services.imports.answer import RefusedLine
from seatadmin.services.imports.roster import Sheet

CHUNK = 64 * 1024


def packed(refused: Sequence[RefusedLine], header: Sequence[str], sheet: Sheet) -> bytes | None:
    """Each line's number, why it was refused, and its own cells; compressed. None without lines."""
    if not refused:
        return None
    whys = {row.line: row.why for row in refused}
    squeezed, buffer = zlib.compressobj(level=3), io.StringIO(newline="")
    writer, data = csv.writer(buffer), []
    writer.writerow(["line", "why", *map(guard, header)])
    for number, cells in sheet.records():
        if number in whys:
            own = [] if isinstance(cells, str) else map(guard, cells)
            writer.writerow([number, guard(whys[number]), *own])
        if buffer.tell() > CHUNK:
            data.append(squeezed.compress(buffer.getvalue().encode()))
            buffer.seek(0)
            buffer.truncate()
    data.append(squeezed.compress(buffer.getvalue().encode()))
    return b"".join([*data, squeezed.flush()])


def unpacked(data: bytes) -> Iterator[bytes]:
    """The file, a piece at a time."""
    opened = zlib.decompressobj()
    while data:
        yield opened.decompress(data, CHUNK)
        data = opened.unconsumed_tail
    yield opened.flush()
