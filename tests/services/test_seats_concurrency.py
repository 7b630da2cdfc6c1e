"""Many people at once …

Every thread has a connection of its own, and a barrier lets all of them go together.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from seatadmin.counts import SeatCount
from seatadmin.extensions import begin_write
from seatadmin.ledger import ChangeItem
from seatadmin.lifecycle import ACTS, REINSTATE, effects
from seatadmin.models import Participant, User
from seatadmin.permissions import SYSTEM, Actor
from seatadmin.services import participants, status
from seatadmin.services.scope import Selection
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, regulator
from tests.services.acting import seats_agree

THREADS = 50


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    """As many connections to the database of `app` as there are threads."""
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def suspended(session: Any) -> list[int]:
    """Fifty suspended participants of a sponsor that has one free seat."""
    employer = EmployerFactory(sponsor=SponsorFactory(seat_limit=3))
    ParticipantFactory.create_batch(2, employer=employer)
    waiting = ParticipantFactory.create_batch(THREADS, employer=employer, suspended=True)
    session.commit()
    return [row.id for row in waiting]


def together(engine: Engine, *tasks: Callable[[Session], Any]) -> list[Any]:
    """Run every task in a thread and a session of its own; results or database errors in order."""
    start = threading.Barrier(len(tasks), timeout=60)

    def run(task: Callable[[Session], Any]) -> Any:
        with Session(engine) as session:
            start.wait()
            try:
                return task(session)
            except OperationalError as error:
                return error

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def act(
    name: str, ids: Sequence[int], actor: Actor = SYSTEM, population: type[User] = Participant
) -> Callable[[Session], int]:
    """Carry out an act the way a request does: how many rows it changed."""

    def task(session: Session) -> int:
        begin_write(session)
        asked = status.order(
            session, actor, ACTS[name], Selection(tuple(ids)), population=population
        )
        outcome = status.perform(session, asked)
        session.commit()
        return outcome.changed

    return task


def active_of(session: Any, ids: Sequence[int]) -> int:
    rows = select(func.count()).where(User.id.in_(ids), User.account_status == "active")
    return int(session.scalar(rows))


def used(session: Any) -> int:
    return int(session.scalar(select(func.sum(SeatCount.active))))


def test_get_one_free_seat_exactly_once(session: Any, engine: Engine, suspended: list[int]) -> None:
    results = together(engine, *(act("reinstate", [id]) for id in suspended))

    assert sorted(results) == [0] * (THREADS - 1) + [1]
    winner = suspended[results.index(1)]
    assert session.scalars(select(ChangeItem.subject_id)).all() == [winner]
    assert session.get(User, winner).program_status == "active"
    assert active_of(session, suspended) == 1
    assert used(session) == 3
    assert seats_agree(session)


def test_get_more_than_there_are_without_the_lock(
    session: Any, engine: Engine, suspended: list[int]
) -> None:
    """The control: the same, but nothing is locked between the comparison and the write."""
    compared = threading.Barrier(THREADS, timeout=60)

    def compare_then_write(id: int) -> Callable[[Session], int]:
        def task(session: Session) -> int:
            asked = status.order(session, SYSTEM, REINSTATE, Selection((id,)))
            fits = status.preview(session, asked).changed
            compared.wait()
            if fits:
                rows = update(User).where(User.id == id)
                session.execute(rows.values(effects(REINSTATE, asked.effective_date)))
            session.commit()
            return fits

        return task

    results = together(engine, *map(compare_then_write, suspended))

    broken = [result for result in results if isinstance(result, OperationalError)]
    if engine.dialect.name == "sqlite":  # lets nobody in too many, but only by failing
        assert "database is locked" in str(broken[0])
        assert active_of(session, suspended) == 1
    else:
        assert not broken
        assert active_of(session, suspended) > 1
        assert used(session) > 3


def test_end_and_deactivate_the_same_rows_in_any_order_without_a_deadlock(
    session: Any, engine: Engine
) -> None:
    chance, actor = random.Random(4), regulator().actor
    employers = [EmployerFactory(sponsor=SponsorFactory(seat_limit=40)) for _ in range(2)]
    employers += [EmployerFactory(sponsor=employer.sponsor) for employer in employers]
    rows = [ParticipantFactory(employer=chance.choice(employers)) for _ in range(60)]
    ids = [row.id for row in rows]
    session.commit()

    def edit(id: int) -> Callable[[Session], int]:
        def task(session: Session) -> int:
            begin_write(session)
            version = session.scalar(select(User.version).where(User.id == id))
            try:
                participants.edit(session, actor, id, version or 0, {"occupation": "Plumber"})
            except (participants.Invalid, participants.StaleVersion):
                return 0
            session.commit()
            return 1

        return task

    some = [chance.sample(ids, 40) for _ in range(32)]
    tasks = [
        *(act("cancel", chosen, actor) for chosen in some[:8]),
        *(act("suspend", chosen, actor) for chosen in some[8:12]),
        *(act("deactivate", chosen, actor, User) for chosen in some[12:20]),
        *(act("reactivate", chosen, actor, User) for chosen in some[20:26]),
        *(act("reinstate", chosen, actor) for chosen in some[26:32]),
        *(edit(id) for id in ids[:12]),
    ]
    chance.shuffle(tasks)

    results = together(engine, *tasks)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert used(session) == active_of(session, ids)
    assert seats_agree(session)
    last = session.scalars(select(ChangeItem).order_by(ChangeItem.change_id)).all()
    by_subject = {item.subject_id: item for item in last}
    for id, item in by_subject.items():
        row = session.get(User, id, populate_existing=True)
        assert (row.program_status, row.account_status) == (
            item.new_program_status,
            item.new_account_status,
        )
