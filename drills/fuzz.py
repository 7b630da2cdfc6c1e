"""Bytes that nobody expects, to every parser: `python -m drills.fuzz TIMES`.

Guided by coverage where Atheris is installed (it is no dependency: `pip install atheris`), else
changed at random from examples. A parser may refuse by its own exceptions, and by no other.
"""

import random
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask

WATCHED = ["seatadmin.services.imports", "seatadmin.services.fields", "seatadmin.text", "csv"]


def main(times: int) -> None:
    """Say at the end what was done."""
    with Flask("fuzz").test_request_context():
        if find_spec("atheris") is None:
            parsers = import_module("drills.parsers")
            _workbooks(parsers, min(times // 100, 300))
            _at_random(parsers, times)
            print(f"{times:,} inputs changed at random for {len(parsers.PARSERS) + 1} parsers")
            return
        import atheris

        with atheris.instrument_imports(include=WATCHED):
            parsers = import_module("drills.parsers")
        _workbooks(parsers, min(times // 100, 300))
        print(f"{times:,} inputs by Atheris for {len(parsers.PARSERS) + 1} parsers", flush=True)
        atheris.Setup(
            ["fuzz", f"-runs={times}", "-max_len=4096", "-verbosity=0"], parsers.one_input
        )
        atheris.Fuzz()


def _workbooks(parsers: Any, times: int) -> None:
    chance = random.Random(times)
    for _ in range(times):
        parsers.a_workbook(chance.randbytes(chance.randint(1, 60)))


def _at_random(parsers: Any, times: int) -> None:
    chance = random.Random(times)
    for _ in range(times):
        data = bytearray(chance.choice(parsers.EXAMPLES))
        for _change in range(chance.randint(1, 8)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        parsers.one_input(bytes([chance.randrange(256)]) + bytes(data))


if __name__ == "__main__":
    main(int(sys.argv[1]))
