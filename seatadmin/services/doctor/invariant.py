"""What an invariant is: a name, a sentence that is true of every sound database, who breaks it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, bindparam
from sqlalchemy.orm import Session

CHUNK = 10_000
"""Rows held in memory at a time."""

TODAY = bindparam("today", callable_=date.today, type_=Date)


@dataclass(frozen=True, slots=True)
class Invariant:
    """`offenders` finds what breaks the sentence: ids, or words where there is no id."""

    name: str
    sentence: str
    offenders: Callable[[Session], Iterable[object]]


def selected(query: Select[*tuple[Any, ...]]) -> Callable[[Session], Iterator[object]]:
    """Offenders that one query finds: its first column."""
    return lambda session: (row[0] for row in streamed(session, query))


def streamed(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """The query's rows, of which only a chunk is in memory."""
    yield from session.execute(query, execution_options={"yield_per": CHUNK})
