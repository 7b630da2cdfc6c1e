"""While a new release's workers start, the last release's go on working on the new schema …"""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from seatadmin.extensions import db
from seatadmin.permissions import Role
from seatadmin.services.recount import differences
from tests.databases import Database
from tests.factories import ParticipantFactory, StaffFactory
from tests.views.browsing import Person

PREVIOUS = Path(__file__).parent / "previous"


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


def run(app: Flask, *words: str) -> Result:
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
    checked = [("doctor",), *([("audit", "verify")] if "audit" in app.cli.commands else [])]
    results = [run(app, *words) for words in checked]
    assert [result.output for result in results if result.exit_code] == []
