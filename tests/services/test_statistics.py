"""SQLite is told how much there is: by the night's tidying, and after a large import."""

import sqlite3
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.permissions import SYSTEM
from seatadmin.services import statistics
from seatadmin.services.listings import paging
from seatadmin.services.listings.engine import Query
from seatadmin.services.listings.people import PARTICIPANTS
from tests.factories import EmployerFactory, ParticipantFactory
from tests.services.plans import steps

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

HEAD = "apprentice_number,first_name,last_name,email,sponsor,employer,registration_date"


def known(session: Session) -> int:
    """Of how many people the planner knows."""
    found = session.scalar(text("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_user_name'"))
    session.rollback()
    return int(found.split()[0]) if found else 0


@pytest.fixture
def people(session: Session) -> int:
    """As many as are worth telling apart."""
    ParticipantFactory.create_batch(30, employer=EmployerFactory())
    session.commit()
    return 30


def test_the_nights_tidying_gathers_them(app: Flask, session: Session, people: int) -> None:
    assert known(session) == 0
    answer = app.test_cli_runner().invoke(args=["tidy"])
    assert answer.exit_code == 0, answer.output
    assert known(session) == people


def test_an_import_gathers_them_once_there_are_twice_as_many(
    app: Flask, session: Session, people: int, tmp_path: Path
) -> None:
    statistics.refresh(session)
    names = session.execute(text("SELECT s.name, e.name FROM employer e, sponsor s")).one()
    file = tmp_path / "roster.csv"

    def import_people(first: int, count: int) -> None:
        numbers = range(first, first + count)
        rows = [f"N{n},Ada,Lee,a{n}@b.org,{','.join(names)},2026-01-05" for n in numbers]
        file.write_text("\n".join([HEAD, *rows]))
        session.rollback()
        answer = app.test_cli_runner().invoke(args=["import-participants", str(file)])
        assert answer.exit_code == 0, answer.output

    import_people(0, 5)
    assert known(session) == people
    import_people(5, people)
    assert known(session) == people + 5 + people


def test_an_import_is_done_although_others_write_when_they_are_to_be_gathered(
    app: Flask, session: Session, people: int, tmp_path: Path
) -> None:
    names = session.execute(text("SELECT s.name, e.name FROM employer e, sponsor s")).one()
    session.rollback()
    file = tmp_path / "roster.csv"
    file.write_text(f"{HEAD}\nN1,Ada,Lee,ada@b.org,{','.join(names)},2026-01-05")
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None)

    def be_first(_connection: object, cursor: sqlite3.Cursor, sql: str, *_more: object) -> None:
        if sql.startswith("ANALYZE") and not other.in_transaction:
            cursor.execute("PRAGMA busy_timeout = 1")
            other.execute("BEGIN IMMEDIATE")

    event.listen(db.engine, "before_cursor_execute", be_first)
    answer = app.test_cli_runner().invoke(args=["import-participants", str(file)])
    event.remove(db.engine, "before_cursor_execute", be_first)
    other.close()

    assert (answer.exit_code, "Others were writing" in answer.output) == (0, True), answer.output
    assert session.scalar(select(func.count()).select_from(User)) == people + 1
    db.engine.dispose()  # its busy_timeout was shortened


def test_a_filter_by_account_is_not_sorted_from_half_the_table(
    session: Session, people: int
) -> None:
    """Knowing nothing SQLite takes the index that holds accounts alone, and sorts all it finds."""
    page = partial(
        paging.page,
        session,
        SYSTEM,
        PARTICIPANTS,
        Query(filters=(("account_status", "deactivated"),)),
        9,
    )
    statistics.refresh(session)
    db.engine.dispose()  # an open connection goes by what it knew
    assert "TEMP B-TREE FOR ORDER BY" not in steps(session, page)
