"""How far a long command is, on standard error: what it prints on standard output stays clean."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from seatadmin.services.progress import Report, silent

option = click.option(
    "--progress", "wanted", is_flag=True, help="Show progress, also where there is no terminal."
)


@contextmanager
def shown(wanted: bool = False) -> Iterator[Report]:
    """A callback for a block: it shows something on a terminal, or where that is `wanted`."""
    if not (wanted or sys.stderr.isatty()):
        yield silent
        return
    line = _Line(sys.stderr)
    try:
        yield line.report
    finally:
        line.end()


class _Line:
    """One line that is written over on a terminal; elsewhere a line for each tenth."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._shown = stream, ""
        self._step, self._begin, self._end = (
            (1, "\r\033[K", "") if stream.isatty() else (10, "", "\n")
        )

    def report(self, done: int, total: int, what: str) -> None:
        percent = 100 * done // total if total else 100
        text = f"{what}: {percent - percent % self._step} %"
        if text != self._shown:
            self._shown = text
            print(f"{self._begin}{text}", end=self._end, file=self._stream, flush=True)

    def end(self) -> None:
        print(self._begin, end="", file=self._stream, flush=True)
