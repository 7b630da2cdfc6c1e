"""`flask apply-due` …"""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from seatadmin.extensions import db
from seatadmin.ledger import Change
from seatadmin.models import Participant
from seatadmin.permissions import SYSTEM
from tests.factories import EmployerFactory, ParticipantFactory
from tests.services.acting import act_on

TODAY = date.today()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def app(app: Flask) -> Flask:
    """Yesterday one was planned to be cancelled today, two to be reinstated, one for tomorrow."""
    with app.app_context():
        employer = EmployerFactory(name="North", seat_limit=3)
        ada, bob, cyd, dan = (
            ParticipantFactory(employer=employer, first_name=name, suspended=name in ("Bob", "Cyd"))
            for name in ("Ada", "Bob", "Cyd", "Dan")
        )
        ParticipantFactory(employer=employer)
        with time_machine.travel(YESTERDAY, tick=False):
            for act, day, *who in (
                ("reinstate", TODAY, bob, cyd),
                ("cancel", TODAY, ada),
                ("suspend", TODAY + timedelta(days=1), dan),
            ):
                act_on(db.session, SYSTEM, act, *who, effective_date=day)
        db.session.commit()
    return app


def run(app: Flask, *command: str) -> Any:
    return app.test_cli_runner().invoke(args=command or ["apply-due"])


def statuses(app: Flask) -> dict[str, tuple[str, Any]]:
    with app.app_context():
        rows = select(Participant).order_by(Participant.id).limit(4)
        return {
            row.first_name: (row.program_status, row.plan_id) for row in db.session.scalars(rows)
        }


def test_does_what_is_planned_for_today_and_tells_it(app: Flask) -> None:
    done = run(app)

    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [
            "Plan 1: 0 done, seats freed: 0, given up: 2.",
            "Plan 2: 1 done, seats freed: 1, given up: 0.",
            "Plans that were due: 2.",
        ],
    )
    assert statuses(app) == {
        "Ada": ("cancelled", None),
        "Bob": ("suspended", None),
        "Cyd": ("suspended", None),
        "Dan": ("active", 3),
    }
    assert run(app).output == "Plans that were due: 0.\n"


def test_leaves_what_the_doctor_finds_sound(app: Flask) -> None:
    before = run(app, "doctor")
    run(app)
    after = run(app, "doctor")

    assert "plans are done on their day" not in before.output
    assert "plans are done" not in after.output
    assert run(app, "seats", "verify").exit_code == 0
    assert run(app, "audit", "verify").exit_code == 0


def test_does_on_its_day_what_is_planned_for_tomorrow(app: Flask) -> None:
    run(app)
    with time_machine.travel(TODAY + timedelta(days=1)):
        done = run(app)

    assert "Plan 3: 1 done, seats freed: 1" in done.output
    assert statuses(app)["Dan"] == ("suspended", None)


def test_catches_up_on_days_on_which_it_did_not_run(app: Flask) -> None:
    with app.app_context(), time_machine.travel(YESTERDAY - timedelta(days=5), tick=False):
        missed = ParticipantFactory(first_name="Eve")
        act_on(db.session, SYSTEM, "complete", missed, effective_date=YESTERDAY)
        db.session.commit()
        id = missed.id
    assert "plans are done on their day" in run(app, "doctor").output

    run(app)

    with app.app_context():
        row = db.session.get_one(Participant, id)
        assert (row.program_status, row.status_date) == ("completed", YESTERDAY)


def test_does_nothing_in_production_by_a_wrong_clock(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SEATADMIN_ENV", "production")
    with time_machine.travel(TODAY + timedelta(days=2)):
        done = run(app)

    assert (done.exit_code, "clock" in done.output) == (1, True)
    assert statuses(app)["Ada"] == ("active", 2)
    with app.app_context():
        assert db.session.scalar(select(Change.id).where(Change.kind == "transition")) is None
