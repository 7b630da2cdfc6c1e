"""How long the database may work for one request, so that too much is answered and ties up nobody.

Pages have a short limit, what writes a long one; commands have none, nor has an export once it
streams: it reads a chunk at a time, for as long as somebody takes it. PostgreSQL limits every
statement by itself: a connection from the pool is told the limit when it has another one. SQLite
limits all of a request's statements together: they ask now and then whether the time is over.
"""

import sqlite3
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

STEPS = 20_000
"""SQLite's instructions between two questions: some milliseconds."""

TOLD = "seatadmin_seconds"
"""Where a pooled connection keeps the limit that PostgreSQL was told."""

OVER = frozenset({"57014", "SQLITE_INTERRUPT"})
"""Codes of the errors with which a statement ends that took too long."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds allowed, until when, and the seconds of what writes."""

    seconds: int
    longest: int
    ends: float


_limit: ContextVar[Limit | None] = ContextVar("limit", default=None)


def begin(seconds: int, longest: int) -> None:
    """From now on the database may work `seconds` for this thread; `longest` after `extend`."""
    _limit.set(Limit(seconds, longest, monotonic() + seconds))


def extend() -> None:
    """Let it work for the longest time from now on. Without a limit there is none afterwards."""
    if limit := _limit.get():
        begin(limit.longest, limit.longest)


def end() -> None:
    """Let it work for as long as it takes."""
    _limit.set(None)


def seconds() -> int:
    """The present limit; 0 means none."""
    limit = _limit.get()
    return limit.seconds if limit else 0


def is_over(error: DBAPIError) -> bool:
    """Whether a statement failed because its time was over."""
    codes = {getattr(error.orig, name, None) for name in ("sqlstate", "sqlite_errorname")}
    return not codes.isdisjoint(OVER)


def extend_transaction(connection: Connection) -> None:
    """`extend`, and tell PostgreSQL for the transaction that has just begun."""
    extend()
    if seconds() and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds() * 1000}")


@event.listens_for(Engine, "connect")
def _watch_sqlite(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.set_progress_handler(_time_is_over, STEPS)


@event.listens_for(Engine, "checkout")
def _tell_postgresql(connection: Any, record: Any, _proxy: Any) -> None:
    if isinstance(connection, sqlite3.Connection) or record.info.get(TOLD, 0) == seconds():
        return
    connection.execute(f"SET statement_timeout = {seconds() * 1000}")
    connection.commit()
    record.info[TOLD] = seconds()


def _time_is_over() -> bool:
    limit = _limit.get()
    return limit is not None and monotonic() > limit.ends
