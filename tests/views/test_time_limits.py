"""A statement that takes too long is stopped, and whoever asked is told…"""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from seatadmin.extensions import begin_write, db
from tests.databases import Database
from tests.views.browsing import Person
from tests.views.conftest import World

COUNTING = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})
    SELECT count(*) FROM n"""

TOLD = "This took longer than 1 seconds and was stopped. Nothing was changed."


def work(seconds: float) -> str:
    """Keep the database busy: on SQLite with statements that take some milliseconds each."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
        return "done"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        db.session.execute(text(COUNTING.format(100_000)))
    return "done"


def slow() -> str:
    """One statement that would go on for minutes."""
    if db.engine.dialect.name == "postgresql":
        return work(300)
    db.session.execute(text(COUNTING.format(10**9)))
    return "done"


@pytest.fixture
def limited(database: Database) -> Iterator[Flask]:
    """The app with a second for reads, and pages that are slow."""
    app = create_app(
        {
            "SEATADMIN_ENV": "testing",
            "SECRET_KEY": "tests",
            "DATABASE_URL": database.url,
            "READ_SECONDS": 1,
            "WRITE_SECONDS": 30,
        }
    )
    app.add_url_rule("/slow", "slow", slow)
    app.add_url_rule("/short", "short", lambda: work(1.5))

    @app.get("/short-write")
    def short_write() -> str:
        begin_write(db.session)
        return work(1.5)

    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def person(limited: Flask, world: World) -> Person:
    return Person(limited, world.regulator)


def test_on_a_page_and_in_json(person: Person) -> None:
    began = time.monotonic()
    page, script = person.get("/slow"), person.get("/slow", as_json=True)
    assert time.monotonic() - began < 20
    assert (page.status, script.status) == (503, 503)
    assert TOLD in page.text
    assert "That took too long" in page.text
    assert script.json["error"].startswith(TOLD)


def test_and_the_next_page_is_answered(person: Person) -> None:
    assert person.get("/slow").status == 503
    assert person.get("/admin/participant/").status == 200


def test_but_what_writes_may_take_longer(person: Person) -> None:
    """The control: the same statement, with another limit."""
    assert person.get("/short").status == 503
    assert person.get("/short-write").status == 200


def test_and_afterwards_a_read_is_limited_again(person: Person) -> None:
    assert person.get("/short-write").status == 200
    assert person.get("/short").status == 503


def test_but_commands_may_take_as_long_as_they_need(limited: Flask, person: Person) -> None:
    assert person.get("/admin/participant/").status == 200
    with limited.app_context():
        assert work(1.5) == "done"
