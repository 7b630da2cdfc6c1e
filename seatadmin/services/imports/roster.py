"""Reading a roster: text, delimiter, header, lines. Nothing is looked up here."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Any, TextIO

from seatadmin.services.fields import shown, unguard
from seatadmin.services.imports import columns
from seatadmin.text import squeeze

LARGEST = 64 * 1024 * 1024
MOST_LINES = 500_000
LONGEST_HEADER = 100_000
DELIMITERS = ",;\t"

EMPTY = "The file is empty: its first line must name the columns."
NOT_TEXT = (
    "The file is not UTF-8 text. Save it from the spreadsheet as “CSV UTF-8”: read in another"
    " encoding, names could be stored wrongly."
)


class WrongRoster(ValueError):
    """A file, or an option, with which no line can be right; the message says what to do."""


@dataclass(slots=True)
class Line:
    """One row of the file: what it gives, and why it cannot be used. It begins on `number`."""

    number: int
    given: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The lines, to be read once, and the columns that are not read."""

    dropped_columns: list[str]
    lines: Iterator[Line]
    size: int
    """Bytes of the whole file, or rows of a sheet."""
    done: Callable[[], int]
    """How much of `size` has been read."""


Record = tuple[int, list[str] | str]
"""The line on which a row begins, and its cells; or a sentence, why they cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A roster that is no text any more: a workbook's, or one that was kept."""

    names: list[str | None]
    """The column that each cell is of; None for one that is not read."""
    dropped_columns: list[str]
    size: int
    """How many rows there are."""
    records: Callable[[], Iterator[Record]]
    """Reads them, from the first one, each time it is called."""


@contextmanager
def opened(source: IO[bytes] | Sheet) -> Iterator[Roster]:
    """Read a roster from its beginning; a file stays open.

    Raises `WrongRoster`, also while the lines are read.
    """
    if isinstance(source, Sheet):
        yield _of_sheet(source)
        return
    size = source.seek(0, io.SEEK_END)
    with table(source) as (header, records):
        names = [columns.named(cell) for cell in header]
        check_columns(header, names)
        yield Roster(_dropped(header, names), _lines(records, names), size, source.tell)


@contextmanager
def table(stream: IO[bytes]) -> Iterator[tuple[list[str], Iterator[Record]]]:
    """The names of the columns as the file spells them, and its rows. Raises as `opened` does."""
    size = stream.seek(0, io.SEEK_END)
    if size > LARGEST:
        raise WrongRoster(f"The file is larger than {LARGEST // 1024**2} MB: import it in parts.")
    text = _as_text(stream)
    try:
        yield _table(text)
    except UnicodeError:
        raise WrongRoster(NOT_TEXT) from None
    finally:
        text.detach()


def _as_text(stream: IO[bytes]) -> io.TextIOWrapper:
    stream.seek(0)
    utf16 = stream.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)
    stream.seek(0)
    return io.TextIOWrapper(stream, "utf-16" if utf16 else "utf-8-sig", newline="")


def _of_sheet(sheet: Sheet) -> Roster:
    read = 0

    def counted() -> Iterator[Record]:
        nonlocal read
        for record in sheet.records():
            read += 1
            yield record

    return Roster(sheet.dropped_columns, _lines(counted(), sheet.names), sheet.size, lambda: read)


def _table(text: TextIO) -> tuple[list[str], Iterator[Record]]:
    head = _through_header(text)
    records = _records(csv.reader(chain(head, text), delimiter=_delimiter(head[-1]), strict=True))
    _, header = next(records, (0, None))
    if header is None:
        raise WrongRoster(EMPTY)
    if isinstance(header, str):
        raise WrongRoster(f"The line with the columns' names cannot be read: {header}")
    return trimmed(header), records


def trimmed(header: list[str]) -> list[str]:
    """The names of the columns, without the empty ones that spreadsheets leave at the end."""
    while header and not header[-1].strip():
        header.pop()
    return header


def _dropped(header: list[str], names: list[str | None]) -> list[str]:
    return [
        shown(squeeze(cell)) or f"column {position}"
        for position, (cell, name) in enumerate(zip(header, names, strict=True), start=1)
        if name is None
    ]


def _through_header(text: TextIO) -> list[str]:
    """The first lines, down to the one that is not blank."""
    head = []
    for line in text:
        head.append(line)
        if len(line) > LONGEST_HEADER:
            raise WrongRoster("The line with the columns' names is too long for a roster.")
        if "\0" in line:
            raise WrongRoster(NOT_TEXT)
        if line.strip(f"{DELIMITERS} \r\n"):
            return head
    raise WrongRoster(EMPTY)


def _delimiter(header: str) -> str:
    """The one with which most of the columns' names are known; else, that makes most columns."""

    def known(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return sum(columns.named(cell) is not None for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def check_columns(header: list[str], names: list[str | None]) -> None:
    """Each column stands once, and one that finds people is there. Raises `WrongRoster`."""
    for name, times in Counter(names).items():
        if name is not None and times > 1:
            same = [cell for cell, other in zip(header, names, strict=True) if other == name]
            listed = " and ".join(f"“{shown(cell)}”" for cell in same)
            raise WrongRoster(f"The columns {listed} both mean {name}: keep one of them.")
    if columns.KEYS.isdisjoint(names):
        raise WrongRoster(
            "The first line must name the columns, with apprentice_number or email among them. It"
            f" says: {shown(', '.join(header), 200)}"
        )


def _records(reader: Any) -> Iterator[Record]:
    """Each row that is not blank, or what is wrong with its quotes, and the line it begins on."""
    while True:
        number = reader.line_num + 1
        try:
            cells: list[str] = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > number:  # how many rows were swallowed, nobody knows
                raise WrongRoster(
                    f"The quotes on line {number} do not close as they should: {error}."
                ) from None
            yield number, f"The quotes do not close as they should: {error}."
        else:
            if any(map(str.strip, cells)):
                yield number, cells


def _lines(records: Iterator[Record], names: list[str | None]) -> Iterator[Line]:
    for count, (number, cells) in enumerate(records, start=1):
        if count > MOST_LINES:
            raise WrongRoster(f"The file has more than {MOST_LINES:,} rows: import it in parts.")
        if isinstance(cells, str):
            yield Line(number, wrong=cells)
        else:
            yield _line(number, cells, names)


def _line(number: int, cells: list[str], names: list[str | None]) -> Line:
    texts = [
        (name, unguard(cell) if cell[0] == "'" else cell)
        for name, cell in zip(names, cells, strict=False)
        if name and cell and not cell.isspace()
    ]
    given, wrong = columns.clean(texts)
    if given.pop("user_type", columns.APPRENTICE) != columns.APPRENTICE:
        return Line(number, skipped=True)
    if len(cells) > len(names) and any(map(str.strip, cells[len(names) :])):
        wrong.append(f"There are {len(cells)} cells, but only {len(names)} columns.")
    if columns.KEYS.isdisjoint(given) and columns.KEYS.isdisjoint(dict(texts)):
        wrong.append("An apprentice number or an e-mail address is needed.")
    return Line(number, given, " ".join(wrong))
