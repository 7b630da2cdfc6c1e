"""Seats …"""

from typing import Any

import pytest
from sqlalchemy import select, update

from seatadmin.models import Employer, Sponsor, User
from seatadmin.permissions import SYSTEM
from seatadmin.services.seats import (
    USES_SEAT,
    NoFreeSeat,
    Usage,
    lock_sponsors,
    own_usage,
    require_seat,
    used_by_employer,
    used_by_sponsor,
)
from tests.factories import (
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)


@pytest.mark.parametrize(
    ("used", "limit", "free"), [(3, 10, 7), (10, 10, 0), (12, 10, -2), (3, None, None), (0, 0, 0)]
)
def test_that_are_free_are_the_limit_without_the_used(
    used: int, limit: int | None, free: int | None
) -> None:
    assert Usage(used, limit).free == free


def test_are_used_by_active_participants_only(session: Any) -> None:
    employer = EmployerFactory()
    working = ParticipantFactory(employer=employer)
    for state in ("suspended", "completed", "cancelled", "out_of_step"):
        ParticipantFactory(employer=employer, **{state: True})
    regulator()
    sponsor_staff(employer.sponsor)
    employer_admin(employer)

    assert session.scalars(select(User.id).where(USES_SEAT)).all() == [working.id]
    assert session.execute(select(used_by_employer()).select_from(Employer)).all() == [(1,)]
    assert session.execute(select(used_by_sponsor()).select_from(Sponsor)).all() == [(1,)]


def test_are_counted_by_sponsor_over_its_employers(session: Any) -> None:
    sponsor, empty = SponsorFactory(), SponsorFactory()
    for _ in range(2):
        ParticipantFactory.create_batch(2, employer=EmployerFactory(sponsor=sponsor))
    ParticipantFactory()

    rows = select(Sponsor.id, used_by_sponsor()).where(Sponsor.id.in_([sponsor.id, empty.id]))

    assert set(map(tuple, session.execute(rows))) == {(sponsor.id, 4), (empty.id, 0)}


def test_are_locked_by_sponsor_in_the_order_of_ids(session: Any) -> None:
    ids = [SponsorFactory().id for _ in range(3)]

    assert lock_sponsors(session, reversed(ids)) == ids  # type: ignore[arg-type]
    assert lock_sponsors(session, select(Sponsor.id).where(Sponsor.id > ids[0])) == ids[1:]
    assert lock_sponsors(session, []) == []


@pytest.mark.parametrize(
    ("of_sponsor", "of_employer", "why"),
    [
        (None, None, None),
        (3, None, None),
        (2, None, "NO_SPONSOR_SEAT"),
        (1, None, "NO_SPONSOR_SEAT"),
        (None, 3, None),
        (None, 2, "NO_EMPLOYER_SEAT"),
        (3, 3, None),
        (2, 2, "NO_EMPLOYER_SEAT"),
        (0, 5, "NO_SPONSOR_SEAT"),
    ],
)
def test_must_be_free_for_one_more(
    session: Any, of_sponsor: int | None, of_employer: int | None, why: str | None
) -> None:
    employer = EmployerFactory(
        sponsor=SponsorFactory(seat_limit=of_sponsor), seat_limit=of_employer
    )
    ParticipantFactory.create_batch(2, employer=employer)

    if why is None:
        require_seat(session, employer)
    else:
        with pytest.raises(NoFreeSeat) as caught:
            require_seat(session, employer)
        assert caught.value.why.name == why


def test_are_compared_with_the_limit_of_this_moment(session: Any) -> None:
    employer = EmployerFactory(seat_limit=1)
    session.execute(
        update(Employer).values(seat_limit=0), execution_options={"synchronize_session": False}
    )

    with pytest.raises(NoFreeSeat):
        require_seat(session, employer)


def test_of_the_sponsor_are_not_asked_about_for_a_move_inside_it(session: Any) -> None:
    employer = EmployerFactory(sponsor=SponsorFactory(seat_limit=0), seat_limit=1)

    require_seat(session, employer, taking_sponsor=False)
    ParticipantFactory(employer=employer)
    with pytest.raises(NoFreeSeat, match="employer's"):
        require_seat(session, employer, taking_sponsor=False)


def test_of_ones_own_are_those_of_the_whole_scope(session: Any) -> None:
    sponsor = SponsorFactory(seat_limit=10)
    one = EmployerFactory(sponsor=sponsor, seat_limit=4)
    other = EmployerFactory(sponsor=sponsor)
    foreign = EmployerFactory(sponsor=SponsorFactory(seat_limit=5))
    for employer, count in ((one, 1), (other, 2), (foreign, 4)):
        ParticipantFactory.create_batch(count, employer=employer)

    assert own_usage(session, SYSTEM) == Usage(7, 15)
    assert own_usage(session, sponsor_staff(sponsor).actor) == Usage(3, 10)
    assert own_usage(session, employer_admin(one).actor) == Usage(1, 4)
    assert own_usage(session, employer_admin(other).actor) == Usage(2, None)


def test_of_a_regulator_have_no_limit_when_one_sponsor_has_none(session: Any) -> None:
    SponsorFactory(seat_limit=5)
    SponsorFactory()

    assert own_usage(session, SYSTEM) == Usage(0, None)


def test_of_a_world_without_sponsors_are_none(session: Any) -> None:
    assert own_usage(session, SYSTEM) == Usage(0, None)
