"""Every parser of what comes from outside, each with the exceptions by which it may refuse."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from io import BytesIO
from itertools import islice

from xlsxwriter import Workbook

from seatadmin.services import fields
from seatadmin.services.imports import packing, roster
from seatadmin.services.imports.roster import WrongRoster
from seatadmin.services.listings.clauses import whole
from seatadmin.text import fold, fold_email, searchable
from seatadmin.views.addresses import safe_next
from seatadmin.views.logs import SANE

HEAD = b"apprentice_number,first_name,last_name,email,employer,program_status,status_date\r\n"
EXAMPLES = (
    HEAD + b"A-1,Ann,Lee,a@b.org,Works,cancelled,2024-01-31\r\n",
    b"\xef\xbb\xbf" + HEAD.replace(b",", b";") + b'"A;1";"An""n";Lee;;W;exited;20240131\n',
    b"email,user_type,apprentice_status,program_exit_date\na@b.org,apprentice,exited,20240131\n",
    *(b"2024-01-31", b"20240131", b"12345", b"/admin/?x=1", b"Ada@Example.ORG", b"PK\x03\x04"),
)


def _roster(data: bytes) -> None:
    with roster.opened(BytesIO(data)) as opened:
        for line in islice(opened.lines, 1_000):
            _ = line.number, line.given, line.wrong


def _workbook(data: bytes) -> None:
    """A right one with these bytes in some place: it is read by a process of its own."""
    whole_one = bytearray(_example())
    at = int.from_bytes(data[:2], "big") % len(whole_one)
    whole_one[at : at + len(data)] = data
    with roster.opened(packing.source(BytesIO(bytes(whole_one)))) as opened:
        list(islice(opened.lines, 100))


@cache
def _example() -> bytes:
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(EXAMPLES[0].decode().splitlines()):
            sheet.write_row(number, 0, line.split(","))
    return file.getvalue()


def _text(data: bytes) -> None:
    text = data.decode(errors="replace")
    fold(text)
    fold_email(text)
    searchable(text)
    SANE.fullmatch(text)
    target = safe_next(text, "/")
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        raise AssertionError(f"leads outside: {target!r}")


PARSERS: Mapping[str, tuple[Callable[[bytes], object], tuple[type[Exception], ...]]] = {
    "rosters": (_roster, (WrongRoster,)),
    "dates": (lambda data: fields.parse_date(data.decode(errors="replace")), (ValueError,)),
    "ids": (lambda data: whole(data.decode(errors="replace")), (ValueError,)),
    "texts": (_text, ()),
}


def a_workbook(data: bytes) -> None:
    """Like `one_input`, for the parser that is a process of its own, and so takes its time."""
    with suppress(WrongRoster):
        _workbook(data)


def one_input(data: bytes) -> None:
    """The first byte chooses the parser, the rest is for it."""
    name = list(PARSERS)[data[0] % len(PARSERS)] if data else "texts"
    parse, refusals = PARSERS[name]
    with suppress(*refusals):
        parse(data[1:])
