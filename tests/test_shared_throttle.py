"""Counting the requests to the sign-in in a Redis that several servers share …"""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
import time_machine

from seatadmin.views.flood import PATIENCE, Flood
from tests.databases import Database
from tests.served import free_port, serving

ONE_DATABASE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

pytestmark = pytest.mark.redis

FLOOD = 300
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Redis:
    """A Redis of the tests' own, which keeps nothing."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = free_port()
        self.uri = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._folder = folder
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, cwd=self._folder, stdout=subprocess.DEVNULL)
        while not self.answers():
            assert self.process.poll() is None

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    program = shutil.which("redis-server")
    if not program:
        pytest.skip("There is no redis-server here: install it (Debian: redis-server).")
    redis = Redis(program, tmp_path)
    yield redis
    redis.stop()


class Guesser:
    """Somebody who guesses passwords at one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        _status, page, self.cookie = self.sent("GET")
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        self.token = found[1] if found else ""

    def sent(self, method: str, body: str | None = None, cookie: str = "") -> tuple[int, str, str]:
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, "/login", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers["Set-Cookie"] or ""

    def is_stopped(self) -> bool:
        """Whether a guess is not even looked at: the flood's answer, not the account's delay."""
        fields = urlencode(
            {"csrf_token": self.token, "email": "nobody@example.org", "password": "x"}
        )
        status, page, _cookie = self.sent("POST", fields, self.cookie.partition(";")[0])
        assert status in (200, 429)
        return "Wait a minute" in page


@ONE_DATABASE
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "each for itself"])
def test_stops_at_one_server_who_was_too_fast_at_another(
    database: Database, redis: Redis, tmp_path: Path, shared: bool
) -> None:
    uri = redis.uri if shared else "memory://"
    settings = {"RATELIMIT_STORAGE_URI": uri, "WEB_CONCURRENCY": "1"}
    with (
        serving(database, tmp_path / "one.log", **settings) as (_, one),
        serving(database, tmp_path / "two.log", **settings) as (_, two),
    ):
        guesser = Guesser(one)
        stopped = [guesser.is_stopped() for _ in range(FLOOD + 1)]
        assert stopped == [False] * FLOOD + [True]
        assert Guesser(two).is_stopped() is shared


@ONE_DATABASE
@pytest.mark.parametrize("how", ["dead", "silent"])
def test_goes_on_without_it(database: Database, redis: Redis, tmp_path: Path, how: str) -> None:
    """A Redis that hangs would hold the page as long as one waits for it."""
    log = tmp_path / "log"
    with serving(database, log, RATELIMIT_STORAGE_URI=redis.uri, WEB_CONCURRENCY="1") as (_, port):
        guesser = Guesser(port)
        assert not guesser.is_stopped()
        if how == "dead":
            redis.stop()
        else:
            os.kill(redis.process.pid, signal.SIGSTOP)
        stopped = [guesser.is_stopped() for _ in range(FLOOD + 1)]
        assert stopped == [False] * FLOOD + [True]
    assert "Redis cannot be reached" in log.read_text()


def test_asks_it_again_after_a_minute(redis: Redis) -> None:
    here, there = (Flood(redis.uri, {"socket_timeout": 1}) for _ in range(2))
    with time_machine.travel(NOON, tick=False) as clock:
        assert here.lets_through("login", "192.0.2.1")
        redis.stop()
        assert here.lets_through("login", "192.0.2.1")
        redis.start()
        told = [there.lets_through("login", "192.0.2.1") for _ in range(FLOOD + 1)]
        assert told == [True] * FLOOD + [False]

        assert here.lets_through("login", "192.0.2.1"), "asked it again too early"
        clock.shift(PATIENCE)
        assert not here.lets_through("login", "192.0.2.1")
