"""A sign-in …"""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text, update
from sqlalchemy.orm import Session

from seatadmin.access import UserSession, Why
from seatadmin.extensions import begin_write, db
from seatadmin.models import User
from seatadmin.permissions import Role
from seatadmin.services import sessions
from seatadmin.services.sessions import Limits
from tests.factories import EmployerFactory, ParticipantFactory, StaffFactory

LIMITS = Limits(idle=timedelta(minutes=30), longest=timedelta(hours=12))


@pytest.fixture
def person(session: Session) -> User:
    made = StaffFactory(role=Role.SPONSOR, first_name="Ada", last_name="Byron")
    session.commit()
    return made


@pytest.fixture
def token(session: Session, person: User) -> str:
    found = sessions.begin(session, person.id, address="192.0.2.x", agent="Firefox on Linux")
    session.commit()
    return found


def age(session: Session, **columns: timedelta) -> None:
    """Move moments of every sign-in by so much."""
    for one in session.scalars(select(UserSession)):
        for name, by in columns.items():
            setattr(one, name, getattr(one, name) + by)
    session.commit()


def why(session: Session) -> list[str | None]:
    """Why each sign-in ended, in their order."""
    rows = select(UserSession.ended_why, UserSession.ended_at).order_by(UserSession.id)
    found = session.execute(rows).all()
    assert all((reason is None) == (at is None) for reason, at in found)
    return [reason for reason, _ in found]


def test_is_found_by_its_token_in_one_statement(session: Session, person: User, token: str) -> None:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    found = sessions.find(session, token, LIMITS)
    event.remove(db.engine, "before_cursor_execute", note)

    assert found is not None
    assert (found.id, found.name, found.actor) == (person.id, "Ada Byron", person.actor)
    assert (found.get_id(), found.stale) == (token, False)
    assert len([sql for sql in seen if sql.startswith("SELECT")]) == 1


def test_is_kept_without_its_token(session: Session, token: str) -> None:
    stored = session.execute(text("SELECT * FROM user_session")).one()

    assert token not in map(str, stored)
    assert len(token) >= 40


def test_is_nobodys_under_another_token(session: Session, token: str) -> None:
    digest = session.scalars(select(UserSession.token_digest)).one()

    for other in ("", "x", token[:-1], token + "x", digest):
        assert sessions.find(session, other, LIMITS) is None


@pytest.mark.parametrize(
    ("moved", "counts"),
    [
        ({"last_seen_at": -timedelta(minutes=29)}, True),
        ({"last_seen_at": -timedelta(minutes=31)}, False),
        ({"created_at": -timedelta(hours=11, minutes=59)}, True),
        ({"created_at": -timedelta(hours=12, minutes=1)}, False),
    ],
)
def test_lasts_half_an_hour_without_use_and_twelve_at_most(
    session: Session, token: str, moved: dict[str, timedelta], counts: bool
) -> None:
    age(session, **moved)

    assert (sessions.find(session, token, LIMITS) is not None) is counts


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=-400), timedelta(days=40_000)])
def test_of_a_clock_that_is_days_off_does_not_count(
    session: Session, token: str, off: timedelta
) -> None:
    """A worker whose clock is two days ahead cannot begin one that lasts two days longer."""
    age(session, created_at=off, last_seen_at=off)

    assert sessions.find(session, token, LIMITS) is None


def test_seen_by_a_clock_ahead_still_ends_after_twelve_hours(session: Session, token: str) -> None:
    age(session, last_seen_at=timedelta(days=2))
    assert sessions.find(session, token, LIMITS) is not None

    age(session, created_at=-timedelta(hours=12, minutes=1))

    assert sessions.find(session, token, LIMITS) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("account_status = 'deactivated'", Why.ACCOUNT),
        ("role = 'regulator', sponsor_id = NULL", Why.ROLE),
        ("sponsor_id = {other}", Why.ROLE),
        ("role = 'employer_admin', sponsor_id = {other}, employer_id = {employer}", Why.ROLE),
    ],
)
def test_ends_when_access_changes_by_whatever_path(
    session: Session, person: User, token: str, changed: str, reason: Why
) -> None:
    """Even by SQL typed by hand; and giving it back does not bring the sign-in back."""
    employer = EmployerFactory()
    session.commit()
    changed = changed.format(other=employer.sponsor_id, employer=employer.id)

    for values in (changed, "account_status = 'active'"):
        session.execute(text(f'UPDATE "user" SET {values} WHERE id = {person.id}'))  # noqa: S608
    session.commit()

    assert sessions.find(session, token, LIMITS) is None
    assert why(session) == [reason]


def test_goes_on_when_only_a_name_changes(session: Session, person: User, token: str) -> None:
    person.last_name = "King"
    session.commit()

    found = sessions.find(session, token, LIMITS)

    assert found is not None
    assert found.name == "Ada King"


def test_of_a_participant_counts_for_nothing(session: Session) -> None:
    token = sessions.begin(session, ParticipantFactory().id)
    session.commit()

    assert sessions.find(session, token, LIMITS) is None


def test_that_waits_for_its_second_factor_opens_nothing(session: Session, person: User) -> None:
    token = sessions.begin(session, person.id, complete=False)
    session.commit()

    assert sessions.find(session, token, LIMITS) is None
    assert sessions.find(session, token, LIMITS, complete=False) is not None
    age(session, created_at=-timedelta(minutes=11))
    assert sessions.find(session, token, LIMITS, complete=False) is None


def test_can_be_ended_with_all_others_or_but_for_one(session: Session, person: User) -> None:
    tokens = [sessions.begin(session, person.id) for _ in range(3)]
    other = sessions.begin(session, StaffFactory(role=Role.REGULATOR).id)
    kept = sessions.find(session, tokens[1], LIMITS)
    assert kept is not None

    assert sessions.end_all(session, person.id, Why.PASSWORD, keep=kept.session_id) == 2
    assert why(session) == [Why.PASSWORD, None, Why.PASSWORD, None]
    assert sessions.end_all(session, person.id, Why.PASSWORD) == 1

    assert [sessions.find(session, token, LIMITS) for token in tokens] == [None] * 3
    assert sessions.find(session, other, LIMITS) is not None


def test_is_ended_only_by_its_own_person_and_once(
    session: Session, person: User, token: str
) -> None:
    id = session.scalars(select(UserSession.id)).one()
    stranger = StaffFactory(role=Role.REGULATOR)

    assert not sessions.end(session, stranger.id, id, Why.ENDED)
    assert sessions.find(session, token, LIMITS) is not None
    assert sessions.end(session, person.id, id, Why.ENDED)
    assert not sessions.end(session, person.id, id, Why.SIGNED_OUT)
    assert why(session) == [Why.ENDED]


def test_is_listed_to_its_person_while_it_counts(session: Session, person: User) -> None:
    for agent in ("old", "ended", "half", "present"):
        sessions.begin(session, person.id, agent=agent, complete=agent != "half")
    sessions.begin(session, StaffFactory(role=Role.REGULATOR).id, agent="a stranger's")
    old, ended, *_ = session.scalars(select(UserSession).order_by(UserSession.id))
    old.last_seen_at -= timedelta(hours=1)
    sessions.end(session, person.id, ended.id, Why.SIGNED_OUT)
    session.commit()

    assert [one.agent for one in sessions.listed(session, person.id, LIMITS)] == ["present"]


def test_of_long_ago_is_forgotten_at_the_next_one(
    session: Session, person: User, token: str
) -> None:
    age(session, created_at=-timedelta(days=91))

    sessions.begin(session, person.id)

    assert session.scalar(select(func.count()).select_from(UserSession)) == 1


def note(engine: Engine, id: int) -> None:
    with engine.connect() as connection:
        sessions.seen(connection, id)
        connection.commit()


def last_seen(session: Session) -> Any:
    session.rollback()
    return session.scalars(select(UserSession.last_seen_at)).one()


def test_is_seen_at_most_once_a_minute_and_never_backwards(session: Session, token: str) -> None:
    age(session, last_seen_at=-timedelta(minutes=2))
    before = last_seen(session)
    found = sessions.find(session, token, LIMITS)
    assert found is not None
    assert found.stale
    session.rollback()

    note(db.engine, found.session_id)

    noted = last_seen(session)
    assert noted > before
    again = sessions.find(session, token, LIMITS)
    assert again is not None
    assert not again.stale
    age(session, last_seen_at=timedelta(hours=1))
    note(db.engine, found.session_id)
    assert last_seen(session) == noted + timedelta(hours=1)


def test_is_seen_without_waiting_for_who_writes(session: Session, token: str) -> None:
    """On SQLite whoever writes holds up all other writers: a page is none of them."""
    age(session, last_seen_at=-timedelta(minutes=2))
    found = sessions.find(session, token, LIMITS)
    assert found is not None
    before = last_seen(session)
    begin_write(session)
    session.execute(update(UserSession).values(agent="held"))
    engine = db.engine
    waiting = threading.Thread(target=note, args=(engine, found.session_id))

    waiting.start()
    waiting.join(timeout=5)

    assert not waiting.is_alive()
    session.rollback()
    assert last_seen(session) == before
    with db.engine.connect() as connection:
        assert patience(connection) > 1_000


def patience(connection: Connection) -> int:
    """How long a writer waits for its turn, in milliseconds; PostgreSQL's waits without end."""
    if connection.dialect.name != "sqlite":
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"
        return 1_000_000
    return int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar() or 0)
