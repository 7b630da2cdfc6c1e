"""Plans that are done and withdrawn at the same moment …

Every thread has a connection of its own, and a barrier lets all of them go together.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from seatadmin.extensions import begin_write
from seatadmin.ledger import Change, ChangeItem, ChangeKind, Subject
from seatadmin.lifecycle import SUSPEND
from seatadmin.models import User
from seatadmin.permissions import SYSTEM
from seatadmin.services import changes, plans, status
from seatadmin.services.scope import Selection
from tests.factories import EmployerFactory, ParticipantFactory
from tests.services.acting import seats_agree
from tests.services.test_seats_concurrency import engine, together

__all__ = ["engine"]

MANY = 12


@pytest.fixture
def waiting(session: Any) -> tuple[int, list[int]]:
    """A plan, and the forty whom it will suspend."""
    employer = EmployerFactory()
    ids = tuple(row.id for row in ParticipantFactory.create_batch(40, employer=employer))
    tomorrow = date.today() + timedelta(days=1)
    asked = status.order(session, SYSTEM, SUSPEND, Selection(ids), effective_date=tomorrow)
    plan_id = status.perform(session, asked).change_id
    session.commit()
    assert plan_id
    return plan_id, list(ids)


def done(session: Any) -> dict[int, list[str]]:
    """What was done to each participant since it was planned."""
    found: dict[int, list[str]] = {}
    rows = select(ChangeItem.subject_id, Change.action).join(
        Change, Change.id == ChangeItem.change_id
    )
    for id, action in session.execute(rows.where(Change.id > 1).order_by(Change.id)):
        found.setdefault(id, []).append(action)
    return found


def committed(task: Callable[[Session], Any]) -> Callable[[Session], Any]:
    def run(session: Session) -> Any:
        begin_write(session)
        result = task(session)
        session.commit()
        return result

    return run


def test_are_done_or_withdrawn_but_once(
    session: Any, engine: Engine, waiting: tuple[int, list[int]]
) -> None:
    plan_id, ids = waiting
    applying = [lambda session: plans.apply(session, plan_id)[0].changed] * MANY
    withdrawing = [
        lambda session, id=id: plans.withdraw(session, SYSTEM, plan_id, id) for id in ids[:MANY]
    ]

    results = together(engine, *map(committed, [*applying, *withdrawing]))

    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(results) == len(ids)
    ends = done(session)
    assert ends.keys() == set(ids)
    assert all(len(actions) == 1 for actions in ends.values())
    suspended = {id for id, actions in ends.items() if actions == ["suspend"]}
    rows = session.execute(select(User.id, User.program_status, User.plan_id)).all()
    assert {id for id, program, _ in rows if program == "suspended"} == suspended
    assert {plan for *_, plan in rows} == {None}
    assert seats_agree(session)


def test_are_withdrawn_twice_without_the_lock(
    session: Any, engine: Engine, waiting: tuple[int, list[int]]
) -> None:
    """The control: who waits is read, and freed of the plan after everybody has read."""
    plan_id, ids = waiting
    have_read = threading.Barrier(2, timeout=60)

    def read_then_withdraw(session: Session) -> None:
        rows = session.scalars(select(User).where(User.plan_id == plan_id)).all()
        those = [(row.id, row.sponsor_id, row.employer_id) for row in rows]
        have_read.wait()
        change = changes.record(
            session, SYSTEM, ChangeKind.PLAN, plans.WITHDRAW, Subject.PARTICIPANT
        )
        for id, sponsor_id, employer_id in those:
            item = {"subject_id": id, "sponsor_id": sponsor_id, "employer_id": employer_id}
            session.add(ChangeItem(change_id=change.id, **item))
        session.execute(update(User).where(User.plan_id == plan_id).values(plan_id=None))
        changes.seal(session, change)
        session.commit()

    results = together(engine, read_then_withdraw, read_then_withdraw)

    times = Counter(map(len, done(session).values()))
    if engine.dialect.name == "sqlite":  # withdraws nothing twice, but only by failing
        (broken,) = [result for result in results if isinstance(result, OperationalError)]
        assert "database is locked" in str(broken)
        assert times == {1: len(ids)}
    else:
        assert times == {2: len(ids)}
