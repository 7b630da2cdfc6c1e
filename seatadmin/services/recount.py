"""Counting seats anew, from the participants themselves: is what the triggers keep true?"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from seatadmin.counts import SeatCount, SeatMonth
from seatadmin.models import Employer, Sponsor, User
from seatadmin.services.seats import USES_SEAT, Usage, used_by_sponsor


@dataclass(frozen=True, slots=True)
class Difference:
    """An employer whose kept count is not what counting gives; None when none is kept."""

    employer_id: int
    employer: str
    counted: int
    kept: int | None


def usage_by_sponsor(session: Session) -> Iterator[tuple[int, str, Usage]]:
    """Id, name, and used and allowed seats of every sponsor, by name."""
    rows = select(Sponsor.id, Sponsor.name, used_by_sponsor(), Sponsor.seat_limit)
    for id, name, used, limit in session.execute(rows.order_by(Sponsor.name_key)):
        yield id, name, Usage(used, limit)


def differences(session: Session) -> list[Difference]:
    """Every employer for which `seat_count` differs from the participants, by id."""
    counts = select(User.employer_id, func.count().label("seats")).where(USES_SEAT)
    counted = counts.group_by(User.employer_id).subquery()
    seats = func.coalesce(counted.c.seats, 0)
    rows = (
        select(Employer.id, Employer.name, seats, SeatCount.active)
        .outerjoin(counted, counted.c.employer_id == Employer.id)
        .outerjoin(SeatCount, SeatCount.employer_id == Employer.id)
        .where(
            or_(
                SeatCount.active.is_(None),
                SeatCount.active != seats,
                SeatCount.sponsor_id != Employer.sponsor_id,
            )
        )
    )
    return [Difference(*row) for row in session.execute(rows.order_by(Employer.id))]


def months_differing(session: Session) -> list[Difference]:
    """Every employer whose months do not add up to its kept count, by id."""
    taken = select(SeatMonth.employer_id, func.sum(SeatMonth.taken).label("taken"))
    summed = taken.group_by(SeatMonth.employer_id).subquery()
    total = func.coalesce(summed.c.taken, 0)
    rows = (
        select(Employer.id, Employer.name, total, SeatCount.active)
        .join(SeatCount, SeatCount.employer_id == Employer.id)
        .outerjoin(summed, summed.c.employer_id == Employer.id)
        .where(SeatCount.active != total)
    )
    return [Difference(*row) for row in session.execute(rows.order_by(Employer.id))]
