"""The app over a migrated database, which every test finds as the migrations left it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import flask_migrate
from flask import Flask

from app import create_app
from seatadmin.extensions import db
from seatadmin.services import remembered
from seatadmin.views import flood, shell
from tests.databases import Database, PostgreSQLDatabase


@contextmanager
def app_over(url: str) -> Iterator[Flask]:
    """The app over the database at `url`."""
    app = create_app({"SEATADMIN_ENV": "testing", "DATABASE_URL": url, "SECRET_KEY": "tests"})
    try:
        yield app
    finally:
        disconnect(app)


def disconnect(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@dataclass(frozen=True)
class Installation:
    app: Flask
    database: Database

    def renew(self, connected: bool = False) -> "Installation":
        """Forget what the last test did: its rows, and the sign-ins that are throttled.

        Where nobody has spoiled them, connections may stay, but not to a file that is replaced.
        """
        if not (connected and isinstance(self.database, PostgreSQLDatabase)):
            disconnect(self.app)
        self.database.restore()
        flood.init_app(self.app)
        remembered.forget()
        shell.made.cache_clear()
        return self


@contextmanager
def installed(database: Database) -> Iterator[Installation]:
    """A new app over the new `database`, migrated."""
    with app_over(database.url) as app:
        with app.app_context():
            flask_migrate.upgrade()
        disconnect(app)
        database.keep()
        yield Installation(app, database)
