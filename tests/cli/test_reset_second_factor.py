"""`flask reset-second-factor` …"""

from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from seatadmin.access import UserSession
from seatadmin.extensions import db
from seatadmin.ledger import Change
from seatadmin.models import User
from seatadmin.services import second_factor, sessions
from tests.factories import ParticipantFactory, regulator


@pytest.fixture
def person(app: Flask) -> int:
    """A regulator who has lost the app, and is signed in somewhere."""
    with app.app_context():
        made = regulator(email="ada@example.org")
        ParticipantFactory(email="ben@example.org")
        second_factor.start(db.session, made.id)
        secret, _, _ = second_factor.being_set_up(db.session, "key", made.id, "ada")
        code = pyotp.TOTP(secret).now()
        second_factor.confirm(db.session, "key", made.actor, made, code)
        sessions.begin(db.session, made.id)
        db.session.commit()
        return int(made.id)


def reset(app: Flask, email: str) -> Any:
    return app.test_cli_runner().invoke(args=["reset-second-factor", email])


def test_switches_it_off_and_ends_the_sign_ins(app: Flask, person: int) -> None:
    done = reset(app, "Ada@example.org")

    assert (done.exit_code, "without a second factor" in done.output) == (0, True)
    with app.app_context():
        assert not second_factor.is_on(db.session, person)
        assert db.session.scalars(select(UserSession.ended_why)).all() == ["second_factor"]
        last = db.session.scalars(select(Change).order_by(Change.id.desc())).first()
        assert last is not None
        assert (last.actor_id, last.kind, last.action) == (None, "permission", "second_factor_off")


@pytest.mark.parametrize("email", ["nobody@example.org", "ben@example.org", ""])
def test_refuses_an_address_that_no_staff_has(app: Flask, person: int, email: str) -> None:
    done = reset(app, email)

    assert (done.exit_code, "No member of staff" in done.output) == (1, True)
    with app.app_context():
        assert second_factor.is_on(db.session, person)
        assert db.session.get(User, person)
