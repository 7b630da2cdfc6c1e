"""A status in a roster …"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from seatadmin.models import CancellationReason, Participant
from seatadmin.services.participants import OUT_OF_STEP
from tests.factories import ENDED, ParticipantFactory
from tests.services.acting import items_of, personal_of
from tests.services.imports.rosters import by_number, counts, imported, whys

ENDED_ALREADY = "The program has already ended; reinstate it first."
NOTE = "An ended program is reinstated only as a correction: say why in the note."

# from, to, without a note, with one: typed by hand, it is what was ordered
MATRIX = [
    ("active", "active", "same", "changed"),
    ("active", "suspended", "changed", "changed"),
    ("active", "completed", "changed", "changed"),
    ("active", "cancelled", "changed", "changed"),
    ("suspended", "active", "changed", "changed"),
    ("suspended", "suspended", "same", "changed"),
    ("suspended", "completed", "changed", "changed"),
    ("suspended", "cancelled", "changed", "changed"),
    ("completed", "active", NOTE, "changed"),
    ("completed", "suspended", ENDED_ALREADY, ENDED_ALREADY),
    ("completed", "completed", "same", "changed"),
    ("completed", "cancelled", ENDED_ALREADY, ENDED_ALREADY),
    ("cancelled", "active", NOTE, "changed"),
    ("cancelled", "suspended", ENDED_ALREADY, ENDED_ALREADY),
    ("cancelled", "completed", ENDED_ALREADY, ENDED_ALREADY),
    ("cancelled", "cancelled", "same", "changed"),
]


@pytest.mark.parametrize("note", [None, "a correction"])
@pytest.mark.parametrize(("source", "target", "bare", "noted"), MATRIX)
def test_is_judged_as_a_transition(
    session: Any, source: str, target: str, bare: str, noted: str, note: str | None
) -> None:
    ParticipantFactory(apprentice_number="N1", program_status=source)

    answer = imported(
        session, {"apprentice_number": "N1", "program_status": target, "status_note": note}
    )

    expected = noted if note else bare
    if expected == "same":
        assert counts(answer) == (0, 0, 1, 0)
    elif expected == "changed":
        assert counts(answer) == (0, 1, 0, 0)
        person = by_number(session, "N1")
        account = "active" if target == "active" else "deactivated"
        assert (person.program_status, person.account_status) == (target, account)
        assert person.status_note == note
        item = items_of(session, answer.change_id)[person.id]
        assert (item.old_program_status, item.new_program_status) == (source, target)
    else:
        assert whys(answer) == {2: expected}


def test_sets_what_the_transition_sets(session: Any) -> None:
    long_ago = datetime(2024, 7, 1, tzinfo=UTC)
    ParticipantFactory(
        apprentice_number="N1", suspended=True, status_note="on leave", recorded_at=long_ago
    )

    answer = imported(
        session,
        {
            "apprentice_number": "N1",
            "program_status": "Cancelled",
            "status_date": "2025-01-01",
            "cancellation_reason": "HEALTH",
        },
    )

    person = by_number(session, "N1")
    assert (person.status_date, person.cancellation_reason) == (date(2025, 1, 1), "health")
    assert (person.status_note, person.version) == (None, 2)
    assert person.recorded_at > long_ago
    item = items_of(session, answer.change_id)[person.id]
    assert (item.old_status_date, item.new_status_date) == (ENDED, date(2025, 1, 1))
    assert (item.old_cancellation_reason, item.new_cancellation_reason) == (None, "health")
    assert personal_of(session, answer.change_id) == {(person.id, "status_note", "on leave", None)}


def test_takes_effect_today_unless_it_says_when(session: Any) -> None:
    ParticipantFactory(apprentice_number="N1")

    imported(session, {"apprentice_number": "N1", "program_status": "completed"})

    assert by_number(session, "N1").status_date == date.today()


def test_may_be_cancelled_without_a_reason(session: Any) -> None:
    ParticipantFactory(apprentice_number="N1")

    imported(session, {"apprentice_number": "N1", "program_status": "exited"})

    assert by_number(session, "N1").cancellation_reason is None


def test_corrects_date_and_reason_of_an_ended_program(session: Any) -> None:
    recorded = datetime(2024, 7, 1, tzinfo=UTC)
    ParticipantFactory(apprentice_number="N1", cancelled=True, recorded_at=recorded)

    answer = imported(
        session,
        {
            "apprentice_number": "N1",
            "status_date": "2025-01-01",
            "cancellation_reason": "Deceased",
        },
    )

    person = by_number(session, "N1")
    assert (person.status_date, person.cancellation_reason) == (date(2025, 1, 1), "deceased")
    assert person.recorded_at == recorded
    item = items_of(session, answer.change_id)[person.id]
    assert (item.old_cancellation_reason, item.new_cancellation_reason) == (
        "left_employment",
        "deceased",
    )


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"status_date": (date.today() + timedelta(1)).isoformat()}, "lies in the future"),
        ({"status_date": "2024-02-01"}, "before the registration date"),
        ({"program_status": "suspended", "cancellation_reason": "health"}, "cancelled program"),
        ({"cancellation_reason": "health"}, "cancelled program only"),
        ({"program_status": "suspended", "account_status": "active"}, "account is deactivated"),
        ({"expected_completion_date": "2024-02-01"}, "before the registration date"),
    ],
)
def test_is_refused_when_it_contradicts_itself(
    session: Any, cells: dict[str, str], why: str
) -> None:
    ParticipantFactory(apprentice_number="N1")

    assert why in whys(imported(session, {"apprentice_number": "N1", **cells}))[2]


def test_is_refused_when_the_account_would_be_active_in_an_ended_program(session: Any) -> None:
    ParticipantFactory(apprentice_number="N1", completed=True)

    answer = imported(session, {"apprentice_number": "N1", "account_status": "Active"})

    assert whys(answer) == {2: "The account is deactivated, because the program is completed."}


def test_keeps_a_retired_reason_but_gives_none(session: Any) -> None:
    session.get(CancellationReason, "health").retired = True
    ParticipantFactory(apprentice_number="N1", cancelled=True, cancellation_reason="health")
    ParticipantFactory(apprentice_number="N2")
    cancelled = {"program_status": "cancelled", "cancellation_reason": "health"}

    answer = imported(
        session,
        {"apprentice_number": "N1", **cancelled},
        {"apprentice_number": "N2", **cancelled},
    )

    assert answer.same == 1
    assert whys(answer) == {3: "“health” is not a cancellation reason on the list."}


def out_of_step(session: Any) -> Participant:
    person: Participant = ParticipantFactory(apprentice_number="N1", out_of_step=True)
    return person


def test_leaves_one_who_is_out_of_step_as_it_is(session: Any) -> None:
    out_of_step(session)

    for account in ("active", "deactivated", ""):
        row = {"apprentice_number": "N1", "program_status": "active", "account_status": account}
        assert counts(imported(session, row)) == (0, 0, 1, 0)


def test_repairs_one_who_is_out_of_step(session: Any) -> None:
    person = out_of_step(session)

    row = {"apprentice_number": "N1", "program_status": "completed", "occupation": "Roofer"}
    answer = imported(session, row)

    assert (counts(answer), answer.seats_freed) == ((0, 1, 0, 0), 0)
    session.refresh(person)
    assert (person.program_status, person.occupation) == ("completed", "Roofer")


def test_does_not_edit_one_who_stays_out_of_step(session: Any) -> None:
    out_of_step(session)

    answer = imported(session, {"apprentice_number": "N1", "occupation": "Roofer"})

    assert whys(answer) == {2: OUT_OF_STEP}
