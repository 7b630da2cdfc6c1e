"""Regulators who are taken away at the same moment …

Every thread has a connection of its own, and a barrier lets all of them go together.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from seatadmin.extensions import begin_write
from seatadmin.ledger import Change
from seatadmin.lifecycle import AccountStatus
from seatadmin.models import User
from seatadmin.permissions import Role
from seatadmin.services import users
from seatadmin.services.regulators import LastRegulator
from tests.factories import SponsorFactory, regulator
from tests.services.test_seats_concurrency import act, together

MANY = 16

ACTIVE = (User.role == Role.REGULATOR, User.account_status == AccountStatus.ACTIVE)


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def regulators(session: Any) -> list[int]:
    ids = [regulator().id for _ in range(MANY)]
    session.commit()
    return ids


def left(session: Any) -> int:
    session.rollback()
    return int(session.scalar(select(func.count()).select_from(User).where(*ACTIVE)))


def told(task: Callable[[Session], Any]) -> Callable[[Session], Any]:
    """The task, whose refusal is its result."""

    def run(session: Session) -> Any:
        try:
            return task(session)
        except LastRegulator:
            return "refused"

    return run


def deactivate(id: int, by: Any) -> Callable[[Session], Any]:
    return told(act("deactivate", [id], by, User))


def demote(id: int, by: Any, sponsor_id: int) -> Callable[[Session], Any]:
    def task(session: Session) -> int:
        begin_write(session)
        values = {"role": Role.SPONSOR, "sponsor_id": sponsor_id}
        users.edit_staff(session, by, id, 1, values)
        session.commit()
        return 1

    return told(task)


def test_leave_one(session: Any, engine: Engine, regulators: list[int]) -> None:
    """Each is deactivated, or given another role, by the next one, all together."""
    sponsor = SponsorFactory()
    session.commit()
    actors = [session.get(User, id).actor for id in regulators]
    tasks = [
        demote(id, actors[i - 1], sponsor.id) if i % 2 else deactivate(id, actors[i - 1])
        for i, id in enumerate(regulators)
    ]
    recorded = session.scalar(select(func.count()).select_from(Change))

    results = together(engine, *tasks)

    assert sorted(map(str, results)) == ["1"] * (MANY - 1) + ["refused"]
    assert left(session) == 1
    (last,) = session.scalars(select(User.id).where(*ACTIVE))
    assert last == regulators[results.index("refused")]
    assert session.scalar(select(func.count()).select_from(Change)) == recorded + MANY - 1


def test_leave_one_when_all_are_chosen_at_once(
    session: Any, engine: Engine, regulators: list[int]
) -> None:
    """Each deactivates everybody else in one batch."""
    actors = [session.get(User, id).actor for id in regulators]
    tasks = [
        told(act("deactivate", [id for id in regulators if id != actor.id], actor, User))
        for actor in actors
    ]

    results = together(engine, *tasks)

    assert left(session) == 1
    assert results.count(MANY - 1) == 1


def test_leave_nobody_without_the_lock(session: Any, engine: Engine, regulators: list[int]) -> None:
    """The control: everybody looks whether another is left, and then writes."""
    looked = threading.Barrier(MANY, timeout=60)

    def look_then_write(id: int) -> Callable[[Session], Any]:
        def task(session: Session) -> bool:
            rows = select(func.count()).select_from(User).where(*ACTIVE, User.id != id)
            another = bool(session.scalar(rows))
            looked.wait()
            gone = update(User).where(User.id == id)
            session.execute(gone.values(account_status=AccountStatus.DEACTIVATED))
            session.commit()
            return another

        return task

    results = together(engine, *map(look_then_write, regulators))

    broken = [result for result in results if isinstance(result, OperationalError)]
    if engine.dialect.name == "sqlite":  # some remain, but only because the others failed
        assert "database is locked" in str(broken[0])
    else:
        assert not broken
        assert left(session) == 0
