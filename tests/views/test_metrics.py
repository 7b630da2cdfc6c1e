"""`/metrics` …"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from seatadmin.extensions import db
from tests.databases import Database
from tests.views.browsing import Answer, Person
from tests.views.conftest import World

ROOT = Path(__file__).parents[2]


@pytest.fixture
def measured(app: Flask, database: Database, world: World) -> Iterator[Flask]:
    """An app of its own over the same database, with METRICS on."""
    made = create_app(
        {
            "SEATADMIN_ENV": "testing",
            "SECRET_KEY": "tests",
            "DATABASE_URL": database.url,
            "METRICS": "1",
            "METRICS_TOKEN": "a token",
            "METRICS_FROM": "127.0.0.1",
        }
    )
    yield made
    with made.app_context():
        db.engine.dispose()


def samples(answer: Answer) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) -> value."""
    return {
        (sample.name, *(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_counts_requests_statements_refusals_and_throttles(measured: Flask, world: World) -> None:
    person = Person(measured, world.regulator)
    before = samples(person.get("/metrics"))
    person.get("/admin/participant/")
    person.get("/admin/participant/details/", id=1_000_000)
    person.act("/admin/participant/", "suspend", world.cancelled["north"], world.active["north"])
    for _ in range(8):
        Person(measured).post("/login", email="ada@example.org", password="x")
    after = samples(person.get("/metrics"))

    def more(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert more("seatadmin_requests_total", "GET", "/admin/participant/", "200") == 1
    assert more("seatadmin_request_seconds_count", "GET", "/admin/participant/") == 1
    assert more("seatadmin_statements_total", "/admin/participant/") > 1
    assert more("seatadmin_refusals_total", "not_found") == 1
    assert more("seatadmin_refusals_total", "ended") == 1
    assert more("seatadmin_throttled_total", "/login") == 2
    assert "ada" not in person.get("/metrics").text


def test_tells_the_seats_of_each_sponsor(measured: Flask, world: World) -> None:
    found = samples(Person(measured).get("/metrics"))

    assert found["seatadmin_seats_used", str(world.acme)] == 2
    assert found["seatadmin_seats_limit", str(world.acme)] == 12
    assert found["seatadmin_seats_used", str(world.birch)] == 1
    assert ("seatadmin_seats_limit", str(world.birch)) not in found


def test_is_for_allowed_addresses_and_whoever_has_the_token(measured: Flask) -> None:
    client = measured.test_client()

    def status(address: str, **headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(
            "/metrics", headers=sent, environ_base={"REMOTE_ADDR": address}
        ).status_code

    assert status("127.0.0.1") == 200
    assert status("127.0.0.1", X_Forwarded_For="127.0.0.1") == 404
    assert status("10.0.0.1") == 404
    assert status("10.0.0.1", Authorization="Bearer a token") == 200
    assert status("10.0.0.1", Authorization="Bearer another") == 404
    assert status("") == 404


def test_is_not_there_unless_it_is_asked_for(anonymous: Person) -> None:
    assert anonymous.get("/metrics").status == 404


def test_adds_up_all_workers_that_share_a_folder(tmp_path: Path) -> None:
    """Two processes after each other, of which the second tells what both counted."""
    program = """
import json, sys
from app import create_app
app = create_app({"SEATADMIN_ENV": "testing", "SECRET_KEY": "t", "METRICS": "1",
    "DATABASE_URL": "sqlite:///" + sys.argv[1]})
client = app.test_client()
client.get("/healthz").close()
import flask_migrate
with app.app_context():
    flask_migrate.upgrade()
print(json.dumps(client.get("/metrics").text))
"""
    folder = tmp_path / "shared"
    folder.mkdir()
    texts = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "test.db")],
            cwd=ROOT,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert 'route="/healthz",status="200"} 1.0' in json.loads(texts[0])
    assert 'route="/healthz",status="200"} 2.0' in json.loads(texts[1])
