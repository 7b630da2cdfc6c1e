"""Connections that are kept are asked whether they live only where there is a reason to."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from seatadmin import connections
from seatadmin.extensions import db
from tests.databases import Database

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize(
        "installation", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
    ),
]

LAST = "SELECT query FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def last_heard(app: Flask, database: Database) -> Callable[[], tuple[int, str]]:
    """Take a kept connection and give it back: its backend, and the last that this one heard."""

    def take() -> tuple[int, str]:
        with app.app_context(), db.engine.connect() as taken:
            driver = taken.connection.driver_connection
            with psycopg.connect(database.url) as other:
                heard = other.execute(LAST, [driver.info.backend_pid]).fetchone()
            assert heard
            return driver.info.backend_pid, heard[0]

    return take


def _use(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as used:
        used.execute(text("SELECT 'in use'"))
        used.commit()


def test_one_in_use_is_not_asked(app: Flask, last_heard: Callable[[], tuple[int, str]]) -> None:
    _use(app)
    _, heard = last_heard()
    assert "SELECT 1" not in heard


def test_one_that_was_quiet_is_asked(
    app: Flask, last_heard: Callable[[], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(app)
    monkeypatch.setattr(connections, "QUIET", 0)
    _, heard = last_heard()
    assert heard == "SELECT 1"


def test_one_that_the_server_hung_up_is_left_out_and_so_are_those_beside_it(
    app: Flask, database: Database, last_heard: Callable[[], tuple[int, str]]
) -> None:
    with app.app_context(), db.engine.connect() as one, db.engine.connect() as other:
        cut = {c.connection.driver_connection.info.backend_pid for c in (one, other)}
    with psycopg.connect(database.url, autocommit=True) as admin:
        for pid in cut:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    taken = {last_heard()[0], last_heard()[0]}
    assert len(cut) == 2
    assert not taken & cut
