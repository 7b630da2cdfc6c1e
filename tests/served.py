"""Gunicorn as it is deployed, for tests that need the real server."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import Database

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    database: Database, log: Path, **settings: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Gunicorn as it is deployed, from the moment on when it is ready."""
    port = free_port()
    environment = {
        **os.environ,
        "SEATADMIN_ENV": "development",
        "LOG_FORMAT": "json",
        "SECRET_KEY": "tests",
        "DATABASE_URL": database.url,
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "2",
        **settings,
    }
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment, stderr=lines
        )
    try:
        while not answers(port):
            assert process.poll() is None, log.read_text()
        yield process, port
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(100)
    except OSError:
        return False
