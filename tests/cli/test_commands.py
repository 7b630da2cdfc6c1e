"""The commands…"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from tests.databases import Database, sqlite_url

ONLY_FOR_COMMANDS = ("alembic", "flask_migrate", "seatadmin.services.seeding")


def test_are_listed_with_a_line_each(app: Flask) -> None:
    listed = app.test_cli_runner().invoke(args=["--help"]).output
    for name in {"db", "doctor", "import-participants", "seats", "seed"}:
        assert f"\n  {name} " in listed


def test_of_migrations_are_flask_migrates(
    another_app: Callable[[str], Flask], tmp_path: Path
) -> None:
    runner = another_app(sqlite_url(tmp_path)).test_cli_runner()
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    assert runner.invoke(args=["seats"]).exit_code == 0


def test_cost_a_page_nothing(database: Database) -> None:
    """A server that starts and answers imports nothing that only commands use."""
    program = (
        "import sys; from app import create_app;"
        f"app = create_app({{'DATABASE_URL': {database.url!r}, 'SEATADMIN_ENV': 'testing'}});"
        "assert app.test_client().get('/login').status_code == 200;"
        f"print([name for name in {ONLY_FOR_COMMANDS!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def started(database: Database, *words: str) -> list[str]:
    """Which of Flask-Admin and the tables a process has, that was started as `flask` and words."""
    program = (
        f"import sys; sys.argv = {['flask', *words]!r};"
        "from app import create_app; from seatadmin.extensions import db;"
        f"create_app({{'DATABASE_URL': {database.url!r}, 'SEATADMIN_ENV': 'testing'}});"
        "print(*{'flask_admin'} & sys.modules.keys(), *sorted(db.metadata.tables))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "FLASK_RUN_FROM_CLI": "true"},
    )
    return done.stdout.split()


def test_cost_themselves_no_page_and_know_every_table(database: Database) -> None:
    """An erasure goes through all tables, those of pages too."""
    pages, *tables = started(database, "run")

    assert pages == "flask_admin"
    assert started(database, "erase", "--help") == tables
