"""While a new release's workers start, the last release's go on working on the new schema …"""

import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask

from seatadmin.extensions import db
from seatadmin.permissions import Role
from seatadmin.services.recount import differences
from tests.databases import Database, postgresql_url, sqlite_url
from tests.factories import ParticipantFactory, StaffFactory
from tests.views.browsing import Person

ROOT = Path(__file__).parents[1]
PREVIOUS = ROOT / "tests" / "previous"

on_postgresql = pytest.mark.postgresql


class Result(NamedTuple):
    """What a command in another process ended with."""

    exit_code: int
    output: str


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last release's code, unpacked."""
    folder = tmp_path_factory.mktemp("previous")
    (archive,) = PREVIOUS.glob("*.tar.xz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


@pytest.fixture
def regulator(app: Flask) -> Person:
    with app.app_context():
        ParticipantFactory(first_name="Zoe", email="zoe@example.org")
        role = {"role": Role.REGULATOR, "signs_in": True}
        person = StaffFactory(email="regulator@example.org", **role).id
        db.session.commit()
    return Person(app, person)


def work(previous: Path, database: Database, turn: str) -> str:
    """Whatever people do in a day, through the last release."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PREVIOUS / "working.py"), database.url, turn],
        cwd=previous,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=words)


def test_and_both_find_everything_in_order(
    app: Flask, database: Database, previous: Path, regulator: Person
) -> None:
    assert "4 participants" in work(previous, database, "a")

    for page in ("", "participant/", "user/", "employer/", "sponsor/", "change/"):
        assert regulator.get(f"/admin/{page}").status == 200, page
    (cancelled,) = regulator.get("/admin/participant/", flt0_program_status_equals="cancelled").ids
    acted = regulator.act("/admin/participant/", "reinstate", cancelled, note="both work").json
    assert acted["changed"] == 1
    everybody = regulator.post(
        "/admin/participant/action/", as_json=True, action="cancel", selection="all"
    ).json
    assert everybody["changed"] == 4

    assert "7 participants" in work(previous, database, "b")

    with app.app_context():
        assert differences(db.session) == []
    assert complaints(lambda *words: run(app, *words)) == []


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=on_postgresql)])
def test_and_what_they_wrote_before_the_upgrade_is_in_order(
    kind: str, previous: Path, tmp_path: Path
) -> None:
    url = sqlite_url(tmp_path) if kind == "sqlite" else postgresql_url("upgraded")

    def flask(folder: Path, *words: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "flask", *words],
            cwd=folder,
            env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "tests"},
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout + done.stderr)

    numbers = ("--participants", "400", "--sponsors", "3", "--employers", "9")
    for folder, words in (
        (previous, ("db", "upgrade")),
        (previous, ("seed", *numbers)),
        (ROOT, ("db", "upgrade")),
    ):
        done = flask(folder, *words)
        assert done.exit_code == 0, done.output
    assert complaints(lambda *words: flask(ROOT, *words)) == []


def complaints(run: Callable[..., Any]) -> list[str]:
    """What the commands for an upgrade's end say is wrong. What the last release wrote is not
    sealed: it knows no chains."""
    every = (("audit", "seal"), ("seats", "verify"), ("audit", "verify"), ("doctor",))
    results = [run(*words) for words in every]
    return [result.output for result in results if result.exit_code]
