"""`flask import-participants` …"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from seatadmin.extensions import db
from seatadmin.ledger import Change
from seatadmin.models import Employer, Participant
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.imports.workbooks import workbook

NASTY = (
    'Apprentice #;"First\tName";Surname;E-Mail;Company;Occupation;"Start Date";Status;'
    "status_date;Reason;Note(s);SSN\r\n"
    "'=1;Zoë;\"O'Neil; Jr\";zoe@example.org;Wörks;Roofer;2024-01-02;Active;;;;078-05-1120\r\n"
    "\r\n"
    '"0042";"José\r\nMaría";Núñez;jose@example.org;WORKS;Roofer;20240102;canceled;20250203;'
    'Own request;"moved\r\naway; said ""bye""";078-05-1121\r\n'
    ";李;王;li@example.org;works;;;;;;;\r\n"
)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The employer Wörks of the sponsor Acme."""
    with app.app_context():
        EmployerFactory(name="Wörks", sponsor=SponsorFactory(name="Acme"))
        db.session.commit()
    return app


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Any:
    def run(content: str | bytes, *args: str) -> Any:
        file = tmp_path / "roster.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
        return app.test_cli_runner().invoke(args=["import-participants", str(file), *args])

    return run


def stored(app: Flask, *columns: Any) -> list[Any]:
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(*columns).order_by(*columns))]


def test_imports_a_roster_as_spreadsheets_save_it(app: Flask, run: Any) -> None:
    answer = run(NASTY, "--format", "json")

    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == {
        "new": 3,
        "changed": 0,
        "same": 0,
        "skipped": 0,
        "refused": [],
        "seats_freed": -2,
        "dropped_columns": ["SSN"],
        "change_id": stored(app, Change.id)[-1][0],
    }
    assert sorted(
        stored(app, Participant.first_name, Participant.last_name, Participant.apprentice_number)
    ) == [
        ("José María", "Núñez", "0042"),
        ("Zoë", "O'Neil; Jr", "=1"),
        ("李", "王", None),
    ]
    assert ('moved\naway; said "bye"',) in stored(app, Participant.status_note)
    everything = str(stored(app, *Participant.__table__.columns))
    assert "078-05" not in everything
    assert "078051" not in everything  # fewer digits may stand in the second of an entry


def test_imports_a_workbook_that_it_knows_by_its_content(app: Flask, run: Any) -> None:
    file = workbook(
        ["First name", "Surname", "E-Mail", "Company", "Start date", "SSN", "Shoe size"],
        ["Zoë", "O'Neil", "zoe@example.org", "works", date(2024, 1, 2), "078-05-1120", 42],
        [None, None, "nobody@example.org", "nowhere"],
    )
    answer = run(file, "--skip-refused", "--format", "json")

    told = json.loads(answer.stdout)
    assert (told["new"], [row["line"] for row in told["refused"]]) == (1, [3])
    assert told["dropped_columns"] == ["SSN", "Shoe size"]
    assert stored(app, Participant.registration_date) == [(date(2024, 1, 2),)]


def test_changes_nothing_in_a_dry_run(app: Flask, run: Any) -> None:
    dry = json.loads(run(NASTY, "--dry-run", "--format", "json").stdout)

    assert (dry["new"], dry["seats_freed"], dry["change_id"]) == (3, -2, None)
    assert stored(app, Participant.id) == stored(app, Change.id) == []


def test_writes_nothing_and_exits_with_1_when_a_line_is_refused(app: Flask, run: Any) -> None:
    for args in ([], ["--dry-run"]):
        answer = run(NASTY + ";No;Employer;no@example.org;Nowhere;;;;;;;\r\n", *args)

        assert answer.exit_code == 1
        assert "3 new, 0 changed, 0 the same, 0 skipped, 1 refused; 2 seats taken" in answer.output
        assert "Line 8: No sponsor has an employer “Nowhere”: name the sponsor." in answer.output
        assert "nothing was written" in answer.output.lower()
        assert stored(app, Participant.id) == stored(app, Change.id) == []


def test_skips_refused_lines_when_told_to_and_still_exits_with_1(app: Flask, run: Any) -> None:
    answer = run(NASTY + "9;;;;;;;;;;;\r\n", "--skip-refused")

    assert answer.exit_code == 1
    assert "Recorded as change" in answer.output
    assert len(stored(app, Participant.id)) == 3


def test_creates_employers_when_told_to(app: Flask, run: Any) -> None:
    file = "email,first_name,last_name,employer\nn@example.org,New,One,Novum\n"

    assert run(file, "--sponsor", "acme").exit_code == 1
    answer = run(file, "--sponsor", "acme", "--create-employers")

    assert answer.exit_code == 0, answer.output
    assert stored(app, Employer.name) == [("Novum",), ("Wörks",)]


def test_counts_seats_that_become_free(app: Flask, run: Any) -> None:
    with app.app_context():
        employer = db.session.scalars(select(Employer)).one()
        ParticipantFactory(employer=employer, email="a@example.org")
        db.session.commit()

    answer = run("email,program_status\nA@example.org,completed\n")

    assert answer.output.startswith(
        "0 new, 1 changed, 0 the same, 0 skipped, 0 refused; 1 seat freed.\n"
    )


@pytest.mark.parametrize(
    ("content", "args", "why"),
    [
        (b"", [], "The file is empty"),
        ("Zoë,a\n".encode("latin-1"), [], "not UTF-8 text"),
        ("name\nAnn\n", [], "apprentice_number or email"),
        ("email,email\n", [], "both mean email"),
        ("email\n", ["--sponsor", "Nobody"], "no sponsor called “Nobody”"),
    ],
)
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_says_in_one_line_that_a_file_is_wrong(
    run: Any, content: str | bytes, args: list[str], why: str, dry: list[str]
) -> None:
    answer = run(content, *args, *dry)

    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert why in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize(("name", "why"), [("absent.csv", "No such file"), (".", "directory")])
def test_says_that_a_file_cannot_be_read(app: Flask, tmp_path: Path, name: str, why: str) -> None:
    asked = ["import-participants", str(tmp_path / name)]
    answer = app.test_cli_runner().invoke(args=asked)
    told = json.loads(app.test_cli_runner().invoke(args=[*asked, "--format", "json"]).stdout)

    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"Error: “{tmp_path / name}” cannot be read: ")
    assert why in answer.stderr
    assert [(line["line"], why in line["why"]) for line in told["refused"]] == [(1, True)]


def test_tells_scripts_of_a_wrong_file_as_of_a_wrong_line(run: Any) -> None:
    answer = run("name\nAnn\n", "--format", "json")

    told = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert [line["line"] for line in told["refused"]] == [1]
    assert "apprentice_number or email" in told["refused"][0]["why"]
    assert (told["new"], told["change_id"]) == (0, None)


def test_names_so_many_refused_lines_only(run: Any) -> None:
    answer = run("email\n" + "".join(f"{i}\n" for i in range(150)))

    assert answer.output.count("\nLine ") == 100
    assert "… and 50 more" in answer.output
