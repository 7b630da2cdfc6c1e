"""A long command tells how far it is…"""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from seatadmin.extensions import db
from tests.databases import Database
from tests.factories import EmployerFactory

SEED = ["seed", "--participants", "50", "--sponsors", "1", "--employers", "2"]


@pytest.fixture
def roster(app: Flask, tmp_path: Path) -> Path:
    """Twenty new participants of an employer who is there."""
    with app.app_context():
        employer = EmployerFactory().name
        db.session.commit()
    lines = [f"AP-{n},Ada,Lovelace,{employer}" for n in range(20)]
    path = tmp_path / "roster.csv"
    path.write_text("\n".join(["apprentice_number,first_name,last_name,employer", *lines]))
    return path


def run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=args)


def test_where_that_is_asked_for_and_not_among_its_results(app: Flask, roster: Path) -> None:
    result = run(app, "import-participants", str(roster), "--progress")

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "Reading the file: 100 %",
        "Writing: 0 %",
        "Writing: 50 %",
        "Writing: 100 %",
    ]
    assert "%" not in result.stdout


def test_and_nothing_into_a_pipe_that_did_not_ask(app: Flask, roster: Path) -> None:
    assert run(app, "import-participants", str(roster)).stderr == ""


def test_while_it_makes_a_world(app: Flask) -> None:
    told = run(app, *SEED, "--progress").stderr.splitlines()

    assert told[:2] == ["Filling user: 100 %", "Filling change: 100 %"]
    assert told[-1] == "Indexing: 100 %"


def test_on_a_terminal_in_a_line_that_is_gone_at_the_end(database: Database) -> None:
    """The process's standard error is a terminal, its standard output a pipe."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "DATABASE_URL": database.url, "SEATADMIN_ENV": "testing"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", *SEED],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.stdout.startswith("Made 50 participants")
    assert "\r\x1b[KFilling user: 100 %" in shown
    assert shown.endswith("\r\x1b[K")
