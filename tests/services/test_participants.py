"""A participant …"""

from datetime import date, timedelta
from typing import Any

import pytest

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.models import Employer, Participant
from seatadmin.permissions import SYSTEM, NotPermitted
from seatadmin.services import participants
from seatadmin.services.invalid import Invalid, NotFound
from seatadmin.services.seats import NoFreeSeat
from tests.factories import (
    REGISTERED,
    EmployerFactory,
    ParticipantFactory,
    employer_admin,
    sponsor_staff,
)
from tests.services.acting import (
    audit,
    changes_of,
    items_of,
    personal_of,
    scopes_of,
    seats_agree,
)

TODAY = date.today()


def values(employer: Employer, **given: Any) -> dict[str, Any]:
    """What the form for a new participant holds."""
    return {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.org",
        "employer_id": employer.id,
        "registration_date": REGISTERED,
        **given,
    }


def errors(caught: Any) -> set[str]:
    return set(caught.value.errors)


def test_is_created_active_and_takes_a_seat(session: Any) -> None:
    actor = sponsor_staff()
    employer = EmployerFactory(sponsor=actor.sponsor, seat_limit=1)

    row = participants.create(session, actor.actor, values(employer, occupation="Electrician"))

    session.refresh(row)
    assert (row.program_status, row.account_status) == ("active", "active")
    assert (row.status_date, row.sponsor_id) == (REGISTERED, employer.sponsor_id)
    (change,) = changes_of(session)
    assert (change.kind, change.actor_id, change.subject) == ("create", actor.id, "participant")
    item = items_of(session, change.id)[row.id]
    assert (item.old_program_status, item.new_program_status) == (None, "active")
    assert item.fields["occupation"] == [None, "Electrician"]
    assert (row.id, "email", None, "ada@example.org") in personal_of(session, change.id)
    assert scopes_of(session, change.id) == {(employer.sponsor_id, employer.id, 1, row.id)}
    assert seats_agree(session)


def test_is_registered_today_unless_a_day_is_given(session: Any) -> None:
    row = participants.create(session, SYSTEM, values(EmployerFactory(), registration_date=None))

    assert row.registration_date == row.status_date == TODAY


@pytest.mark.parametrize("limited", ["sponsor", "employer"])
def test_is_not_created_without_a_free_seat(session: Any, limited: str) -> None:
    employer = EmployerFactory()
    (employer.sponsor if limited == "sponsor" else employer).seat_limit = 1
    ParticipantFactory(employer=employer)

    with pytest.raises(NoFreeSeat, match=limited):
        participants.create(session, SYSTEM, values(employer))

    assert audit(session)["change"] == 0


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"email": None}, {"email"}),
        ({"registration_date": TODAY + timedelta(days=1)}, {"registration_date"}),
        ({"expected_completion_date": date(2020, 1, 1)}, {"expected_completion_date"}),
        ({"email": "TAKEN@example.org"}, {"email"}),
        (
            {"apprentice_number": "T-1", "email": "taken@example.org"},
            {"apprentice_number", "email"},
        ),
    ],
)
def test_is_not_created_from_wrong_values(session: Any, given: Any, wrong: set[str]) -> None:
    ParticipantFactory(email="taken@example.org", apprentice_number="T-1")
    employer = EmployerFactory()

    with pytest.raises(Invalid) as caught:
        participants.create(session, SYSTEM, values(employer, **given))

    assert errors(caught) == wrong
    assert audit(session)["change"] == 0


def test_of_another_tenant_is_not_told_by_a_taken_address(session: Any) -> None:
    foreign, own = ParticipantFactory(), ParticipantFactory()
    actor = sponsor_staff(own.sponsor).actor
    messages = {}
    for taken in (foreign, own):
        with pytest.raises(Invalid) as caught:
            participants.create(session, actor, values(own.employer, email=taken.email))
        messages[taken.id] = caught.value.errors["email"]

    assert messages == {
        foreign.id: "It cannot be used here.",
        own.id: "Another person already has it.",
    }


@pytest.mark.parametrize("place", ["foreign", "absent", "none"])
def test_is_created_at_ones_own_employers_only(session: Any, place: str) -> None:
    employer_id = {"foreign": EmployerFactory().id, "absent": 999_999, "none": None}[place]
    given = {**values(EmployerFactory()), "employer_id": employer_id}

    with pytest.raises(Invalid) as caught:
        participants.create(session, sponsor_staff().actor, given)

    assert errors(caught) == {"employer"}


@pytest.mark.parametrize("act", ["create", "delete", "reinstate"])
def test_is_not_for_an_employer_administrator_to_(session: Any, act: str) -> None:
    row = ParticipantFactory(suspended=True)
    actor = employer_admin(row.employer).actor
    acts = {
        "create": lambda: participants.create(session, actor, values(row.employer)),
        "delete": lambda: participants.delete(session, actor, row.id, row.name),
        "reinstate": lambda: participants.edit(
            session, actor, row.id, row.version, {"program_status": ProgramStatus.ACTIVE}
        ),
    }

    with pytest.raises(NotPermitted):
        acts[act]()


def test_out_of_scope_is_not_there(session: Any) -> None:
    row, staff, administrator = ParticipantFactory(), sponsor_staff(), employer_admin()

    for id in (row.id, 999_999, staff.id):
        with pytest.raises(NotFound):
            participants.edit(session, staff.actor, id, 1, {})
        with pytest.raises(NotFound):
            participants.edit(session, administrator.actor, id, 7, {"apprentice_number": "AP-7"})
        with pytest.raises(NotFound):
            participants.delete(session, staff.actor, id, row.name)


def test_is_deleted_by_its_typed_name_and_leaves_a_tombstone(session: Any) -> None:
    row = ParticipantFactory(first_name="Ada", last_name="Lovelace")
    actor, id = sponsor_staff(row.sponsor).actor, row.id

    with pytest.raises(Invalid) as caught:
        participants.delete(session, actor, id, "ada lovelace")
    assert errors(caught) == {"confirm"}
    assert participants.delete(session, actor, id, " Ada  Lovelace ") == "Ada Lovelace"

    assert session.get(Participant, id) is None
    (change,) = changes_of(session)
    assert (change.kind, change.actor_id) == ("delete", actor.id)
    item = items_of(session, change.id)[id]
    assert (item.old_program_status, item.old_account_status) == ("active", AccountStatus.ACTIVE)
    assert personal_of(session, change.id) == set()
    assert seats_agree(session)
