"""Seats month by month …"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from seatadmin.counts import SeatMonth
from seatadmin.ledger import Change, ChangeItem, ChangeKind, Subject
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import SYSTEM, Actor, Role
from seatadmin.services import organizations, recount
from seatadmin.services.history import MONTHS, Whose, months
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.acting import act_on, statements

THIS = datetime.now(UTC).date().replace(day=1)


def ago(count: int) -> date:
    """The first day of the month so many months before this one."""
    number = THIS.year * 12 + THIS.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


@pytest.fixture
def employer(session: Session) -> Employer:
    """Three came four months ago, and two of another employer of the same sponsor."""
    employer = EmployerFactory(sponsor=SponsorFactory(seat_limit=10))
    for place, count in ((employer, 3), (EmployerFactory(sponsor=employer.sponsor), 2)):
        for _ in range(count):
            ParticipantFactory(employer=place)
    session.execute(update(SeatMonth).values(month=ago(4)))
    return employer


def used(found: Any) -> list[int]:
    return [month.usage.used for month in found]


def limits(found: Any) -> list[int | None]:
    return [month.usage.limit for month in found]


def test_end_with_the_present_month(session: Session, employer: Employer) -> None:
    firsts = [month.first for month in months(session, Whose(SYSTEM))]

    assert firsts == [ago(count) for count in range(MONTHS - 1, -1, -1)]


def test_hold_what_was_used_at_their_ends(session: Session, employer: Employer) -> None:
    gone = ParticipantFactory(employer=employer)
    act_on(session, SYSTEM, "cancel", gone, effective_date=gone.registration_date)
    ParticipantFactory(employer=employer)

    assert used(months(session, Whose(SYSTEM))) == [0] * 7 + [5, 5, 5, 5, 6]
    assert recount.months_differing(session) == []


def test_forget_nothing_that_is_older(session: Session, employer: Employer) -> None:
    session.execute(update(SeatMonth).values(month=ago(40)))

    assert used(months(session, Whose(SYSTEM))) == [5] * MONTHS


def test_know_the_limits_of_the_past(session: Session, employer: Employer) -> None:
    sponsor = employer.sponsor
    change_limit(session, sponsor, 10, 8, ago(2))
    change_limit(session, sponsor, 8, 12, ago(1))
    sponsor.seat_limit = 12
    session.flush()
    organizations.edit_sponsor(session, SYSTEM, sponsor.id, sponsor.version, {"seat_limit": 15})

    assert limits(months(session, Whose(SYSTEM))) == [10] * 9 + [8, 12, 15]


def test_have_no_limit_while_one_of_the_sponsors_had_none(
    session: Session, employer: Employer
) -> None:
    sponsor = employer.sponsor
    change_limit(session, sponsor, None, 10, ago(3))

    assert limits(months(session, Whose(SYSTEM))) == [None] * 8 + [10] * 4


def test_do_not_count_the_limit_of_a_sponsor_before_it_came(
    session: Session, employer: Employer
) -> None:
    organizations.create_sponsor(session, SYSTEM, {"name": "New", "seat_limit": 5})

    assert limits(months(session, Whose(SYSTEM))) == [10] * 11 + [15]


def test_are_those_of_the_own_sponsor_or_employer(session: Session, employer: Employer) -> None:
    employer.seat_limit = 4
    other = ParticipantFactory()
    session.flush()
    sponsor_id = employer.sponsor_id
    staff = Actor(1, Role.SPONSOR, sponsor_id=sponsor_id)
    admin = Actor(1, Role.EMPLOYER_ADMIN, sponsor_id=sponsor_id, employer_id=employer.id)

    for whose in (Whose(staff), Whose(SYSTEM, sponsor_id=sponsor_id)):
        found = months(session, whose)
        assert (used(found)[-5:], limits(found)[-1]) == ([5] * 5, 10)
    for whose in (Whose(admin), Whose(SYSTEM, employer_id=employer.id)):
        found = months(session, whose)
        assert (used(found)[-5:], limits(found)[-1]) == ([3] * 5, 4)
    foreign = months(session, Whose(staff, sponsor_id=other.sponsor_id))
    assert (used(foreign), limits(foreign)) == ([0] * MONTHS, [None] * MONTHS)


def test_take_two_statements(session: Session, employer: Employer) -> None:
    with statements() as sent:
        months(session, Whose(SYSTEM))

    assert len(sent) == 2


def change_limit(
    session: Session, sponsor: Sponsor, old: int | None, new: int | None, month: date
) -> None:
    """Another limit since the middle of that month."""
    at = datetime(month.year, month.month, 15, tzinfo=UTC)
    change = Change(at=at, kind=ChangeKind.EDIT, action="edit", subject=Subject.SPONSOR)
    session.add(change)
    session.flush()
    session.add(
        ChangeItem(
            change_id=change.id,
            subject_id=sponsor.id,
            sponsor_id=sponsor.id,
            fields={"seat_limit": [old, new]},
        )
    )
    session.flush()
