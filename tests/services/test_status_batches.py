"""A batch of acts …"""

from typing import Any

import pytest
from sqlalchemy import String, cast, func, insert, literal, select

from seatadmin.ledger import Change, ChangeItem
from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.models import Employer, Participant, User
from seatadmin.permissions import SYSTEM, NotPermitted
from seatadmin.services import status
from tests.factories import (
    REGISTERED,
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)
from tests.services.acting import (
    act_on,
    active_participants,
    ask,
    audit,
    items_of,
    personal_of,
    refused,
    scopes_of,
    seats_agree,
    state,
    statements,
)

ABSENT = 999_999_999
SENT = {"cancel": 9, "reinstate": 10, "deactivate": 8}
"""Statements that an act with a note sends, however many rows there are, when it changes all."""


@pytest.fixture
def employer(session: Any) -> Employer:
    return EmployerFactory()


def test_changes_what_it_can_and_says_why_not_the_rest(session: Any, employer: Employer) -> None:
    working = ParticipantFactory.create_batch(3, employer=employer)
    elsewhere = ParticipantFactory()
    out_of_step = ParticipantFactory(employer=employer, out_of_step=True)
    suspended = ParticipantFactory(employer=employer, suspended=True, status_note="on leave")
    completed = ParticipantFactory(employer=employer, completed=True)
    cancelled = ParticipantFactory(employer=employer, cancelled=True)
    bystander = ParticipantFactory(employer=employer)
    kept = {row.id: state(row) for row in (completed, cancelled, bystander)}
    changed = [*working, elsewhere, out_of_step, suspended]

    outcome = act_on(
        session,
        regulator().actor,
        "cancel",
        *changed,
        completed,
        cancelled,
        ABSENT,
        reason="other",
        note="closed",
    )

    assert (outcome.changed, outcome.unchanged, outcome.seats_freed) == (6, 1, 4)
    assert refused(outcome) == {completed.id: "ENDED", ABSENT: "NOT_FOUND"}
    assert outcome.refused_total == 2
    for row in changed:
        assert row.program_status is ProgramStatus.CANCELLED
        assert row.account_status is AccountStatus.DEACTIVATED
        assert (row.cancellation_reason, row.status_note) == ("other", "closed")
    assert {row.id: state(row) for row in (completed, cancelled, bystander)} == kept
    assert set(items_of(session, outcome.change_id)) == {row.id for row in changed}
    assert scopes_of(session, outcome.change_id) == {
        (employer.sponsor_id, employer.id, 5, None),
        (elsewhere.sponsor_id, elsewhere.employer_id, 1, elsewhere.id),
    }
    assert personal_of(session, outcome.change_id) == {
        (None, "note", None, "closed"),
        (suspended.id, "status_note", "on leave", "closed"),
    }
    assert seats_agree(session)


def test_counts_an_id_once_however_often_it_is_given(session: Any) -> None:
    participant = ParticipantFactory()

    outcome = act_on(session, SYSTEM, "suspend", *[participant] * 3, ABSENT, ABSENT)

    assert (outcome.changed, outcome.refused_total, outcome.seats_freed) == (1, 1, 1)
    assert [row.id for row in outcome.refused] == [ABSENT]
    assert participant.version == 2


def test_repeated_changes_nothing_and_records_nothing(session: Any) -> None:
    rows = ParticipantFactory.create_batch(3)
    act_on(session, SYSTEM, "complete", *rows)
    session.commit()
    kept, recorded = [state(row) for row in rows], audit(session)

    outcome = act_on(session, SYSTEM, "complete", *rows)
    session.commit()

    assert (outcome.changed, outcome.unchanged, outcome.refused_total) == (0, 3, 0)
    assert outcome.change_id is None
    assert [state(row) for row in rows] == kept
    assert audit(session) == recorded


def test_of_nothing_is_nothing(session: Any) -> None:
    outcome = act_on(session, SYSTEM, "cancel")

    assert (outcome.changed, outcome.unchanged, outcome.refused) == (0, 0, [])
    assert audit(session)["change"] == 0


def test_takes_whatever_a_condition_matches(session: Any, employer: Employer) -> None:
    matched = [
        ParticipantFactory(employer=employer, occupation="Welder"),
        ParticipantFactory(occupation="Welder"),
    ]
    others = [ParticipantFactory(occupation="Baker"), employer_admin(employer)]

    outcome = act_on(session, SYSTEM, "suspend", matching=User.occupation == "Welder")

    assert (outcome.changed, outcome.refused) == (2, [])
    assert {row.program_status for row in matched} == {"suspended"}
    assert {row.account_status for row in others} == {"active"}
    assert set(items_of(session, outcome.change_id)) == {row.id for row in matched}


@pytest.mark.parametrize("chosen", ["by id", "by a condition"])
@pytest.mark.parametrize("role", ["sponsor", "employer_admin"])
def test_stays_within_the_actors_scope(
    session: Any, employer: Employer, role: str, chosen: str
) -> None:
    staff = {"sponsor": sponsor_staff(employer.sponsor), "employer_admin": employer_admin(employer)}
    own = ParticipantFactory(employer=employer)
    neighbor = ParticipantFactory(employer=EmployerFactory(sponsor=employer.sponsor))
    foreign = ParticipantFactory()
    reached = [own, neighbor] if role == "sponsor" else [own]
    rest = [row for row in (own, neighbor, foreign) if row not in reached]
    by_id = chosen == "by id"

    outcome = act_on(
        session,
        staff[role].actor,
        "cancel",
        *([own, neighbor, foreign, ABSENT] if by_id else []),
        **({} if by_id else {"matching": User.id > 0}),
    )

    assert outcome.changed == len(reached)
    expected = [*(row.id for row in rest), ABSENT] if by_id else []
    assert [row.id for row in outcome.refused] == expected
    assert len({row.why for row in outcome.refused}) <= 1  # foreign and absent in the same words
    assert {row.program_status for row in rest} == {"active"}
    assert set(items_of(session, outcome.change_id)) == {row.id for row in reached}


def test_of_participants_never_touches_staff(session: Any, employer: Employer) -> None:
    staff = employer_admin(employer)

    outcome = act_on(session, SYSTEM, "deactivate", staff, ParticipantFactory())

    assert outcome.changed == 1
    assert refused(outcome) == {staff.id: "NOT_FOUND"}
    assert staff.account_status is AccountStatus.ACTIVE


def test_of_users_deactivates_and_reactivates_both_kinds(session: Any, employer: Employer) -> None:
    staff, participant = employer_admin(employer), ParticipantFactory(employer=employer)
    ended = ParticipantFactory(employer=employer, completed=True)
    actor = sponsor_staff(employer.sponsor).actor
    regulator()
    recorded_at = staff.recorded_at

    gone = act_on(
        session, actor, "deactivate", staff, participant, ended, actor.id, population=User
    )

    assert (gone.changed, gone.unchanged, gone.seats_freed) == (2, 1, 1)
    assert refused(gone) == {actor.id: "OWN_ACCOUNT"}
    assert (staff.account_status, participant.account_status) == ("deactivated",) * 2
    assert participant.out_of_step
    assert (staff.version, staff.recorded_at) == (2, recorded_at)
    assert session.get(Change, gone.change_id).subject == "user"
    item = items_of(session, gone.change_id)[staff.id]
    assert (item.old_program_status, item.new_program_status) == (None, None)
    assert (item.old_account_status, item.new_account_status) == ("active", "deactivated")

    back = act_on(session, actor, "reactivate", staff, participant, ended, population=User)

    assert (back.changed, back.seats_freed) == (2, -1)
    assert refused(back) == {ended.id: "REINSTATE_INSTEAD"}
    assert (staff.account_status, participant.account_status) == ("active",) * 2
    assert seats_agree(session)


def test_by_an_employer_administrator_leaves_staff_alone(session: Any, employer: Employer) -> None:
    actor, colleague = employer_admin(employer), employer_admin(employer)
    participant = ParticipantFactory(employer=employer)
    regulator()

    outcome = act_on(
        session, actor.actor, "deactivate", actor, colleague, participant, population=User
    )

    assert refused(outcome) == {actor.id: "STAFF", colleague.id: "STAFF"}
    assert participant.out_of_step
    assert (actor.account_status, colleague.account_status) == ("active",) * 2


@pytest.mark.parametrize("act", ["reinstate", "reactivate"])
def test_that_takes_seats_is_not_for_employer_administrators(
    session: Any, employer: Employer, act: str
) -> None:
    with pytest.raises(NotPermitted, match="seats:take"):
        ask(session, employer_admin(employer).actor, act, ParticipantFactory(employer=employer))


@pytest.mark.parametrize("act", SENT)
def test_sends_as_many_statements_for_sixty_rows_as_for_one(session: Any, act: str) -> None:
    sponsors = SponsorFactory.create_batch(3, seat_limit=1000)
    employers = [EmployerFactory(sponsor=sponsor, seat_limit=500) for sponsor in sponsors]
    before = {"suspended": True} if act == "reinstate" else {}
    rows = [
        ParticipantFactory(employer=employer, status_note="x", **before)
        for employer in employers
        for _ in range(20)
    ]
    one, *many = rows
    session.commit()

    sent: list[int] = []
    for chosen in ([one], many):
        session.rollback()
        asked = ask(session, SYSTEM, act, *chosen, note="as told")
        with statements() as seen:
            assert status.perform(session, asked).changed == len(chosen)
        sent.append(len(seen))

    assert sent == [SENT[act]] * 2


def test_names_ten_thousand_refused_rows_at_most_and_counts_them_all(session: Any) -> None:
    participant = ParticipantFactory()

    outcome = act_on(session, SYSTEM, "cancel", participant, *range(10**6, 10**6 + 70_000))

    assert (outcome.changed, outcome.refused_total) == (1, 70_000)
    assert len(outcome.refused) == status.LISTED == 10_000


def test_takes_seventy_thousand_ids_at_once(session: Any, employer: Employer) -> None:
    rows = select(literal(0).label("n")).cte("numbers", recursive=True)
    rows = rows.union_all(select(rows.c.n + 1).where(rows.c.n < 69_999))
    values = {
        "kind": literal("participant"),
        "first_name": literal("Ada"),
        "last_name": literal("King"),
        "apprentice_number": "N-" + cast(rows.c.n, String),
        "account_status": literal("active"),
        "program_status": literal("active"),
        "status_date": literal(REGISTERED),
        "registration_date": literal(REGISTERED),
        "employer_id": literal(employer.id),
        "sponsor_id": literal(employer.sponsor_id),
    }
    session.execute(insert(User.__table__).from_select(list(values), select(*values.values())))
    ids = session.scalars(select(Participant.id)).all()

    outcome = status.perform(session, ask(session, SYSTEM, "cancel", *ids))

    assert (outcome.changed, outcome.seats_freed) == (70_000, 70_000)
    assert active_participants(session) == 0
    assert session.scalar(select(func.count()).select_from(ChangeItem)) == 70_000
    assert seats_agree(session)
