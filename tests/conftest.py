"""Fixtures for every test: the app over each database, and a session for the services.

No application context is open around a client's calls: Flask-Login keeps the person in the
context's `g`, so under one shared context a second client would act as the first one's person.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from flask import Flask
from flask.signals import request_started
from sqlalchemy.orm import Session, scoped_session

from seatadmin.extensions import db
from tests.databases import Database, PostgreSQLDatabase, SQLiteDatabase, stop_postgresql
from tests.installation import Installation, app_over, installed

hypothesis.settings.register_profile("no-deadline", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("no-deadline")


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(SQLiteDatabase(tmp_path_factory.mktemp("sqlite"))) as installation:
        yield installation


@pytest.fixture(scope="session")
def on_postgresql() -> Iterator[Installation]:
    with installed(PostgreSQLDatabase("seatadmin")) as installation:
        yield installation


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def installation(request: pytest.FixtureRequest) -> Installation:
    """Whatever uses this, by way of `app` or `database`, runs on SQLite and on PostgreSQL."""
    on_kind: Installation = request.getfixturevalue(f"on_{request.param}")
    return on_kind.renew()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A database that all tests of a module share, because to fill it takes long."""
    name = request.module.__name__.rpartition(".")[2]
    if request.param == "sqlite":
        database: Database = SQLiteDatabase(tmp_path_factory.mktemp(name))
    else:
        database = PostgreSQLDatabase(name)
    with installed(database) as installation:
        yield installation


@pytest.fixture
def app(installation: Installation) -> Flask:
    """The app over a database that holds what the migrations put there, and nothing else."""
    return installation.app


@pytest.fixture
def database(installation: Installation) -> Database:
    """The database of `app`; its `url` is for a subprocess."""
    return installation.database


@pytest.fixture
def another_app() -> Iterator[Callable[[str], Flask]]:
    """Makes the app over the database at an address; its connections are closed in the end."""
    with ExitStack() as apps:
        yield lambda url: apps.enter_context(app_over(url))


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Session]]:
    """A session for services and models; what a test does not commit is rolled back.

    Its application context stays open, so a client's call in the same test is refused.
    """

    def refuse(_app: Flask) -> None:
        pytest.fail("`session` holds a context open: a client would share it.")

    with request_started.connected_to(refuse, app), app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Takes the place of pytest-flask's fixture, which opens a context around every test."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a test often waits for a browser or a server."""
    return min(4, (os.cpu_count() or 2) + 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a test that is skipped for want of a browser, PostgreSQL or Redis has failed."""
    report = yield
    must_run = any(map(item.get_closest_marker, ("browser", "postgresql", "redis")))
    if report.skipped and must_run and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"CI must not skip this test: {report.longrepr[2]}"
    return report


def pytest_sessionfinish() -> None:
    stop_postgresql()
