"""Tidying …"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from seatadmin.access import Attempts, UserSession
from seatadmin.credentials import PasswordLink
from seatadmin.extensions import db
from seatadmin.ledger import Request
from seatadmin.services import links, requests, sessions, throttle
from seatadmin.services.tidying import tidy
from seatadmin.uploads import Upload
from tests.factories import regulator
from tests.services.acting import audit

AGES = {
    UserSession: UserSession.created_at,
    PasswordLink: PasswordLink.expires_at,
    Attempts: Attempts.last_at,
    Upload: Upload.at,
    Request: Request.at,
}


@pytest.fixture
def leavings(session: Any) -> None:
    """One of everything, of this moment."""
    person, admin = regulator(), regulator()
    sessions.begin(session, person.id)
    links.make(session, admin.actor, person.id, timedelta(days=1))
    throttle.attempt(session, throttle.counters("ada@example.org", "192.0.2.1", "a device"))
    session.add(
        Upload(
            id="u",
            actor_id=person.id,
            name="a.csv",
            digest="",
            rows=0,
            header=[],
            sensitive=[],
            fields=[],
            create_employers=False,
        )
    )
    requests.claim(session, person.actor, "6a5a1b8e-33a4-4b0e-8b0f-5b8f6d0e1c11", "digest")
    session.commit()


def left(session: Any) -> list[int]:
    return [session.scalar(select(func.count()).select_from(model)) for model in AGES]


@pytest.mark.usefixtures("leavings")
def test_leaves_what_still_counts(session: Any) -> None:
    assert set(tidy(session).values()) == {0}
    assert left(session) == [1, 1, 1, 1, 1]


@pytest.mark.usefixtures("leavings")
def test_removes_what_is_long_over_and_records_no_change(app: Flask, session: Any) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=91)
    for model, age in AGES.items():
        session.execute(update(model).values({age.key: long_ago}))
    session.commit()
    before = audit(session)
    session.remove()

    done = app.test_cli_runner().invoke(args=["tidy"])

    assert (done.exit_code, "Removed 1 sign-ins, 1 password links" in done.output) == (0, True)
    assert left(db.session) == [0, 0, 0, 0, 0]
    assert audit(db.session) == before
