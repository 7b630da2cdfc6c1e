"""Reading workbooks (XLSX): the first sheet, as the rows of a roster. Nothing is looked up here."""

import csv
import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from seatadmin.services.imports import roster, unpacking
from seatadmin.services.imports.roster import Record, WrongRoster

MOST_MEMBERS = 1_000
MOST_UNPACKED = 512 * 1024 * 1024
MOST_RATIO, HARMLESS = 100, 64 * 1024 * 1024
"""How many times as large as the file its content may be, unless it is a small one. Sheets of real
rosters have 5 to 20."""

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 60

DAMAGED = (
    "The workbook cannot be read: open it in a spreadsheet and save it again, or as CSV UTF-8."
)
TOO_MUCH = "The workbook is too large to be unpacked: save the sheet as CSV UTF-8, or in parts."
LOCKED = "The workbook has a password, or is of the old kind (.xls): save it as XLSX without one."

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@contextmanager
def table(stream: IO[bytes]) -> Iterator[tuple[list[str], Iterator[Record]]]:
    """The columns' names and the rows of a CSV file or a workbook, told apart by their first bytes.

    Raises `WrongRoster`, also while the rows are read.
    """
    with (_unpacked if is_workbook(stream) else roster.table)(stream) as opened:
        yield opened


def is_workbook(stream: IO[bytes]) -> bool:
    """Whether a file is an XLSX workbook. Raises `WrongRoster` for the old or a locked kind."""
    stream.seek(0)
    begins = stream.read(len(_OLE))
    if begins == _OLE:
        raise WrongRoster(LOCKED)
    return begins.startswith(_ZIP)


@contextmanager
def _unpacked(stream: IO[bytes]) -> Iterator[tuple[list[str], Iterator[Record]]]:
    _check_archive(stream)
    with TemporaryFile() as workbook:
        stream.seek(0)
        shutil.copyfileobj(stream, workbook)
        workbook.seek(0)
        limits = (str(MOST_MEMORY), str(MOST_SECONDS))
        with subprocess.Popen(  # noqa: S603 - our own program, and numbers
            [sys.executable, "-I", str(Path(unpacking.__file__)), *limits],
            stdin=workbook,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as child:
            try:
                records = _records(child)
                header = next(records, (0, []))[1]
                if not header:
                    raise WrongRoster(roster.EMPTY)
                yield roster.trimmed(header), records
            finally:
                child.kill()


def _check_archive(stream: IO[bytes]) -> None:
    """Refuse what says of itself that it is too much; what lies meets the unpacker's limits."""
    size = stream.seek(0, io.SEEK_END)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise WrongRoster(DAMAGED) from None
    if any(member.flag_bits & 1 for member in members):
        raise WrongRoster(LOCKED)
    unpacked = sum(member.file_size for member in members)
    most = min(MOST_UNPACKED, max(HARMLESS, MOST_RATIO * size))
    if len(members) > MOST_MEMBERS or unpacked > most:
        raise WrongRoster(TOO_MUCH)


def _records(child: Any) -> Iterator[tuple[int, list[str]]]:
    with io.TextIOWrapper(child.stdout, "utf-8", newline="") as text:
        try:
            for number, *cells in csv.reader(text):
                yield int(number), cells
        except csv.Error:
            raise WrongRoster("A cell is longer than any cell of a roster can be.") from None
    status = child.wait()
    if status:
        whys = {unpacking.NOT_READABLE: DAMAGED, unpacking.LOCKED: LOCKED}
        raise WrongRoster(whys.get(status, TOO_MUCH))
