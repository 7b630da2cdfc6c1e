"""An act that takes seats …"""

from typing import Any

import pytest

from seatadmin.models import Employer, Participant, User
from seatadmin.permissions import SYSTEM
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, regulator
from tests.services.acting import act_on, active_participants, audit, refused, seats_agree

SPONSOR, EMPLOYER = "NO_SPONSOR_SEAT", "NO_EMPLOYER_SEAT"


def waiting(employer: Employer, act: str, **columns: Any) -> Participant:
    """A participant whom the act would give a seat."""
    before = "suspended" if act == "reinstate" else "out_of_step"
    return ParticipantFactory(employer=employer, **{before: True}, **columns)


acts = pytest.mark.parametrize("act", ["reinstate", "reactivate"])


@acts
def test_gives_the_free_seats_of_a_sponsor_in_the_order_of_ids(session: Any, act: str) -> None:
    sponsor = SponsorFactory(seat_limit=4)
    one, other = EmployerFactory(sponsor=sponsor), EmployerFactory(sponsor=sponsor)
    ParticipantFactory(employer=one)
    ParticipantFactory(employer=other)
    rows = [waiting(employer, act) for employer in (one, other, one, other)]

    outcome = act_on(session, SYSTEM, act, *reversed(rows))

    assert (outcome.changed, outcome.seats_freed) == (2, -2)
    assert refused(outcome) == {rows[2].id: SPONSOR, rows[3].id: SPONSOR}
    assert [row.uses_seat for row in rows] == [True, True, False, False]
    assert seats_agree(session)


@acts
def test_keeps_to_the_limit_of_each_employer_too(session: Any, act: str) -> None:
    sponsor = SponsorFactory(seat_limit=100)
    full = EmployerFactory(sponsor=sponsor, seat_limit=1)
    tight = EmployerFactory(sponsor=sponsor, seat_limit=1)
    roomy = EmployerFactory(sponsor=sponsor)
    ParticipantFactory(employer=full)
    rows = [waiting(employer, act) for employer in (full, tight, roomy, tight, roomy)]

    outcome = act_on(session, SYSTEM, act, *rows)

    assert refused(outcome) == {rows[0].id: EMPLOYER, rows[3].id: EMPLOYER}
    assert (outcome.changed, outcome.seats_freed) == (3, -3)
    assert seats_agree(session)


@acts
def test_counts_no_seat_of_the_sponsor_for_those_whom_the_employer_refuses(
    session: Any, act: str
) -> None:
    sponsor = SponsorFactory(seat_limit=2)
    full = EmployerFactory(sponsor=sponsor, seat_limit=0)
    roomy = EmployerFactory(sponsor=sponsor)
    rows = [waiting(employer, act) for employer in (full, full, roomy, roomy, roomy)]

    outcome = act_on(session, SYSTEM, act, *rows)

    assert refused(outcome) == {
        rows[0].id: EMPLOYER,
        rows[1].id: EMPLOYER,
        rows[4].id: SPONSOR,
    }
    assert active_participants(session) == 2


def test_counts_no_seat_for_those_who_have_one_or_are_refused_otherwise(session: Any) -> None:
    employer = EmployerFactory(sponsor=SponsorFactory(seat_limit=2))
    working = ParticipantFactory(employer=employer)
    out_of_step = ParticipantFactory(employer=employer, out_of_step=True)
    completed = ParticipantFactory(employer=employer, completed=True)
    suspended = ParticipantFactory(employer=employer, suspended=True)

    outcome = act_on(session, SYSTEM, "reinstate", working, out_of_step, completed, suspended)

    assert (outcome.changed, outcome.unchanged) == (1, 1)
    assert refused(outcome) == {out_of_step.id: "OUT_OF_STEP", completed.id: "NEEDS_NOTE"}
    assert suspended.uses_seat


@acts
def test_shares_nothing_between_sponsors(session: Any, act: str) -> None:
    full = EmployerFactory(sponsor=SponsorFactory(seat_limit=0))
    unlimited = EmployerFactory()
    rows = [waiting(employer, act) for employer in (full, unlimited, full, unlimited)]

    outcome = act_on(session, SYSTEM, act, *rows)

    assert refused(outcome) == {rows[0].id: SPONSOR, rows[2].id: SPONSOR}
    assert outcome.changed == 2


@acts
@pytest.mark.parametrize("limited", ["sponsor", "employer"])
def test_lets_nobody_in_and_turns_nobody_out_over_the_limit(
    session: Any, act: str, limited: str
) -> None:
    employer = EmployerFactory()
    working = ParticipantFactory.create_batch(3, employer=employer)
    row = waiting(employer, act)
    (employer.sponsor if limited == "sponsor" else employer).seat_limit = 1
    session.flush()

    outcome = act_on(session, SYSTEM, act, row)

    assert outcome.lacked_seats
    assert refused(outcome) == {row.id: SPONSOR if limited == "sponsor" else EMPLOYER}
    assert all(other.uses_seat for other in working)
    assert audit(session)["change"] == 0


@acts
def test_has_the_seat_that_was_freed_just_before(session: Any, act: str) -> None:
    employer = EmployerFactory(seat_limit=1)
    working, row = ParticipantFactory(employer=employer), waiting(employer, act)
    assert act_on(session, SYSTEM, act, row).lacked_seats

    act_on(session, SYSTEM, "complete", working)
    outcome = act_on(session, SYSTEM, act, row)

    assert (outcome.changed, outcome.seats_freed, outcome.lacked_seats) == (1, -1, False)
    assert row.uses_seat
    assert not working.uses_seat


def test_gives_staff_no_seat_because_they_use_none(session: Any) -> None:
    SponsorFactory(seat_limit=0)
    staff = regulator(account_status="deactivated")
    regulator()

    outcome = act_on(session, SYSTEM, "reactivate", staff, population=User)

    assert (outcome.changed, outcome.seats_freed) == (1, 0)
    assert staff.is_active


def test_takes_them_for_participants_beside_staff(session: Any) -> None:
    employer = EmployerFactory(seat_limit=1)
    rows = [ParticipantFactory(employer=employer, out_of_step=True) for _ in range(2)]
    staff = regulator(account_status="deactivated")

    outcome = act_on(session, SYSTEM, "reactivate", staff, *rows, population=User)

    assert (outcome.changed, outcome.seats_freed) == (2, -1)
    assert refused(outcome) == {rows[1].id: EMPLOYER}
