"""Loading millions of rows in the caller's transaction, by the fastest way of each database."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

CHUNK = 10_000
"""Rows handed to SQLite at a time."""

CACHE_KIB = 400_000
"""SQLite's cache while it loads: indexes are written at random places and should stay in it."""


@contextmanager
def roomy(session: Session) -> Iterator[None]:
    """Give SQLite a large cache in a block; let PostgreSQL read plain moments as UTC."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        yield
        return
    before = session.scalar(text("PRAGMA cache_size"))
    session.execute(text(f"PRAGMA cache_size = -{CACHE_KIB}"))
    try:
        yield
    finally:
        session.execute(text(f"PRAGMA cache_size = {before}"))


def load(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert `rows`: plain values, in the order of `columns`.

    The table's name and columns are ours, never a person's input.
    """
    into = f'"{table}" ({", ".join(columns)})'
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, into, rows)
        if "id" in columns:
            _continue_ids(session, table)
    else:
        marks = ", ".join("?" * len(columns))
        _insert(session, f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608


def refresh_statistics(session: Session) -> None:
    """Let the planner know how much there is now: after the rows are committed.

    PostgreSQL vacuums too, so that an index alone can answer, and commits by itself. On SQLite the
    caller commits.
    """
    bind: Any = session.get_bind()
    if bind.dialect.name == "postgresql":
        with bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    else:
        session.execute(text("ANALYZE"))


def _copy(session: Session, into: str, rows: Iterable[Sequence[Any]]) -> None:
    connection: Any = session.connection().connection
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(session: Session, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    connection = session.connection()
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        connection.exec_driver_sql(statement, chunk)


def _continue_ids(session: Session, table: str) -> None:
    """Ids were given: the sequence goes on after the last."""
    last = f'SELECT max(id) FROM "{table}"'  # noqa: S608
    sequence = f"pg_get_serial_sequence('\"{table}\"', 'id')"
    session.execute(text(f"SELECT setval({sequence}, ({last})) WHERE ({last}) IS NOT NULL"))
