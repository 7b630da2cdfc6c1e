"""The server …"""

import http.client
import json
import os
import re
import signal
import socket
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlencode

import pytest
from flask import Flask

from seatadmin.extensions import db
from seatadmin.permissions import Role
from tests.databases import Database
from tests.factories import (
    PASSWORD,
    EmployerFactory,
    ParticipantFactory,
    StaffFactory,
)
from tests.served import serving
from tests.services.acting import active_participants

ROOT = Path(__file__).parents[1]
MANY = 500
LINE = re.compile(r"^\{.*\}$")


@pytest.fixture
def staff(app: Flask) -> str:
    """The e-mail of a regulator; and there are many participants to act on."""
    with app.app_context():
        employer = EmployerFactory()
        ParticipantFactory.create_batch(MANY, employer=employer)
        email = str(StaffFactory(role=Role.REGULATOR, signs_in=True).email)
        db.session.commit()
    return email


def signed_in(port: int, email: str) -> dict[str, str]:
    """The headers and the form token of somebody who has signed in."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cookies: dict[str, str] = {}

    def send(method: str, path: str, **fields: str) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(fields) if fields else None, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            cookies[name] = value
        text = answer.read().decode()
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', text)
        return found[1] if found else ""

    send("POST", "/login", email=email, password=PASSWORD, csrf_token=send("GET", "/login"))
    token = send("GET", "/admin/participant/")
    connection.close()
    assert token
    return {
        "token": token,
        "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
    }


def begun(port: int, known: dict[str, str], **fields: str) -> socket.socket:
    """A connection on which a batch is being worked on: the worker has asked for its form."""
    body = urlencode({"csrf_token": known["token"], **fields}).encode()
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    head = (
        "POST /admin/participant/action/ HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: {known['cookie']}",
        "Accept: application/json",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
    )
    connection.sendall("\r\n".join((*head, "", "")).encode())
    assert connection.recv(1000).startswith(b"HTTP/1.1 100")
    connection.sendall(body)
    return connection


def test_finishes_the_request_in_hand_when_it_is_told_to_stop(
    app: Flask, database: Database, staff: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(database, log) as (process, port):
        connection = begun(port, signed_in(port, staff), action="cancel", selection="all")
        process.send_signal(signal.SIGTERM)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        outcome = json.loads(answer.read())
        assert (answer.status, outcome["changed"]) == (200, MANY)
        assert process.wait(timeout=60) == 0
        connection.close()
    with app.app_context():
        assert active_participants(db.session) == 0
    lines = log.read_text().splitlines()
    assert [line for line in lines if not LINE.match(line)] == []
    told = [json.loads(line) for line in lines]
    assert {"time", "level", "event"} <= set.intersection(*(set(line) for line in told))
    (acted,) = (line for line in told if line.get("route") == "/admin/participant/action/")
    assert (acted["status"], acted["method"]) == (200, "POST")
    assert any("Listening at" in line["event"] for line in told)


def test_refuses_a_body_whose_chunks_are_malformed(
    app: Flask, database: Database, staff: str, tmp_path: Path
) -> None:
    with serving(database, tmp_path / "log") as (_, port):
        head = (
            "POST /login HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/x-www-form-urlencoded",
            "Transfer-Encoding: chunked",
        )
        for chunks in ("zz\r\nemail=a\r\n", "3\r\nemail=a\r\n0\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall("\r\n".join((*head, "", chunks)).encode())
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                assert (answer.status, b"could not be read" in answer.read()) == (400, True)


@pytest.mark.parametrize(  # the same file would only be opened twice
    "installation", ["sqlite"], indirect=True
)
def test_cut_off_at_once_would_have_lost_the_answer(
    app: Flask, database: Database, staff: str, tmp_path: Path
) -> None:
    """The control: a worker that is killed answers nothing, and nothing is half done."""
    with serving(database, tmp_path / "log") as (process, port):
        known = signed_in(port, staff)
        connection = begun(port, known, action="cancel", selection="all")
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        with connection, pytest.raises((http.client.BadStatusLine, ConnectionError)):
            http.client.HTTPResponse(connection).begin()
    with app.app_context():
        assert active_participants(db.session) in (0, MANY)


def test_makes_the_folder_of_its_counters(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    counted = {"METRICS": "1", "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with (
        serving(database, tmp_path / "log", **counted) as (_process, port),
        closing(http.client.HTTPConnection("127.0.0.1", port)) as connection,
    ):
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert (answer.status, b"seatadmin_" in answer.read()) == (200, True)
    assert list(folder.glob("*.db"))


@pytest.mark.parametrize(("hosts", "warned"), [("", True), ("127.0.0.1", False)])
def test_warns_in_production_that_any_host_is_answered(
    app: Flask, database: Database, tmp_path: Path, hosts: str, warned: bool
) -> None:
    log = tmp_path / "log"
    production = {"SEATADMIN_ENV": "production", "SECRET_KEY": token_hex(), "ALLOWED_HOSTS": hosts}
    with serving(database, log, **production):
        pass
    assert ("ALLOWED_HOSTS" in log.read_text()) is warned
