"""The migrations …"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import Connection, create_engine, inspect, text

from seatadmin.extensions import db
from tests.databases import postgresql_url, sqlite_url
from tests.installation import app_over

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index"
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def new_url(kind: str, name: str, folder: Path) -> str:
    folder = folder / name
    folder.mkdir()
    return sqlite_url(folder) if kind == "sqlite" else postgresql_url(name)


@pytest.fixture
def empty(kind: str, tmp_path: Path) -> Iterator[Flask]:
    """The app over an empty database, in its context."""
    url = new_url(kind, "migrations", tmp_path)
    with app_over(url) as app, app.app_context():
        yield app


def differences(connection: Connection) -> list[Any]:
    """Where models and database differ. Only the database has what makes lists fast: indexes
    beside the models' keys, and SQLite's search table with the tables that it consists of."""
    options = {
        "compare_type": True,
        "compare_server_default": connection.dialect.name == "postgresql",  # SQLite rewrites them
        "include_name": lambda name, kind, _: kind != "table" or not name.startswith("user_search"),
    }
    found = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
    return [difference for difference in found if not _only_makes_fast(difference)]


def _only_makes_fast(difference: Any) -> bool:
    return difference[0] == "remove_index" and not difference[1].unique


def checks(connection: Connection) -> dict[str, str]:
    """What Alembic does not compare: constraint -> condition."""
    inspector = inspect(connection)
    return {
        check["name"] or "": " ".join(check["sqltext"].split())
        for table in db.metadata.tables
        for check in inspector.get_check_constraints(table)
    }


def left_over(connection: Connection) -> set[str]:
    """Tables, indexes, triggers and functions that are neither Alembic's nor an extension's."""
    sqlite = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    postgresql = (
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')"
    )
    found = connection.execute(text(sqlite if connection.dialect.name == "sqlite" else postgresql))
    return {name for (name,) in found if not name.startswith("alembic_version")}


def test_make_what_the_models_say(empty: Flask, kind: str, tmp_path: Path) -> None:
    flask_migrate.upgrade()

    with db.engine.connect() as connection:
        assert differences(connection) == []
        migrated = checks(connection)
    created = create_engine(
        new_url(kind, "created", tmp_path).replace("postgresql:", "postgresql+psycopg:")
    )
    with created.connect() as connection:
        db.metadata.create_all(connection)
        assert migrated == checks(connection)
        connection.rollback()
    created.dispose()


def test_go_down_to_nothing_and_up_again(empty: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        made = left_over(connection)

    flask_migrate.downgrade(revision="base")
    with db.engine.connect() as connection:
        assert left_over(connection) == set()

    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert left_over(connection) == made
        assert differences(connection) == []


def test_run_once_when_several_nodes_start_them_at_once(kind: str, tmp_path: Path) -> None:
    url = new_url(kind, "nodes", tmp_path)
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "tests"}
    command = [sys.executable, "-m", "flask", "db", "upgrade"]
    nodes = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT, text=True)
        for _ in range(3)
    ]
    said = [node.communicate()[0] for node in nodes]

    assert [node.returncode for node in nodes] == [0, 0, 0], said
    with app_over(url) as app, app.app_context(), db.engine.connect() as connection:
        assert differences(connection) == []


def test_are_one_line_of_numbered_steps(empty: Flask) -> None:
    config = current_app.extensions["migrate"].migrate.get_config()
    scripts = ScriptDirectory.from_config(config)

    steps = [step.revision for step in scripts.walk_revisions()][::-1]
    assert steps == [f"{number:03}" for number in range(1, len(steps) + 1)]
    assert scripts.get_heads() == steps[-1:]
