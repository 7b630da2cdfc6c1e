"""Erasing a person …"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem, ChangePersonal, Request
from seatadmin.lifecycle import CANCEL, REINSTATE, AccountStatus
from seatadmin.models import Participant, User
from seatadmin.permissions import SYSTEM, Actor, NotPermitted, Role
from seatadmin.saved import SavedView
from seatadmin.services import erasure, participants, plans, saved_views, status
from seatadmin.services.chain_check import breaks
from seatadmin.services.doctor import examine
from seatadmin.services.scope import Selection
from tests.databases import Database, SQLiteDatabase
from tests.factories import ParticipantFactory, StaffFactory

WORDS = ("Zebulon", "Quackenbush", "zq.apprentice", "ZQ-77", "kneecap", "Oldname")


@pytest.fixture
def person(session: Any) -> Participant:
    """Somebody with a past: renamed, with a note, cancelled a year ago."""
    made = participants.create(
        session,
        SYSTEM,
        {
            "first_name": "Zebulon",
            "last_name": "Oldname",
            "email": "zq.apprentice@example.org",
            "apprentice_number": "ZQ-77",
            "employer_id": ParticipantFactory().employer_id,
            "registration_date": date(2024, 1, 1),
        },
    )
    participants.edit(session, SYSTEM, made.id, made.version, {"last_name": "Quackenbush"})
    asked = status.order(
        session,
        SYSTEM,
        CANCEL,
        Selection((made.id,)),
        effective_date=date.today() - timedelta(days=365),
        reason="health",
        note="hurt a kneecap",
    )
    status.perform(session, asked)
    staff = StaffFactory(role=Role.REGULATOR)
    answer = {"location": "/x", "messages": [["success", "Zebulon Quackenbush was saved."]]}
    session.add(Request(actor_id=staff.id, request_id="r", digest="d", answer=answer))
    for name, search in (("Him", "quackenbush,+ZEBULON"), ("zq-77", ""), ("Dues", "electric")):
        saved_views.save(session, staff.actor, "participant", name, f"search={search}&sort=name")
    session.commit()
    return made


def found_words(session: Any) -> set[str]:
    """Which of the words stand in any column of any table, also those of the search index."""
    tables = [f'"{table.name}"' for table in db.metadata.sorted_tables]
    if session.get_bind().dialect.name == "sqlite":
        tables.append("user_search_data")
    everything = "".join(
        str(bytes(value) if isinstance(value, memoryview) else value).casefold()
        for table in tables
        for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        for value in row
    )
    return {word for word in WORDS if word.casefold() in everything}


def test_leaves_no_word_of_theirs_in_any_table(session: Any, person: Participant) -> None:
    assert found_words(session) == set(WORDS)

    erasure.erase(session, SYSTEM, person.id)
    session.commit()

    assert found_words(session) == set()


def test_takes_only_the_saved_views_that_find_them(session: Any, person: Participant) -> None:
    erasure.erase(session, SYSTEM, person.id)
    session.commit()

    assert session.scalars(select(SavedView.name)).all() == ["Dues"]


def test_leaves_no_word_in_the_file_of_sqlite(
    session: Any, person: Participant, database: Database
) -> None:
    erasure.erase(session, SYSTEM, person.id)
    session.commit()
    erasure.scrub(session)

    if isinstance(database, SQLiteDatabase):
        parts = [database.path, *database.path.parent.glob("test.db-wal")]
        content = b"".join(part.read_bytes() for part in parts)
        assert not [word for word in WORDS if word.encode() in content]
        assert b"erased." in content


def test_keeps_what_happened_and_its_chain(session: Any, person: Participant) -> None:
    kept = (person.program_status, person.status_date, person.cancellation_reason)
    employer_id, before = person.employer_id, person.version

    change_id = erasure.erase(session, SYSTEM, person.id)
    session.commit()

    session.refresh(person)
    assert (person.program_status, person.status_date, person.cancellation_reason) == kept
    assert (person.employer_id, person.version) == (employer_id, before + 1)
    assert person.name == f"person {person.id} Erased"
    change = session.get(Change, change_id)
    assert (change.action, change.actor_id) == ("erase", None)
    items = select(ChangeItem).where(ChangeItem.subject_id == person.id)
    assert len(session.scalars(items).all()) == 4
    assert (
        session.scalar(select(ChangePersonal).where(ChangePersonal.subject_id == person.id)) is None
    )
    assert list(breaks(session)) == []


def test_leaves_a_sound_database(session: Any, person: Participant) -> None:
    unsound = {finding.invariant.name for finding in examine(session)}

    erasure.erase(session, SYSTEM, person.id)
    session.commit()

    assert {finding.invariant.name for finding in examine(session)} <= unsound


def test_happens_once(session: Any, person: Participant) -> None:
    erasure.erase(session, SYSTEM, person.id)
    session.commit()

    with pytest.raises(erasure.CannotErase, match="already"):
        erasure.erase(session, SYSTEM, person.id)


def test_of_somebody_active_is_refused(session: Any) -> None:
    active = ParticipantFactory()
    session.commit()

    with pytest.raises(erasure.CannotErase, match="active"):
        erasure.erase(session, SYSTEM, active.id)
    assert session.get(User, active.id).first_name == "Ada"


def test_gives_up_what_is_planned(session: Any, person: Participant) -> None:
    later = date.today() + timedelta(days=1)
    asked = status.order(
        session, SYSTEM, REINSTATE, Selection((person.id,)), effective_date=later, note="an error"
    )
    status.perform(session, asked)
    session.commit()

    erasure.erase(session, SYSTEM, person.id)
    session.commit()

    assert plans.due(session, later) == []
    assert [str(each) for each in examine(session) if each.invariant.name != "a regulator"] == []


def test_takes_the_note_of_what_was_planned_for_one(session: Any) -> None:
    row = ParticipantFactory()
    later = date.today() + timedelta(days=1)
    alone = Selection((row.id,))
    asked = status.order(session, SYSTEM, CANCEL, alone, effective_date=later, note="a kneecap")
    plan_id = status.perform(session, asked).change_id
    session.commit()
    plans.apply(session, plan_id or 0)
    session.commit()
    assert found_words(session) == {"kneecap"}

    erasure.erase(session, SYSTEM, row.id)
    session.commit()

    assert found_words(session) == set()


def test_of_staff_takes_the_password_too(session: Any) -> None:
    staff = StaffFactory(role=Role.SPONSOR, signs_in=True, account_status=AccountStatus.DEACTIVATED)
    session.commit()

    erasure.erase(session, SYSTEM, staff.id)
    session.commit()
    session.refresh(staff)

    assert staff.password_hash is None
    assert staff.role is Role.SPONSOR


def test_is_not_for_sponsors(session: Any, person: Participant) -> None:
    with pytest.raises(NotPermitted):
        erasure.erase(session, Actor(1, Role.SPONSOR, person.sponsor_id), person.id)


@pytest.mark.parametrize(("days", "erased"), [(364, 1), (365, 0)])
def test_comes_by_itself_after_the_days_of_retention(
    session: Any, person: Participant, days: int, erased: int
) -> None:
    assert erasure.count_due(session, days, date.today()) == erased

    assert erasure.retain(session, SYSTEM, days, date.today()) == erased
    session.commit()

    assert bool(found_words(session)) == (not erased)
    assert erasure.retain(session, SYSTEM, days, date.today()) == 0
