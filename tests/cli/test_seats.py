"""`flask seats` …"""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from seatadmin.extensions import db
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory


@pytest.fixture
def app(app: Flask) -> Flask:
    """Zeta uses two of one seats at employer 1, Älpha one without a limit."""
    with app.app_context():
        zeta = EmployerFactory(name="First", sponsor=SponsorFactory(name="Zeta", seat_limit=1))
        alpha = EmployerFactory(name="Second", sponsor=SponsorFactory(name="Älpha"))
        for employer in (zeta, zeta, alpha):
            ParticipantFactory(employer=employer)
        ParticipantFactory(employer=zeta, cancelled=True)
        SponsorFactory(name="Empty", seat_limit=5)
        db.session.commit()
    return app


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["seats", *args])


def test_lists_used_limit_and_free_of_every_sponsor(app: Flask) -> None:
    answer = run(app)

    assert answer.exit_code == 0
    assert [line.split() for line in answer.output.splitlines()] == [
        ["used", "limit", "free", "sponsor"],
        ["1", "none", "none", "Älpha"],
        ["0", "5", "5", "Empty"],
        ["2", "1", "-1", "Zeta"],
    ]


def test_gives_the_same_as_json(app: Flask) -> None:
    assert json.loads(run(app, "--format", "json").output) == [
        {"sponsor_id": 2, "sponsor": "Älpha", "used": 1, "limit": None, "free": None},
        {"sponsor_id": 3, "sponsor": "Empty", "used": 0, "limit": 5, "free": 5},
        {"sponsor_id": 1, "sponsor": "Zeta", "used": 2, "limit": 1, "free": -1},
    ]


def test_verifies_counts_that_are_right(app: Flask) -> None:
    answer = run(app, "verify")

    assert answer.exit_code == 0
    assert answer.output == "Every seat count is right.\n"


def test_tells_every_count_that_is_wrong_or_missing(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE seat_count SET active = 7 WHERE employer_id = 1"))
        db.session.execute(text("DELETE FROM seat_count WHERE employer_id = 2"))
        db.session.commit()

    answer = run(app, "verify")

    assert answer.exit_code == 1
    assert "Employer 1, First: 2 counted, 7 kept." in answer.output
    assert "Employer 2, Second: 1 counted, no count is kept." in answer.output
    assert "2 employers" in answer.output


def test_tells_of_months_that_do_not_add_up(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE seat_month SET taken = 5 WHERE employer_id = 1"))
        db.session.commit()

    answer = run(app, "verify")

    assert answer.exit_code == 1
    assert "Employer 1, First: the months add up to 5, 2 kept." in answer.output
