"""An act on one participant …

The tables are typed by hand: they are what the customer ordered.
"""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from seatadmin.ledger import Change
from seatadmin.models import Participant
from tests.factories import ENDED, ParticipantFactory, regulator
from tests.services.acting import (
    act_on,
    audit,
    items_of,
    personal_of,
    refused,
    scopes_of,
    seats_agree,
    state,
)

# What becomes of a participant: the new state, "=" (unchanged), or the refusal.
# "+note": with a note. Account and program of a state are below.
ORDERED = """
state       cancel    suspend   complete  reinstate   reinstate+note deactivate  reactivate
working     cancelled suspended completed =           =              out_of_step =
out_of_step cancelled suspended completed OUT_OF_STEP OUT_OF_STEP    =           working
suspended   cancelled =         completed working     working        =           REINSTATE_INSTEAD
completed   ENDED     ENDED     =         NEEDS_NOTE  working        =           REINSTATE_INSTEAD
cancelled   =         ENDED     ENDED     NEEDS_NOTE  working        =           REINSTATE_INSTEAD
"""
STATES = {  # program, account
    "working": ("active", "active"),
    "out_of_step": ("active", "deactivated"),
    "suspended": ("suspended", "deactivated"),
    "completed": ("completed", "deactivated"),
    "cancelled": ("cancelled", "deactivated"),
}
HEAD, *LINES = (line.split() for line in ORDERED.strip().splitlines())
CELLS = [
    (line[0], act, note, outcome)
    for line in LINES
    for column, outcome in zip(HEAD[1:], line[1:], strict=True)
    for act, _, wants_note in [column.partition("+")]
    for note in ([True] if wants_note else [False] if act == "reinstate" else [False, True])
]
TRANSITIONS = ("cancel", "suspend", "complete", "reinstate")
DAY = date(2025, 5, 17)
LONG_AGO = datetime(2024, 6, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def participant(session: Any, before: str) -> Participant:
    made = ParticipantFactory(
        **({} if before == "working" else {before: True}),
        status_note="what was noted before",
        recorded_at=LONG_AGO,
    )
    session.commit()
    assert (made.program_status, made.account_status) == STATES[before]
    return made


def act(session: Any, participant: Participant, name: str, note: bool) -> Any:
    return act_on(
        session,
        regulator().actor,
        name,
        participant,
        effective_date=DAY,
        reason="laid_off",
        note="why" if note else None,
    )


@pytest.mark.parametrize(
    ("before", "name", "note", "after"), [cell for cell in CELLS if cell[3] in STATES]
)
def test_changes_it(
    session: Any, participant: Participant, before: str, name: str, note: bool, after: str
) -> None:
    old = state(participant)
    old_reason = participant.cancellation_reason
    moved = name in TRANSITIONS
    freed = {"active": 1, "deactivated": 0}
    seats_freed = freed[STATES[before][1]] - freed[STATES[after][1]]

    outcome = act(session, participant, name, note)

    assert (outcome.changed, outcome.unchanged, outcome.refused_total) == (1, 0, 0)
    assert outcome.seats_freed == seats_freed

    session.refresh(participant)
    assert (participant.program_status, participant.account_status) == STATES[after]
    assert participant.version == old[5] + 1
    if moved:
        assert participant.status_date == DAY
        assert participant.cancellation_reason == ("laid_off" if name == "cancel" else None)
        assert participant.status_note == ("why" if note else None)
        assert participant.recorded_at > LONG_AGO
    else:
        assert state(participant)[2:5] == old[2:5]
        assert participant.recorded_at == LONG_AGO

    change = session.get(Change, outcome.change_id)
    assert (change.kind, change.action) == ("transition" if moved else "account", name)
    assert change.subject == "participant"
    assert change.actor.role == "regulator"
    assert change.effective_date == (DAY if moved else None)
    assert change.reason == ("laid_off" if name == "cancel" else None)

    items = items_of(session, change.id)
    assert set(items) == {participant.id}
    item = items[participant.id]
    assert (item.old_program_status, item.old_account_status) == STATES[before]
    assert (item.new_program_status, item.new_account_status) == STATES[after]
    assert (item.old_status_date, item.new_status_date) == (old[2], participant.status_date)
    assert item.old_cancellation_reason == old_reason
    assert item.new_cancellation_reason == participant.cancellation_reason
    assert (item.sponsor_id, item.employer_id) == (participant.sponsor_id, participant.employer_id)
    assert scopes_of(session, change.id) == {
        (participant.sponsor_id, participant.employer_id, 1, participant.id)
    }
    replaced = (participant.id, "status_note", "what was noted before", "why" if note else None)
    given = (participant.id, "note", None, "why")
    assert personal_of(session, change.id) == {
        *([replaced] if moved else []),
        *([given] if note else []),
    }
    assert seats_agree(session)


@pytest.mark.parametrize(
    ("before", "name", "note", "why"), [cell for cell in CELLS if cell[3] not in STATES]
)
def test_leaves_it_alone_and_says_so(
    session: Any, participant: Participant, before: str, name: str, note: bool, why: str
) -> None:
    old, recorded = state(participant), audit(session)

    outcome = act(session, participant, name, note)

    assert (outcome.changed, outcome.seats_freed, outcome.change_id) == (0, 0, None)
    assert outcome.unchanged == (why == "=")
    assert refused(outcome) == ({} if why == "=" else {participant.id: why})
    assert outcome.refused_total == len(outcome.refused)

    session.refresh(participant)
    assert state(participant) == old
    assert audit(session) == recorded


def test_is_in_the_table_with_every_state_and_note() -> None:
    acts = {"cancel", "suspend", "complete", "reinstate", "deactivate", "reactivate"}

    assert {(before, name, note) for before, name, note, _ in CELLS} == {
        (before, name, note) for before in STATES for name in acts for note in (True, False)
    }


@pytest.mark.parametrize("before", ["working"])
@pytest.mark.parametrize("name", ["cancel", "suspend", "complete"])
def test_takes_effect_today_and_needs_no_details(
    session: Any, participant: Participant, before: str, name: str
) -> None:
    today = date.today()

    outcome = act_on(session, regulator().actor, name, participant)

    session.refresh(participant)
    assert participant.status_date == today
    assert participant.cancellation_reason is None
    assert participant.status_note is None
    assert items_of(session, outcome.change_id)[participant.id].new_status_date == today


@pytest.mark.parametrize("before", ["suspended"])
def test_may_move_its_date_back_but_not_before_the_registration(
    session: Any, participant: Participant, before: str
) -> None:
    actor = regulator().actor
    old = state(participant)

    day_before = date(2024, 2, 29)
    outcome = act_on(session, actor, "complete", participant, effective_date=day_before)
    assert refused(outcome) == {participant.id: "BEFORE_REGISTRATION"}
    session.refresh(participant)
    assert state(participant) == old

    act_on(session, actor, "complete", participant, effective_date=participant.registration_date)
    session.refresh(participant)
    assert participant.status_date == participant.registration_date < ENDED
