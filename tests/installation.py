"""The app over a migrated database, which every test finds as the migrations left it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import flask_migrate
from flask import Flask

from app import create_app
from seatadmin.extensions import db, limiter
from seatadmin.services import remembered
from seatadmin.views import shell
from tests.databases import Database


@dataclass(frozen=True)
class Installation:
    app: Flask
    database: Database

    def renew(self) -> "Installation":
        """Forget what the last test did: its rows, and the sign-ins that are throttled."""
        self.disconnect()
        self.database.restore()
        limiter.reset()
        remembered.forget()
        shell.made.cache_clear()
        return self

    def disconnect(self) -> None:
        with self.app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


@contextmanager
def installed(database: Database) -> Iterator[Installation]:
    """A new app over the new `database`, migrated."""
    settings = {"SEATADMIN_ENV": "testing", "DATABASE_URL": database.url, "SECRET_KEY": "tests"}
    installation = Installation(create_app(settings), database)
    with installation.app.app_context():
        flask_migrate.upgrade()
    installation.disconnect()
    database.keep()
    yield installation
    installation.disconnect()
