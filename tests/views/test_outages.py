"""While something outside is wrong, nothing is changed, a page says so, and it mends by itself."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask, Response
from sqlalchemy import event, select

from app import create_app
from seatadmin.access import UserSession
from seatadmin.extensions import db
from seatadmin.models import Employer
from seatadmin.services.clock import skew
from tests.databases import Database
from tests.factories import ParticipantFactory
from tests.views.browsing import Person
from tests.views.conftest import Stored, World

on_postgresql = pytest.mark.parametrize(
    "installation", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)

linux = pytest.mark.skipif(not Path("/proc/uptime").exists(), reason="the kernel tells no clock")


@pytest.fixture
def worker(app: Flask, database: Database) -> Iterator[Flask]:
    """An application as it is deployed, over the same database."""
    made = create_app(
        {
            "SEATADMIN_ENV": "development",
            "SECRET_KEY": "tests",
            "DATABASE_URL": database.url,
        }
    )
    yield made
    with made.app_context():
        db.engine.dispose()


@on_postgresql
def test_a_server_that_only_reads_is_left_for_another(
    app: Flask, database: Database, world: World
) -> None:
    """After a failover, pooled connections may lead to what is a standby by now."""
    person = Person(app, world.regulator)
    assert person.get("/admin/participant/").status == 200
    with _only_reads(app, database):
        refused = person.act("/admin/participant/", "suspend", world.active["north"])
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) > 0
    done = person.act("/admin/participant/", "suspend", world.active["north"])
    assert (done.status, done.json["changed"]) == (200, 1)


@linux
def test_a_worker_whose_clock_is_wrong_dates_nothing(
    worker: Flask, world: World, stored: Stored
) -> None:
    for days in (2, -400):
        with time_machine.travel(timedelta(days=days)):
            person = Person(worker)
            assert person.get("/healthz").status == 200
            ready, refused = person.get("/readyz"), person.post("/login", email="a", password="b")
        assert (ready.status, "clock" in ready.json["status"]) == (503, True)
        assert refused.status == 503
    assert person.get("/readyz").status == 200
    assert Person(worker).post("/login", email="a", password="b").status == 200


@linux
def test_the_difference_of_clocks_is_in_seconds(stored: Stored) -> None:
    with stored() as session:
        assert abs(skew(session)) < 60
        with time_machine.travel(timedelta(hours=1)):
            assert 3_540 < skew(session) < 3_660


@on_postgresql
def test_a_connection_that_breaks_after_the_page_is_made_spoils_nothing(
    app: Flask, database: Database, world: World
) -> None:
    """The server is gone between the last statement and the end of the request's transaction."""
    person = Person(app, world.regulator)
    with _once_answered(app, partial(_cut_off, database)):
        answer = person.get("/admin/participant/")
    assert (answer.status, len(answer.ids)) == (200, 15)
    assert person.get("/admin/participant/").status == 200


@on_postgresql
def test_who_was_there_while_nothing_could_be_written_is_noted_later(
    app: Flask, database: Database, world: World, stored: Stored
) -> None:
    """An error after the answer would break the browser's connection under its next request."""
    person = Person(app, world.regulator)
    with stored() as session:
        seen = session.scalars(select(UserSession)).one()
        seen.last_seen_at -= timedelta(minutes=2)
        before = seen.last_seen_at
        session.commit()
    with _only_reads(app, database):
        assert person.get("/admin/participant/").status == 200
    with _once_answered(app, partial(_shut, database)):
        assert person.get("/admin/participant/").status == 200
    _open_again(database)
    with stored() as session:
        assert session.scalars(select(UserSession.last_seen_at)).one() == before

    assert person.get("/admin/participant/").status == 200

    with stored() as session:
        assert session.scalars(select(UserSession.last_seen_at)).one() > before


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_full_disk_changes_nothing_and_is_told(
    app: Flask, world: World, stored: Stored, contents: Callable[[], Any]
) -> None:
    with stored() as session:
        employer = session.get(Employer, world.south)
        for _ in range(300):
            ParticipantFactory(employer=employer)
        session.commit()
    person, before = Person(app, world.regulator), contents()
    again = {"action": "cancel", "selection": "all", "request_id": str(uuid.uuid4())}
    assert person.get("/admin/participant/").status == 200
    with _no_room(app):
        refused = person.post("/admin/participant/action/", as_json=True, **again)
        assert person.get("/admin/participant/").status == 200
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert contents() == before
    done = person.post("/admin/participant/action/", as_json=True, **again)
    assert (done.status, done.json["changed"]) == (200, 309)


@contextmanager
def _only_reads(app: Flask, database: Database) -> Iterator[None]:
    """New connections cannot write."""
    setting = f"DATABASE {_name(database)}", "default_transaction_read_only"
    with app.app_context():
        db.engine.dispose()
    with psycopg.connect(database.url, autocommit=True) as admin:
        admin.execute("ALTER {} SET {} = on".format(*setting))  # type: ignore[arg-type]
        try:
            yield
        finally:
            admin.execute("ALTER {} RESET {}".format(*setting))  # type: ignore[arg-type]


@contextmanager
def _once_answered(app: Flask, do: Callable[[], None]) -> Iterator[None]:
    """Something happens when a page is made, before the request ends."""

    def happen(response: Response) -> Response:
        do()
        return response

    app.after_request_funcs[None].insert(0, happen)
    try:
        yield
    finally:
        app.after_request_funcs[None].remove(happen)


def _cut_off(database: Database) -> None:
    with psycopg.connect(_another(database), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [_name(database)],
        )


def _shut(database: Database) -> None:
    _admit(database, "false")
    _cut_off(database)


def _open_again(database: Database) -> None:
    _admit(database, "true")


def _admit(database: Database, anybody: str) -> None:
    with psycopg.connect(_another(database), autocommit=True) as admin:
        to = f"ALTER DATABASE {_name(database)} ALLOW_CONNECTIONS {anybody}"
        admin.execute(to)  # type: ignore[arg-type]


def _name(database: Database) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(database.url)["dbname"])


def _another(database: Database) -> str:
    """The address of another database of the same server."""
    return psycopg.conninfo.make_conninfo(database.url, dbname="postgres")


@contextmanager
def _no_room(app: Flask) -> Iterator[None]:
    """New connections cannot make the file any larger."""
    with app.app_context():
        engine = db.engine

    def limit(connection: Any, _record: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()
