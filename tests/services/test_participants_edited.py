"""A participant on the form …"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from seatadmin.lifecycle import ProgramStatus, TransitionRefused, WrongDate
from seatadmin.models import Participant
from seatadmin.permissions import SYSTEM, NotPermitted
from seatadmin.services import participants
from seatadmin.services.invalid import Invalid, StaleVersion
from seatadmin.services.seats import NoFreeSeat
from tests.factories import (
    ENDED,
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
)
from tests.services.acting import (
    changes_of,
    items_of,
    personal_of,
    scopes_of,
    seats_agree,
    state,
)

TODAY = date.today()
CANCELLED = {"program_status": ProgramStatus.CANCELLED, "cancellation_reason": "health"}


def errors(caught: Any) -> set[str]:
    return set(caught.value.errors)


def edit(session: Any, row: Participant, actor: Any = SYSTEM, **given: Any) -> Participant:
    return participants.edit(session, actor, row.id, row.version, given)


def unharmed(session: Any, row: Participant, kept: Any) -> bool:
    """Whether nothing is left of a refused change once its owner rolls it back."""
    session.rollback()
    return state(row) == kept and changes_of(session) == []


def test_is_edited_with_old_and_new_on_record(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory(first_name="Ada", occupation="Electrician")

    edit(session, row, actor.actor, first_name="Grace", occupation="Plumber")

    session.refresh(row)
    assert (row.name_key[-5:], row.occupation, row.version) == ("grace", "Plumber", 2)
    (change,) = changes_of(session)
    assert (change.kind, change.actor_id) == ("edit", actor.id)
    assert items_of(session, change.id)[row.id].fields == {"occupation": ["Electrician", "Plumber"]}
    assert personal_of(session, change.id) == {(row.id, "first_name", "Ada", "Grace")}


def test_that_is_saved_as_it_was_leaves_no_trace(session: Any) -> None:
    row = ParticipantFactory()

    edit(session, row, first_name=row.first_name, program_status=row.program_status)

    session.refresh(row)
    assert row.version == 1
    assert changes_of(session) == []


def test_is_cancelled_by_the_form_as_by_a_batch(session: Any) -> None:
    row = ParticipantFactory()

    edit(session, row, **CANCELLED, status_date=ENDED, status_note="long ill")

    session.refresh(row)
    assert state(row)[:5] == ("cancelled", "deactivated", ENDED, "health", "long ill")
    (change,) = changes_of(session)
    assert (change.kind, change.action, change.reason) == ("transition", "cancel", "health")
    assert change.effective_date == ENDED
    assert seats_agree(session)


def test_is_cancelled_and_corrected_in_one_save_as_two_changes(session: Any) -> None:
    row = ParticipantFactory(occupation="Electrician")

    edit(session, row, **CANCELLED, occupation="Plumber")

    session.refresh(row)
    assert (row.program_status, row.occupation) == ("cancelled", "Plumber")
    assert [change.kind for change in changes_of(session)] == ["transition", "edit"]


def test_is_cancelled_by_the_form_only_with_a_reason(session: Any) -> None:
    row = ParticipantFactory()
    session.commit()
    kept = state(row)

    with pytest.raises(Invalid) as caught:
        edit(session, row, program_status=ProgramStatus.CANCELLED)

    assert errors(caught) == {"cancellation_reason"}
    assert unharmed(session, row, kept)


@pytest.mark.parametrize(
    ("before", "given", "refusal"),
    [
        ("completed", {"program_status": ProgramStatus.SUSPENDED}, TransitionRefused),
        ("completed", {"program_status": ProgramStatus.ACTIVE}, TransitionRefused),
        ("suspended", {**CANCELLED, "status_date": date(2020, 1, 1)}, TransitionRefused),
        ("suspended", {**CANCELLED, "status_date": TODAY + timedelta(days=400)}, WrongDate),
        ("suspended", {"status_date": TODAY + timedelta(days=1)}, Invalid),
        ("suspended", {"status_date": date(2020, 1, 1)}, Invalid),
        ("suspended", {"status_date": None}, Invalid),
        ("suspended", {"cancellation_reason": "other"}, Invalid),
        ("cancelled", {"cancellation_reason": None}, Invalid),
        ("cancelled", {"cancellation_reason": "no_such_reason"}, ValueError),
        ("working", {"status_date": date(2025, 1, 1)}, Invalid),
        ("working", {"status_note": "why"}, Invalid),
        ("working", {"cancellation_reason": "other"}, Invalid),
        ("working", {"email": None, "apprentice_number": None}, Invalid),
        ("working", {"registration_date": TODAY + timedelta(days=1)}, Invalid),
        ("working", {"registration_date": None}, Invalid),
    ],
)
def test_is_not_edited_against_the_rules(
    session: Any, before: str, given: Any, refusal: type[Exception]
) -> None:
    row = ParticipantFactory(**({} if before == "working" else {before: True}))
    session.commit()
    kept = state(row)

    with pytest.raises(refusal):
        edit(session, row, **given)

    assert unharmed(session, row, kept)


def test_that_has_ended_has_its_date_reason_and_note_corrected(session: Any) -> None:
    row = ParticipantFactory(cancelled=True, status_note="left")
    day = date(2025, 2, 3)

    edit(session, row, status_date=day, cancellation_reason="laid_off", status_note="laid off")

    session.refresh(row)
    assert state(row)[:5] == ("cancelled", "deactivated", day, "laid_off", "laid off")
    (change,) = changes_of(session)
    item = items_of(session, change.id)[row.id]
    assert (item.old_status_date, item.new_status_date) == (ENDED, day)
    assert (item.old_cancellation_reason, item.new_cancellation_reason) == (
        "left_employment",
        "laid_off",
    )
    assert personal_of(session, change.id) == {(row.id, "status_note", "left", "laid off")}


def test_is_active_since_its_registration_and_stays_so(session: Any) -> None:
    row, earlier = ParticipantFactory(), date(2023, 5, 5)

    edit(session, row, registration_date=earlier)

    session.refresh(row)
    assert row.registration_date == row.status_date == earlier


def test_is_reinstated_by_the_form_if_a_seat_is_free(session: Any) -> None:
    employer = EmployerFactory(seat_limit=1)
    row = ParticipantFactory(employer=employer, suspended=True)

    edit(session, row, program_status=ProgramStatus.ACTIVE)

    session.refresh(row)
    assert row.uses_seat
    other = ParticipantFactory(employer=employer, suspended=True)
    with pytest.raises(TransitionRefused, match="employer's seat limit"):
        edit(session, other, program_status=ProgramStatus.ACTIVE)


def test_out_of_step_is_not_edited_until_it_is_repaired(session: Any) -> None:
    row = ParticipantFactory(out_of_step=True)

    with pytest.raises(Invalid) as caught:
        edit(session, row, first_name="Grace", program_status=ProgramStatus.ACTIVE)
    assert errors(caught) == {"program_status"}

    edit(session, row, program_status=ProgramStatus.COMPLETED, first_name="Grace")
    assert (row.program_status, row.first_name, row.out_of_step) == ("completed", "Grace", False)


@pytest.mark.parametrize(
    ("seats", "fits"), [("one there", True), ("none there", False), ("no sponsor seat", False)]
)
def test_moves_to_another_sponsor_if_a_seat_is_free_there(
    session: Any, seats: str, fits: bool
) -> None:
    old = EmployerFactory()
    new = EmployerFactory(
        sponsor=SponsorFactory(seat_limit=int(seats != "no sponsor seat")),
        seat_limit=int(seats != "none there"),
    )
    row = ParticipantFactory(employer=old)

    if not fits:
        with pytest.raises(NoFreeSeat):
            edit(session, row, employer_id=new.id)
        return
    edit(session, row, employer_id=new.id)

    session.refresh(row)
    assert (row.employer_id, row.sponsor_id) == (new.id, new.sponsor_id)
    (change,) = changes_of(session)
    assert scopes_of(session, change.id) == {
        (new.sponsor_id, new.id, 1, row.id),
        (old.sponsor_id, old.id, 0, None),
    }
    assert seats_agree(session)


def test_moves_inside_a_full_sponsor(session: Any) -> None:
    old = EmployerFactory(sponsor=SponsorFactory(seat_limit=1))
    new = EmployerFactory(sponsor=old.sponsor, seat_limit=1)
    row = ParticipantFactory(employer=old)

    edit(session, row, employer_id=new.id)

    assert row.employer_id == new.id
    assert seats_agree(session)


def test_without_a_seat_moves_to_a_full_employer(session: Any) -> None:
    row, full = ParticipantFactory(completed=True), EmployerFactory(seat_limit=0)

    edit(session, row, employer_id=full.id)

    assert row.employer_id == full.id


@pytest.mark.parametrize(
    "given",
    [
        {"employer_id": 999_999},
        {"apprentice_number": "N-1"},
        {"registration_date": date(2023, 1, 1)},
    ],
    ids=str,
)
def test_is_not_reassigned_by_an_employer_administrator(session: Any, given: Any) -> None:
    row = ParticipantFactory()
    session.commit()
    kept = state(row)

    with pytest.raises(NotPermitted, match="participant:reassign"):
        edit(session, row, employer_admin(row.employer).actor, **given)

    assert unharmed(session, row, kept)


def test_is_edited_and_ended_by_an_employer_administrator(session: Any) -> None:
    row = ParticipantFactory()
    same = {"employer_id": row.employer_id, "registration_date": row.registration_date}

    edit(session, row, employer_admin(row.employer).actor, first_name="Grace", **same, **CANCELLED)

    assert (row.first_name, row.program_status) == ("Grace", "cancelled")


def test_changed_by_somebody_else_is_not_overwritten(session: Any) -> None:
    row = ParticipantFactory()
    edit(session, row, first_name="Grace")

    with pytest.raises(StaleVersion) as caught:
        participants.edit(session, SYSTEM, row.id, 1, {"first_name": "Augusta"})

    assert caught.value.current is row
    assert row.first_name == "Grace"


def test_a_row_that_was_read_before_it_became_what_the_form_saw_is_not_trusted(
    session: Any,
) -> None:
    """By it the locks are chosen: as it was then, nobody seemed to take a seat."""
    row, other = ParticipantFactory(), EmployerFactory()
    moved = update(Participant).values(
        employer_id=other.id, sponsor_id=other.sponsor_id, version=Participant.version + 1
    )
    session.execute(
        moved.where(Participant.id == row.id), execution_options={"synchronize_session": False}
    )

    with pytest.raises(StaleVersion):
        participants.edit(session, SYSTEM, row.id, 2, {"employer_id": other.id})

    assert changes_of(session) == []


def test_cancelled_without_a_reason_keeps_missing_it_until_the_field_is_saved(session: Any) -> None:
    row = ParticipantFactory(cancelled=True, cancellation_reason=None)

    edit(session, row, occupation="Plumber")
    assert (row.occupation, row.cancellation_reason) == ("Plumber", None)
    with pytest.raises(Invalid, match="Choose why"):
        edit(session, row, cancellation_reason=None)
    edit(session, row, cancellation_reason="health")
    assert row.cancellation_reason == "health"
