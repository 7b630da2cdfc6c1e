"""Imports at the same time …"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, event, update
from sqlalchemy.orm import Session

from seatadmin.extensions import begin_write
from seatadmin.lifecycle import Refusal
from seatadmin.models import User
from seatadmin.permissions import SYSTEM
from seatadmin.services.imports import Answer, import_roster
from seatadmin.services.invalid import Invalid
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.acting import active_participants, changes_of, seats_agree
from tests.services.imports.rosters import Row, by_number, roster, whys

THREADS = 8


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool)
    yield engine
    engine.dispose()


def together(engine: Engine, *files: list[Row]) -> list[Answer | Invalid]:
    """Import every file in a thread and a connection of its own, all starting at once."""
    start = threading.Barrier(len(files), timeout=60)

    def run(rows: list[Row]) -> Answer | Invalid:
        with Session(engine) as session:
            start.wait()
            begin_write(session)
            try:
                answer = import_roster(session, SYSTEM, BytesIO(roster(*rows)))
            except Invalid as error:
                return error
            session.commit()
            return answer

    with ThreadPoolExecutor(len(files)) as threads:
        return list(threads.map(run, files))


def new(number: str) -> Row:
    return {
        "apprentice_number": number,
        "first_name": "Ann",
        "last_name": "Lee",
        "employer": "Works",
    }


def test_get_the_last_seat_once(session: Any, engine: Engine) -> None:
    EmployerFactory(name="Works", sponsor=SponsorFactory(seat_limit=1))
    session.commit()

    answers = together(engine, *([new(f"N{i}")] for i in range(THREADS)))

    written = [answer for answer in answers if isinstance(answer, Answer) and answer.change_id]
    refused = [whys(answer) for answer in answers if answer not in written]  # type: ignore[arg-type]
    assert len(written) == 1
    assert refused == [{2: Refusal.NO_SPONSOR_SEAT}] * (THREADS - 1)
    assert active_participants(session) == 1
    assert seats_agree(session)


def test_of_one_file_write_it_once(session: Any, engine: Engine) -> None:
    EmployerFactory(name="Works")
    session.commit()
    rows = [new(f"N{i}") for i in range(50)]

    answers = together(engine, *(rows for _ in range(4)))

    assert sum(isinstance(one, Answer) and one.new == 50 for one in answers) == 1
    assert all(isinstance(one, Invalid) or one.new in (50, 0) for one in answers)
    assert active_participants(session) == 50
    assert len(changes_of(session)) == 1
    assert seats_agree(session)


def test_of_the_same_people_in_any_order_do_not_deadlock(session: Any, engine: Engine) -> None:
    employer = EmployerFactory(name="Works", sponsor=SponsorFactory(seat_limit=100))
    numbers = [f"N{i}" for i in range(60)]
    for number in numbers:
        ParticipantFactory(employer=employer, apprentice_number=number)
    session.commit()
    files = [
        [
            {"apprentice_number": number, "occupation": f"Job {i}"}
            for number in (numbers if i % 2 else reversed(numbers))
        ]
        for i in range(THREADS)
    ]

    answers = together(engine, *files)

    done = [one for one in answers if isinstance(one, Answer) and one.change_id]
    assert done
    meanwhile = [one for one in answers if one not in done]
    assert all(isinstance(one, Answer) and set(whys(one).values()) == {Refusal.MEANWHILE}
               for one in meanwhile)  # fmt: skip
    assert len({by_number(session, number).occupation for number in numbers}) == 1


@pytest.mark.parametrize(  # SQLite has one writer at a time: nobody comes between
    "installation", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_refuse_a_person_whom_somebody_else_changed_meanwhile(session: Any, engine: Engine) -> None:
    ann = ParticipantFactory(apprentice_number="N1")
    ParticipantFactory(apprentice_number="N2")
    session.commit()

    def interfere(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "FOR NO KEY UPDATE" in statement and not done:
            done.append(statement)
            with engine.connect() as other:
                other.execute(update(User).where(User.id == ann.id).values(version=7))
                other.commit()

    done: list[str] = []
    rows = [{"apprentice_number": number, "occupation": "Roofer"} for number in ("N1", "N2")]
    event.listen(session.get_bind(), "before_cursor_execute", interfere)
    try:
        answer = import_roster(session, SYSTEM, BytesIO(roster(*rows)))
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", interfere)

    assert done
    assert whys(answer) == {2: Refusal.MEANWHILE}
    assert answer.change_id is None
