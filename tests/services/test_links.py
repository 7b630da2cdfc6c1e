"""A link for a password …"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, func, select
from sqlalchemy.orm import Session

from seatadmin.access import UserSession, Why
from seatadmin.credentials import PasswordLink
from seatadmin.extensions import begin_write
from seatadmin.lifecycle import AccountStatus
from seatadmin.models import User
from seatadmin.permissions import SYSTEM, NotPermitted
from seatadmin.services import links, passwords, sessions, users
from seatadmin.services.invalid import NotFound
from tests.factories import (
    EmployerFactory,
    ParticipantFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)
from tests.services.acting import act_on, audit, changes_of, items_of, scopes_of
from tests.services.test_seats_concurrency import together

DAY = timedelta(hours=24)
PASSWORD = "violet kettles cross the harbor"


@pytest.fixture
def user(session: Any) -> User:
    """Who has no password yet."""
    made: User = sponsor_staff()
    return made


@pytest.fixture
def token(session: Any, user: User) -> str:
    return links.make(session, SYSTEM, user.id, DAY)[1]


def is_dead(session: Any, token: str) -> bool:
    with pytest.raises(links.DeadLink):
        links.use(session, token, PASSWORD)
    try:
        links.owner(session, token)
    except links.DeadLink:
        return True
    return False


def test_gives_a_password(session: Any, user: User, token: str) -> None:
    assert links.owner(session, token) is user

    links.use(session, token, PASSWORD)

    session.refresh(user)
    assert passwords.verify(user.password_hash, PASSWORD)
    made, used = changes_of(session)
    assert (made.kind, made.action, made.actor_id) == ("permission", "password_link", None)
    assert (used.kind, used.action, used.actor_id) == ("permission", "set_password", user.id)
    assert items_of(session, made.id)[user.id].fields is None
    assert items_of(session, used.id)[user.id].fields == {"password_hash": [None, "changed"]}
    assert scopes_of(session, made.id) == {(user.sponsor_id, None, 1, user.id)}


def test_is_not_kept_as_it_is(session: Any, token: str) -> None:
    kept = session.execute(select(PasswordLink.__table__)).one()

    assert token not in repr(kept)
    assert len(token) > 40


def test_ends_all_sign_ins_of_the_person(session: Any, user: User, token: str) -> None:
    sessions.begin(session, user.id)
    sessions.begin(session, regulator().id)

    links.use(session, token, PASSWORD)

    why = dict(session.execute(select(UserSession.user_id, UserSession.ended_why)).all())
    assert why.pop(user.id) is Why.PASSWORD
    assert list(why.values()) == [None]


def test_is_of_use_once(session: Any, token: str) -> None:
    links.use(session, token, PASSWORD)

    assert is_dead(session, token)
    assert session.scalar(select(func.count()).select_from(PasswordLink)) == 0


def test_stays_when_the_password_is_too_weak(session: Any, user: User, token: str) -> None:
    recorded = audit(session)

    with pytest.raises(passwords.WeakPassword):
        links.use(session, token, f"{user.last_name} {user.last_name}!")

    assert audit(session) == recorded
    assert links.owner(session, token) is user


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud800", "0" * 5000])
def test_that_nobody_made_is_dead(session: Any, user: User, token: str) -> None:
    assert is_dead(session, token)


def test_dies_when_a_newer_one_is_made(session: Any, user: User, token: str) -> None:
    newer = links.make(session, SYSTEM, user.id, DAY)[1]

    assert is_dead(session, token)
    assert links.owner(session, newer) is user


def test_dies_of_age(session: Any, token: str) -> None:
    with time_machine.travel(datetime.now(UTC) + DAY, tick=False):
        assert is_dead(session, token)


def test_dies_for_good_with_the_account(session: Any, user: User, token: str) -> None:
    regulator()
    act_on(session, SYSTEM, "deactivate", user, population=User)
    assert is_dead(session, token)

    act_on(session, SYSTEM, "reactivate", user, population=User)
    assert is_dead(session, token)


def test_dies_when_the_person_is_moved_or_has_another_address(
    session: Any, user: User, token: str
) -> None:
    users.edit_staff(session, SYSTEM, user.id, user.version, {"email": "other@example.org"})

    assert is_dead(session, token)


def test_is_made_by_whoever_may_edit_the_person(session: Any) -> None:
    own, foreign = EmployerFactory(), EmployerFactory()
    staff, boss = sponsor_staff(own.sponsor), regulator()
    for target in (employer_admin(own), sponsor_staff(own.sponsor)):
        assert links.make(session, staff.actor, target.id, DAY)
        assert links.make(session, boss.actor, target.id, DAY)
    recorded = audit(session)
    absent = [boss, employer_admin(foreign), sponsor_staff(foreign.sponsor)]
    for id in (*(one.id for one in absent), ParticipantFactory(employer=own).id, 987_654):
        with pytest.raises(NotFound):
            links.make(session, staff.actor, id, DAY)
    with pytest.raises(NotPermitted):
        links.make(session, employer_admin(own).actor, staff.id, DAY)
    assert audit(session) == recorded


def test_is_not_made_for_oneself_nor_for_a_deactivated_account(session: Any) -> None:
    boss = regulator()
    gone = regulator(account_status=AccountStatus.DEACTIVATED)

    with pytest.raises(links.NoLink, match="present one"):
        links.make(session, boss.actor, boss.id, DAY)
    with pytest.raises(links.NoLink, match="deactivated"):
        links.make(session, boss.actor, gone.id, DAY)
    assert session.scalar(select(func.count()).select_from(PasswordLink)) == 0


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    yield engine
    engine.dispose()


def test_lets_one_of_two_in_who_use_it_together(
    session: Any, engine: Engine, user: User, token: str
) -> None:
    session.commit()

    def task(session: Session) -> str:
        begin_write(session)
        try:
            links.use(session, token, PASSWORD)
        except links.DeadLink:
            return "dead"
        session.commit()
        return "used"

    assert sorted(together(engine, *[task] * 6)) == ["dead"] * 5 + ["used"]
    session.expire_all()
    assert [str(change.action) for change in changes_of(session)] == [
        "password_link",
        "set_password",
    ]
