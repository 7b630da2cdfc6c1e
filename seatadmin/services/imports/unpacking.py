"""The first sheet of a workbook as CSV, each row behind its number: a program of its own.

A workbook is a stranger's archive of XML. It is read apart from the server, within bounds of memory
and time that the system keeps: `python -I unpacking.py BYTES SECONDS < workbook > rows`. Nothing
of this package is imported, so that it starts at once.
"""

import csv
import io
import resource
import sys
from datetime import date, datetime
from typing import Any

NOT_READABLE, LOCKED = 3, 4
"""Exit statuses: the workbook is damaged, or has a password."""


def main(most_bytes: int, most_seconds: int) -> int:
    """Copy rows from the standard input to the standard output; answers the exit status."""
    for limit, most in (
        (resource.RLIMIT_AS, most_bytes),
        (resource.RLIMIT_CPU, most_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    try:
        sheet = CalamineWorkbook.from_filelike(sys.stdin.buffer).get_sheet_by_index(0)
        _write(csv.writer(out), sheet)
    except PasswordError:
        return LOCKED
    except (CalamineError, OSError):
        return NOT_READABLE
    out.flush()
    return 0


def _write(writer: Any, sheet: Any) -> None:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_text(value) for value in row]
        if any(map(str.strip, cells)):
            writer.writerow([number, *cells])


def _text(value: Any) -> str:
    """A cell as a CSV file would have it: dates as ISO, whole numbers without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        midnight = value.time() == value.min.time()
        return value.date().isoformat() if midnight else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
