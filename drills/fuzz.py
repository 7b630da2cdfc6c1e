"""Bytes that nobody expects, to every parser: `python -m drills.fuzz TIMES`.

Guided by coverage where Atheris is installed (it is no dependency: `pip install atheris`), else
changed at random from examples. A parser may refuse by its own exceptions, and by no other.
"""

import random
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from io import BytesIO
from itertools import islice

from flask import Flask

from seatadmin.services import fields
from seatadmin.services.imports import roster
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


def one_input(data: bytes) -> None:
    """The first byte chooses the parser, the rest is for it."""
    name = list(PARSERS)[data[0] % len(PARSERS)] if data else "texts"
    parse, refusals = PARSERS[name]
    with suppress(*refusals):
        parse(data[1:])


def _at_random(times: int) -> None:
    chance = random.Random(times)
    for _ in range(times):
        data = bytearray(chance.choice(EXAMPLES))
        for _change in range(chance.randint(1, 8)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        one_input(bytes([chance.randrange(256)]) + bytes(data))


def main(times: int) -> None:
    """Say at the end what was done."""
    with Flask("fuzz").test_request_context():
        if find_spec("atheris") is None:
            _at_random(times)
            print(
                f"{times:,} inputs changed at random for {len(PARSERS)} parsers (no Atheris here)"
            )
            return
        import atheris

        print(f"{times:,} inputs by Atheris for {len(PARSERS)} parsers", flush=True)
        atheris.instrument_all()
        atheris.Setup(["fuzz", f"-runs={times}", "-max_len=4096", "-verbosity=0"], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]))
