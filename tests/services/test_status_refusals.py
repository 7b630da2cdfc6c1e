"""An order …"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from seatadmin.lifecycle import ACCOUNT_ACTIONS, ACTS, TransitionRefused, WrongDate
from seatadmin.models import CancellationReason, User
from seatadmin.permissions import SYSTEM
from seatadmin.services import status
from seatadmin.services.reasons import UnknownReason
from seatadmin.services.regulators import LastRegulator
from tests.factories import ParticipantFactory, regulator
from tests.services.acting import act_on, ask, audit, refused, state


@pytest.mark.parametrize("act", ACCOUNT_ACTIONS)
def test_on_an_account_for_a_day_to_come_is_refused(session: Any, act: str) -> None:
    tomorrow = date.today() + timedelta(days=1)

    with pytest.raises(WrongDate, match="at once"):
        ask(session, SYSTEM, act, 1, effective_date=tomorrow)


@pytest.mark.parametrize("reason", ["no_such_reason", "Other", "other "])
def test_to_cancel_for_an_unknown_reason_is_refused(session: Any, reason: str) -> None:
    with pytest.raises(UnknownReason, match=reason):
        ask(session, SYSTEM, "cancel", 1, reason=reason)


def test_to_cancel_for_a_retired_reason_is_refused(session: Any) -> None:
    session.execute(
        update(CancellationReason).where(CancellationReason.code == "health").values(retired=True)
    )

    with pytest.raises(UnknownReason, match="health"):
        ask(session, SYSTEM, "cancel", 1, reason="health")


@pytest.mark.parametrize("act", [name for name in ACTS if name != "cancel"])
def test_that_carries_no_reason_ignores_one(session: Any, act: str) -> None:
    assert ask(session, SYSTEM, act, 1, reason="no_such_reason").reason is None


@pytest.mark.parametrize("blank", [None, "", "  \n "])
def test_with_a_blank_note_has_none(session: Any, blank: str | None) -> None:
    completed = ParticipantFactory(completed=True)

    outcome = act_on(session, SYSTEM, "reinstate", completed, note=blank)

    assert refused(outcome) == {completed.id: "NEEDS_NOTE"}


def test_for_one_tells_who_was_refused_from_where_and_why(session: Any) -> None:
    completed = ParticipantFactory(completed=True)
    kept = state(completed)

    with pytest.raises(TransitionRefused, match="already ended") as caught:
        status.perform_one(session, ask(session, SYSTEM, "suspend", completed))

    error = caught.value
    assert (error.subject, error.source, error.target) == (completed.id, "completed", "suspend")
    assert error.why.name == "ENDED"
    assert state(completed) == kept
    assert audit(session)["change"] == 0


def test_for_one_who_is_not_there_is_refused(session: Any) -> None:
    with pytest.raises(TransitionRefused, match="no such record"):
        status.perform_one(session, ask(session, SYSTEM, "suspend", 12345))


def test_for_one_that_is_carried_out_answers_what_was_done(session: Any) -> None:
    participant = ParticipantFactory()

    outcome = status.perform_one(session, ask(session, SYSTEM, "suspend", participant))

    assert (outcome.changed, outcome.seats_freed) == (1, 1)


def test_against_oneself_is_refused(session: Any) -> None:
    me, other = regulator(), regulator()

    outcome = act_on(session, me.actor, "deactivate", me, other, population=User)

    assert refused(outcome) == {me.id: "OWN_ACCOUNT"}
    assert (me.is_active, other.is_active) == (True, False)


@pytest.mark.parametrize("chosen", ["by id", "by a condition"])
def test_against_the_last_active_regulators_is_refused_as_a_whole(
    session: Any, chosen: str
) -> None:
    last = [regulator(), regulator()]
    regulator(account_status="deactivated")
    participant = ParticipantFactory()
    session.commit()
    asked = ask(
        session,
        SYSTEM,
        "deactivate",
        *([*last, participant] if chosen == "by id" else []),
        population=User,
        **({} if chosen == "by id" else {"matching": User.id > 0}),
    )

    with pytest.raises(LastRegulator):
        status.perform(session, asked)

    session.rollback()
    assert all(person.is_active for person in last)
    assert participant.uses_seat
    assert audit(session)["change"] == 0


def test_on_participants_needs_no_regulator(session: Any) -> None:
    assert act_on(session, SYSTEM, "deactivate", ParticipantFactory()).changed == 1
