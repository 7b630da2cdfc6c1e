"""flask backup and flask restore …"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select

from seatadmin.cli.audit import audit
from seatadmin.cli.backup import backup, restore
from seatadmin.cli.doctor import doctor
from seatadmin.cli.seats import seats
from seatadmin.extensions import begin_write, db
from seatadmin.ledger import Change
from seatadmin.lifecycle import CANCEL, ProgramStatus
from seatadmin.models import Participant
from seatadmin.permissions import SYSTEM
from seatadmin.services import seeding, status
from seatadmin.services.scope import Selection
from tests.databases import Database, SQLiteDatabase, postgresql_url, sqlite_url
from tests.installation import app_over

pytestmark = pytest.mark.usefixtures("postgresql_programs")


@pytest.fixture
def seeded(app: Flask) -> Flask:
    with app.app_context():
        seeding.seed(db.session, seeding.Size(400, 3, 8), "a password of nobody", date.today())
        db.session.commit()
        db.session.remove()
    return app


@pytest.fixture
def target(database: Database, tmp_path: Path) -> Iterator[Flask]:
    """The app over a database of its own, empty."""
    sqlite = isinstance(database, SQLiteDatabase)
    url = sqlite_url(tmp_path) if sqlite else postgresql_url("restored")
    with app_over(url) as app:
        yield app


def run(app: Flask, command: Any, *words: Any) -> Any:
    result = app.test_cli_runner().invoke(command, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def contents(app: Flask) -> dict[str, list[str]]:
    with app.app_context():
        tables = db.metadata.sorted_tables
        return {
            table.name: sorted(map(repr, db.session.execute(select(table)))) for table in tables
        }


@contextmanager
def writers(app: Flask) -> Iterator[list[int]]:
    """Two threads that cancel people one after the other for as long as the block runs."""
    stop, done, started = Event(), list[int](), Event()

    def write(mine: list[int]) -> None:
        for id in mine:
            if stop.is_set():
                return
            with app.app_context():
                begin_write(db.session)
                asked = status.order(db.session, SYSTEM, CANCEL, Selection((id,)))
                status.perform(db.session, asked)
                db.session.commit()
            done.append(id)
            started.set()

    with app.app_context():
        active = Participant.program_status == ProgramStatus.ACTIVE
        ids = list(db.session.scalars(select(Participant.id).where(active)))
        db.session.remove()
    threads = [Thread(target=write, args=(ids[half::2],)) for half in (0, 1)]
    for thread in threads:
        thread.start()
    try:
        assert started.wait(20)
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_carry_everything_over_while_others_write(
    seeded: Flask, target: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "kept.backup"
    with writers(seeded) as done:
        before = len(done)
        assert run(seeded, backup, file).exit_code == 0
    restored = run(target, restore, file)

    assert restored.exit_code == 0, restored.output
    assert before >= 1
    for command, words in ((doctor, []), (seats, ["verify"]), (audit, ["verify"])):
        checked = run(target, command, *words)
        assert checked.exit_code == 0, checked.output
    with target.app_context():
        cancelled = select(func.count()).select_from(Change).where(Change.action == "cancel")
        assert db.session.scalar(cancelled) >= before


def test_bring_back_what_was_there(seeded: Flask, target: Flask, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    run(seeded, backup, file)
    run(target, restore, file)

    assert contents(target) == contents(seeded)


def test_never_replace_a_file(seeded: Flask, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    file.write_text("mine")

    refused = run(seeded, backup, file)

    assert (refused.exit_code, file.read_text()) == (1, "mine")
    assert "never replaces" in refused.output


def test_write_a_file_that_only_the_owner_reads(seeded: Flask, tmp_path: Path) -> None:
    run(seeded, backup, tmp_path / "kept.backup")

    assert (tmp_path / "kept.backup").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".*partial"))


def test_refuse_a_database_that_holds_something_unless_told(
    seeded: Flask, target: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "kept.backup"
    run(seeded, backup, file)
    with target.app_context():
        flask_migrate.upgrade()
        seeding.seed(db.session, seeding.Size(5, 1, 1), "a password of nobody", date.today())
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    before = contents(target)
    with target.app_context():
        db.session.remove()
        db.engine.dispose()

    refused = run(target, restore, file)
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert contents(target) == before
    with target.app_context():
        db.session.remove()
        db.engine.dispose()

    assert run(target, restore, file, "--replace").exit_code == 0
    assert contents(target) == contents(seeded)


def test_refuse_a_damaged_file(seeded: Flask, target: Flask, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    run(seeded, backup, file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])

    refused = run(target, restore, file)

    assert refused.exit_code == 1
    assert refused.output.count("\n") == 1


def test_refuse_a_file_of_another_version(seeded: Flask, target: Flask, tmp_path: Path) -> None:
    with seeded.app_context():
        db.session.execute(db.text("UPDATE alembic_version SET version_num = '001'"))
        db.session.commit()
    run(seeded, backup, tmp_path / "kept.backup")

    refused = run(target, restore, tmp_path / "kept.backup")

    assert refused.exit_code == 1
    assert "of migration 001" in refused.output


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_refuse_a_file_that_is_in_use(seeded: Flask, target: Flask, tmp_path: Path) -> None:
    file, url = tmp_path / "kept.backup", target.config["SQLALCHEMY_DATABASE_URI"]
    run(seeded, backup, file)
    run(target, restore, file)
    with target.app_context():
        db.engine.dispose()
    reader = sqlite3.connect(url.removeprefix("sqlite:///"))
    reader.execute('SELECT 1 FROM "user"').fetchone()

    refused = run(target, restore, file, "--replace")
    reader.close()

    assert refused.exit_code == 1
    assert "stop the server first" in refused.output


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_keep_what_is_replaced(seeded: Flask, target: Flask, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    run(seeded, backup, file)
    run(target, restore, file)
    with target.app_context():
        db.engine.dispose()

    told = run(target, restore, file, "--replace").output

    kept = Path(told.partition(" is in ")[2].splitlines()[0].rstrip("."))
    assert kept.exists()


@pytest.mark.postgresql
@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_say_which_program_is_missing(
    seeded: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    refused = run(seeded, backup, tmp_path / "kept.backup")

    assert refused.exit_code == 1
    assert "pg_dump is not on the PATH" in refused.output
    assert not (tmp_path / "kept.backup").exists()
    assert shutil.which("pg_dump") is None
