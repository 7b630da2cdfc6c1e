"""What is planned for a later day …"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from seatadmin.ledger import Change, ChangeKind
from seatadmin.lifecycle import CANCEL, TransitionRefused
from seatadmin.models import CancellationReason, User
from seatadmin.permissions import NotPermitted, Role
from seatadmin.services import participants, plans
from seatadmin.services.changes import STATE
from tests.factories import (
    EmployerFactory,
    ParticipantFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)
from tests.services.acting import (
    act_on,
    audit,
    changes_of,
    items_of,
    personal_of,
    refused,
    scopes_of,
    seats_agree,
    state,
)

LATER = date.today() + timedelta(days=30)


def plan(session: Any, actor: User, act: str, *who: User, **details: Any) -> int:
    """Plan an act for `LATER`, or another day; the plan's id."""
    outcome = act_on(session, actor.actor, act, *who, **{"effective_date": LATER, **details})
    assert outcome.planned_for == details.get("effective_date", LATER)
    assert outcome.change_id is not None
    return outcome.change_id


def lapses(session: Any) -> dict[str, set[int]]:
    """Why plans were given up on their day, and for whom."""
    found = {}
    for change in changes_of(session):
        if (change.kind, change.action) == (ChangeKind.PLAN, plans.LAPSE):
            ((_, _, _, why),) = personal_of(session, change.id)
            found[why] = set(items_of(session, change.id))
    return found


def test_changes_no_status_and_no_seat_before_its_day(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    *kept, version, recorded = state(row)

    plan_id = plan(session, actor, "cancel", row, reason="laid_off", note="as told")

    assert state(row) == (*kept, version + 1, recorded)
    assert (row.plan_id, row.uses_seat) == (plan_id, True)
    change = session.get(Change, plan_id)
    assert (change.kind, change.action, change.actor_id) == (ChangeKind.PLAN, "cancel", actor.id)
    assert (change.effective_date, change.reason) == (LATER, "laid_off")
    assert personal_of(session, plan_id) == {(row.id, "note", None, "as told")}
    assert scopes_of(session, plan_id) == {(row.sponsor_id, row.employer_id, 1, row.id)}
    item = items_of(session, plan_id)[row.id]
    assert all(getattr(item, f"old_{key}") == getattr(item, f"new_{key}") for key in STATE)


def test_is_shown_with_who_when_and_why(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan(session, actor, "cancel", row, reason="laid_off", note="as told")

    shown = plans.of(session, row)

    assert shown is not None
    assert (shown.act, shown.day, shown.note) == (CANCEL, LATER, "as told")
    assert shown.reason == "Laid off or no work"
    assert shown.change.actor == actor
    assert plans.of(session, ParticipantFactory()) is None


def test_is_done_on_its_day_in_the_name_of_whoever_planned_it(session: Any) -> None:
    employer = EmployerFactory()
    actor = sponsor_staff(employer.sponsor)
    rows = [ParticipantFactory(employer=employer), ParticipantFactory(employer=employer)]
    plan_id = plan(session, actor, "cancel", *rows, reason="laid_off", note="as told")

    outcome, given_up = plans.apply(session, plan_id)

    assert (outcome.changed, outcome.seats_freed, given_up) == (2, 2, 0)
    for row in rows:
        assert state(row)[:5] == ("cancelled", "deactivated", LATER, "laid_off", "as told")
        assert row.plan_id is None
    change = changes_of(session)[-1]
    assert (change.kind, change.action) == (ChangeKind.TRANSITION, "cancel")
    assert (change.actor_id, change.effective_date) == (actor.id, LATER)
    assert items_of(session, change.id).keys() == {row.id for row in rows}
    assert seats_agree(session)


def test_is_due_from_its_day_on_the_earliest_first(session: Any) -> None:
    actor, sooner = regulator(), LATER - timedelta(days=1)
    later_id = plan(session, actor, "cancel", ParticipantFactory())
    sooner_id = plan(session, actor, "suspend", ParticipantFactory(), effective_date=sooner)

    assert plans.due(session, sooner - timedelta(days=1)) == []
    assert plans.due(session, sooner) == [sooner_id]
    assert plans.due(session, LATER) == [sooner_id, later_id]


def test_is_done_once(session: Any) -> None:
    row = ParticipantFactory()
    plan_id = plan(session, regulator(), "cancel", row)
    plans.apply(session, plan_id)
    kept, before = state(row), audit(session)

    assert plans.due(session, LATER) == []
    assert plans.apply(session, plan_id)[0].changed == 0

    assert (state(row), audit(session)) == (kept, before)


def test_said_again_changes_nothing_and_says_so(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan_id = plan(session, actor, "cancel", row, reason="health", note="first")
    kept, before = state(row), audit(session)

    again = act_on(session, actor.actor, "cancel", row, effective_date=LATER, reason="health")

    assert (again.changed, again.unchanged) == (0, 1)
    assert (state(row), row.plan_id, audit(session)) == (kept, plan_id, before)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"reason": "laid_off"},
        {"note": "second"},
        {"effective_date": LATER + timedelta(days=1)},
    ],
)
def test_said_otherwise_is_replaced(session: Any, otherwise: dict[str, Any]) -> None:
    actor, row = regulator(), ParticipantFactory()
    first = plan(session, actor, "cancel", row, reason="health")

    second = plan(session, actor, "cancel", row, **{"reason": "health", **otherwise})

    assert row.plan_id == second != first
    assert plans.due(session, LATER + timedelta(days=1)) == [second]


@pytest.mark.parametrize("act", ["cancel", "suspend", "complete"])
def test_is_replaced_by_what_is_done_before(session: Any, act: str) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan(session, actor, "complete", row)

    act_on(session, actor.actor, act, row)

    assert row.plan_id is None
    assert plans.due(session, LATER) == []


def test_outlives_what_happens_to_the_account_alone(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan_id = plan(session, actor, "complete", row)
    act_on(session, actor.actor, "deactivate", row)

    assert row.plan_id == plan_id
    assert plans.apply(session, plan_id)[0].changed == 1

    assert (row.program_status, row.out_of_step) == ("completed", False)


def test_outlives_an_edit_of_other_fields(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan_id = plan(session, actor, "complete", row)

    participants.edit(session, actor.actor, row.id, row.version, {"first_name": "Zoe"})

    assert row.plan_id == plan_id


def test_goes_with_the_participant(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan(session, actor, "complete", row)

    participants.delete(session, actor.actor, row.id, row.name)

    assert plans.due(session, LATER) == []


def test_is_refused_where_the_act_would_be(session: Any) -> None:
    own = EmployerFactory()
    ended = ParticipantFactory(employer=own, completed=True)
    registered = ParticipantFactory(employer=own, registration_date=LATER)
    astray = ParticipantFactory(employer=own, out_of_step=True)
    foreign = ParticipantFactory()

    outcome = act_on(
        session,
        sponsor_staff(own.sponsor).actor,
        "cancel",
        ended,
        registered,
        astray,
        foreign,
        effective_date=LATER - timedelta(days=1),
    )

    assert refused(outcome) == {
        ended.id: "ENDED",
        registered.id: "BEFORE_REGISTRATION",
        astray.id: "REPAIR_NOW",
        foreign.id: "NOT_FOUND",
    }
    assert audit(session)["change"] == 0


def test_to_reinstate_needs_a_seat_on_its_day_only(session: Any) -> None:
    employer = EmployerFactory(seat_limit=1)
    holder = ParticipantFactory(employer=employer)
    first, second = (ParticipantFactory(employer=employer, suspended=True) for _ in "12")
    plan_id = plan(session, regulator(), "reinstate", first, second)
    act_on(session, regulator().actor, "cancel", holder)

    outcome, given_up = plans.apply(session, plan_id)

    assert (outcome.changed, outcome.seats_freed, given_up) == (1, -1, 1)
    assert (first.program_status, second.program_status) == ("active", "suspended")
    assert lapses(session) == {"No free seat: the employer's seat limit is reached.": {second.id}}
    assert second.plan_id is None
    assert seats_agree(session)


def test_that_cannot_be_done_any_more_says_why_and_is_not_tried_again(session: Any) -> None:
    employer, elsewhere = EmployerFactory(), EmployerFactory()
    actor = sponsor_staff(employer.sponsor)
    done, undone, moved, fine = (ParticipantFactory(employer=employer) for _ in "1234")
    plan_id = plan(session, actor, "suspend", done, undone, moved, fine)
    # As a program that knows nothing of plans would have it.
    for row, values in (
        (done, {"program_status": "suspended", "account_status": "deactivated"}),
        (undone, {"program_status": "completed", "account_status": "deactivated"}),
        (moved, {"employer_id": elsewhere.id, "sponsor_id": elsewhere.sponsor_id}),
    ):
        session.execute(update(User).where(User.id == row.id).values(values))
    session.expire_all()

    outcome, given_up = plans.apply(session, plan_id)

    assert (outcome.changed, given_up, fine.program_status) == (1, 3, "suspended")
    assert lapses(session) == {
        plans.ALREADY_SO: {done.id},
        "The program has already ended; reinstate it first.": {undone.id},
        plans.NOT_ANY_MORE: {moved.id},
    }
    assert {row.plan_id for row in (done, undone, moved, fine)} == {None}
    assert all(change.actor_id is None for change in changes_of(session)[-3:])
    assert plans.due(session, LATER) == []


def test_is_given_up_when_the_role_no_longer_includes_it(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory(suspended=True)
    plan_id = plan(session, actor, "reinstate", row)
    employer = EmployerFactory()
    actor.role, actor.employer_id = Role.EMPLOYER_ADMIN, employer.id
    actor.sponsor_id = employer.sponsor_id
    session.flush()

    assert plans.apply(session, plan_id)[0].changed == 0

    assert (row.program_status, row.plan_id) == ("suspended", None)
    assert lapses(session) == {plans.NOT_ANY_MORE: {row.id}}


def test_stands_when_whoever_planned_it_has_left(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    plan_id = plan(session, actor, "complete", row)
    act_on(session, regulator().actor, "deactivate", actor, population=User)

    assert plans.apply(session, plan_id)[0].changed == 1


def test_keeps_a_reason_that_was_retired_meanwhile(session: Any) -> None:
    row = ParticipantFactory()
    plan_id = plan(session, regulator(), "cancel", row, reason="health")
    session.execute(
        update(CancellationReason).where(CancellationReason.code == "health").values(retired=True)
    )

    plans.apply(session, plan_id)

    assert (row.program_status, row.cancellation_reason) == ("cancelled", "health")


def test_is_withdrawn_as_a_whole_or_for_one(session: Any) -> None:
    actor, rows = regulator(), [ParticipantFactory() for _ in "123"]
    plan_id = plan(session, actor, "suspend", *rows)
    version = rows[0].version

    assert plans.withdraw(session, actor.actor, plan_id, rows[0].id) == 1
    assert [row.plan_id for row in rows] == [None, plan_id, plan_id]
    assert plans.withdraw(session, actor.actor, plan_id) == 2
    assert [row.plan_id for row in rows] == [None] * 3

    one, all_others = changes_of(session)[-2:]
    assert {(change.kind, change.action, change.actor_id) for change in (one, all_others)} == {
        (ChangeKind.PLAN, plans.WITHDRAW, actor.id)
    }
    assert items_of(session, one.id).keys() == {rows[0].id}
    assert items_of(session, all_others.id).keys() == {rows[1].id, rows[2].id}
    assert rows[0].version == version + 1
    before = audit(session)
    assert plans.withdraw(session, actor.actor, plan_id) == 0
    assert audit(session) == before


def test_is_withdrawn_within_the_own_scope_only(session: Any) -> None:
    rows = [ParticipantFactory(), ParticipantFactory()]
    plan_id = plan(session, regulator(), "suspend", *rows)
    actor = employer_admin(rows[0].employer)

    assert plans.withdraw(session, actor.actor, plan_id, rows[1].id) == 0
    assert plans.withdraw(session, actor.actor, plan_id) == 1

    assert [row.plan_id for row in rows] == [None, plan_id]
    change = changes_of(session)[-1]
    assert scopes_of(session, change.id) == {
        (rows[0].sponsor_id, rows[0].employer_id, 1, rows[0].id)
    }


def test_is_withdrawn_by_who_may_do_it_only(session: Any) -> None:
    row = ParticipantFactory(suspended=True)
    plan_id = plan(session, regulator(), "reinstate", row)

    with pytest.raises(NotPermitted):
        plans.withdraw(session, employer_admin(row.employer).actor, plan_id)

    assert row.plan_id == plan_id


def test_is_no_other_change(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    outcome = act_on(session, actor.actor, "suspend", row)

    assert plans.withdraw(session, actor.actor, outcome.change_id or 0) == 0
    assert plans.withdraw(session, actor.actor, 987_654_321) == 0
    assert plans.waiting(session, actor.actor, changes_of(session)[-1]) == 0


def test_counts_those_in_scope_for_whom_it_is_still_to_be_done(session: Any) -> None:
    rows = [ParticipantFactory(), ParticipantFactory()]
    plan_id = plan(session, regulator(), "suspend", *rows)
    change = session.get(Change, plan_id)

    assert plans.waiting(session, regulator().actor, change) == 2
    assert plans.waiting(session, employer_admin(rows[0].employer).actor, change) == 1
    plans.apply(session, plan_id)
    assert plans.waiting(session, regulator().actor, change) == 0


def test_is_made_by_the_form_which_saves_its_other_fields(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory()
    values = {
        "program_status": CANCEL.target,
        "status_date": LATER,
        "cancellation_reason": "health",
        "first_name": "Zoe",
    }

    participants.edit(session, actor.actor, row.id, row.version, values)

    assert (row.program_status, row.first_name) == ("active", "Zoe")
    shown = plans.of(session, row)
    assert shown is not None
    assert (shown.act, shown.day, shown.change.reason) == (CANCEL, LATER, "health")
    assert [change.kind for change in changes_of(session)] == [ChangeKind.PLAN, ChangeKind.EDIT]


def test_is_no_repair_of_who_is_out_of_step(session: Any) -> None:
    actor, row = regulator(), ParticipantFactory(out_of_step=True)
    values = {"program_status": CANCEL.target, "status_date": LATER, "cancellation_reason": "other"}

    with pytest.raises(TransitionRefused, match="recorded now, not planned"):
        participants.edit(session, actor.actor, row.id, row.version, values)

    assert row.plan_id is None
