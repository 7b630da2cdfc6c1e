"""Bare SQL: the driver alone, set up as the product sets it up."""

# ruff: noqa: S608 (statements are put together from names and numbers of our own)

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from bench.settings import Environment

PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "cache_size=-64000")


class Raw:
    """A connection on which each statement stands for itself until it says BEGIN."""

    def __init__(self, connection: Any, is_sqlite: bool) -> None:
        self._connection = connection
        self.is_sqlite = is_sqlite

    def run(self, statement: str, *values: Any) -> Any:
        """The cursor after a statement with `?` for its values."""
        text = statement if self.is_sqlite else statement.replace("?", "%s")
        return self._connection.execute(text, values)

    def rows(self, statement: str, chunk: int) -> Iterator[list[tuple[Any, ...]]]:
        """Many rows, a chunk in hand at a time."""
        if self.is_sqlite:
            cursor = self._connection.execute(statement)
        else:
            self._connection.execute("BEGIN")
            cursor = self._connection.cursor("rows")  # a named one stays in the server
            cursor.execute(statement)
        while found := cursor.fetchmany(chunk):
            yield found
        if not self.is_sqlite:
            self._connection.execute("COMMIT")

    def among(self, column: str) -> str:
        """A condition with one value: the ids, as `listed` makes them."""
        if self.is_sqlite:
            return f"{column} IN (SELECT value FROM json_each(?))"
        return f"{column} = ANY(?)"

    def listed(self, ids: list[int]) -> Any:
        """Ids as the one value of `among`."""
        return str(ids) if self.is_sqlite else ids


@contextmanager
def connected(place: Environment) -> Iterator[Raw]:
    """A connection for a block."""
    scheme, _, rest = place.url.partition("://")
    if scheme != "sqlite":
        with closing(psycopg.connect(place.url, autocommit=True)) as connection:
            yield Raw(connection, is_sqlite=False)
        return
    with closing(sqlite3.connect(rest.removeprefix("/"), isolation_level=None)) as file:
        for pragma in PRAGMAS:
            file.execute(f"PRAGMA {pragma}")
        yield Raw(file, is_sqlite=True)
