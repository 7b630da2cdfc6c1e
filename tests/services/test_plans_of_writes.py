"""What writes finds its people by an index, among thousands, on a database that knows its size…"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.lifecycle import CANCEL, REINSTATE
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import SYSTEM
from seatadmin.services import status
from seatadmin.services.imports import Options, import_roster
from seatadmin.services.outcome import Outcome
from seatadmin.services.scope import Selection
from seatadmin.services.seeding import Size
from tests.installation import Installation
from tests.services.plans import filled

SCANS = {"sqlite": "SCAN user", "postgresql": 'Seq Scan on "user"'}
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}

Plans = list[tuple[str, str]]
"""Each statement that was sent, and how the database goes about it."""


@pytest.fixture(scope="module")
def seeded(shared: Installation) -> Flask:
    """Without seat limits."""
    unlimited = (update(of).values(seat_limit=None) for of in (Sponsor, Employer))
    return filled(shared, Size(4_000, 4, 40), *unlimited)


@pytest.fixture
def world(seeded: Flask) -> Iterator[Any]:
    with seeded.app_context():
        yield db.session
        db.session.rollback()


@contextmanager
def explained(session: Session) -> Iterator[Plans]:
    """Every statement of a block that reads or writes users, with its plan."""
    plans: Plans = []
    engine: Any = session.get_bind()
    name = engine.dialect.name

    def explain(
        connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        verb = statement.split(maxsplit=1)[0]
        if many or verb not in ("SELECT", "INSERT", "UPDATE") or "user" not in statement:
            return
        cursor = connection.connection.cursor()
        cursor.execute(EXPLAIN[name] + statement, values)
        plans.append((statement, "\n".join(str(row[-1]) for row in cursor.fetchall())))
        cursor.close()

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def scans(session: Session, plans: Plans) -> list[str]:
    """The statements that read every user."""
    scan = SCANS[session.get_bind().dialect.name]
    return [f"{statement}\n{plan}" for statement, plan in plans if scan in plan]


def ids(session: Session, program: str, count: int = 30) -> tuple[int, ...]:
    found = select(Participant.id).where(Participant.program_status == program)
    return tuple(session.scalars(found.order_by(Participant.id).limit(count)))


def by_ids(session: Session) -> Selection:
    return Selection(ids(session, "active"))


def by_filter(_session: Session) -> Selection:
    return Selection(matching=(User.employer_id == 7) & (User.program_status == "active"))


@pytest.mark.parametrize("chosen", [by_ids, by_filter])
@pytest.mark.parametrize("carry_out", [status.perform, status.preview])
def test_when_it_cancels(
    world: Any, chosen: Callable[[Session], Selection], carry_out: Callable[..., Outcome]
) -> None:
    asked = status.order(world, SYSTEM, CANCEL, chosen(world))

    with explained(world) as plans:
        assert carry_out(world, asked).changed > 0

    assert plans
    assert scans(world, plans) == []


@pytest.mark.parametrize("carry_out", [status.perform, status.preview])
def test_when_it_takes_seats(world: Any, carry_out: Callable[..., Outcome]) -> None:
    asked = status.order(world, SYSTEM, REINSTATE, Selection(ids(world, "suspended")))

    with explained(world) as plans:
        assert carry_out(world, asked).changed > 0

    assert plans
    assert scans(world, plans) == []


def roster(session: Session) -> bytes:
    """Ten participants by their number, ten by their e-mail, ten new ones."""
    employer = session.get(Employer, 1)
    assert employer is not None
    people = session.scalars(select(Participant).where(Participant.employer_id == 1).limit(20))
    lines = ["apprentice_number,email,first_name,last_name,sponsor,employer"]
    for n, one in enumerate(people):
        keys = f"{one.apprentice_number}," if n % 2 else f",{one.email}"
        lines.append(f"{keys},Grace,Hopper,,")
    place = f'"{employer.sponsor.name}","{employer.name}"'
    lines += [f"NEW-{n},new.{n}@example.org,Ada,King,{place}" for n in range(10)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("dry", [True, False])
def test_when_it_imports(world: Any, dry: bool) -> None:
    file = io.BytesIO(roster(world))

    with explained(world) as plans:
        answer = import_roster(world, SYSTEM, file, Options(dry_run=dry))

    assert (answer.new, answer.changed, answer.refused) == (10, 20, [])
    assert plans
    assert scans(world, plans) == []


def test_and_a_statement_that_reads_everybody_is_noticed(world: Any) -> None:
    """The control."""
    with explained(world) as plans:
        world.execute(text("""UPDATE "user" SET version = version WHERE first_name = 'Nobody'"""))

    assert len(scans(world, plans)) == 1
