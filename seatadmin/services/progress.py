"""How far long work has come: what a service tells whoever waits for it."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Row = TypeVar("Row")

Report = Callable[[int, int, str], None]
"""Called as `report(done, total, what)`, often: it must be quick.

`what` names the stage under way, as a person reads it; stages come one after the other. Within a
stage `done` only goes up, to `total`, in whatever the stage counts (bytes of the file, rows to
write). Both may be the true share that is done, never a guess. What the callback raises ends the
work, and rolls it back as any other error does.
"""


def silent(_done: int, _total: int, _what: str) -> None:
    """For work that nobody watches."""


EVERY = 1_000
"""Rows between two reports of `counted`."""


def counted(rows: Iterable[Row], total: int, what: str, report: Report) -> Iterator[Row]:
    """The same rows, reported while they are taken."""
    done = 0
    for done, row in enumerate(rows, start=1):
        yield row
        if done % EVERY == 0:
            report(done, total, what)
    report(done, total, what)
