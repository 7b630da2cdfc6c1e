"""Seats: how many are used, how many are allowed, and the lock under which they are taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from seatadmin.counts import SeatCount
from seatadmin.lifecycle import AccountStatus, Kind, Refusal
from seatadmin.models import Employer, Sponsor, User
from seatadmin.permissions import Actor, Reach
from seatadmin.services.scope import visible


class NoFreeSeat(Exception):
    """A seat limit is reached; `why` says whose."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Usage:
    """Seats used and allowed by one organization, or by all in somebody's scope."""

    used: int
    limit: int | None

    @property
    def free(self) -> int | None:
        """Seats left; negative when over the limit, None without a limit."""
        return None if self.limit is None else self.limit - self.used


USES_SEAT: ColumnElement[bool] = (User.kind == Kind.PARTICIPANT) & (
    User.account_status == AccountStatus.ACTIVE
)
"""What uses a seat. The triggers that keep `seat_count` say the same."""


def lock_sponsors(session: Session, ids: Collection[int] | Select[Any]) -> list[int]:
    """Lock these sponsors' rows, in the order of their ids, before seats are counted and taken.

    Whoever takes seats calls this first, so that two takers of one sponsor go one after the other.
    """
    rows = select(Sponsor.id).where(Sponsor.id.in_(ids)).order_by(Sponsor.id)
    return list(session.scalars(rows.with_for_update(key_share=True)))


def used_by_sponsor() -> ColumnElement[int]:
    """A sponsor's used seats, as a scalar subquery beside `Sponsor`."""
    total = select(func.coalesce(func.sum(SeatCount.active), 0))
    return total.where(SeatCount.sponsor_id == Sponsor.id).correlate(Sponsor).scalar_subquery()


def used_by_employer() -> ColumnElement[int]:
    """An employer's used seats, as a scalar subquery beside `Employer`."""
    active = select(SeatCount.active).where(SeatCount.employer_id == Employer.id)
    return func.coalesce(active.correlate(Employer).scalar_subquery(), 0)


def require_seat(session: Session, employer: Employer, taking_sponsor: bool = True) -> None:
    """Raise `NoFreeSeat` unless one more participant fits `employer` and its sponsor.

    The sponsor must be locked. `taking_sponsor` is false for a move inside one sponsor.
    """
    of_employer = select(used_by_employer(), Employer.seat_limit).where(Employer.id == employer.id)
    used, limit = session.execute(of_employer).one()
    if limit is not None and used >= limit:
        raise NoFreeSeat(Refusal.NO_EMPLOYER_SEAT)
    sponsor = select(used_by_sponsor(), Sponsor.seat_limit).where(Sponsor.id == employer.sponsor_id)
    used, limit = session.execute(sponsor).one()
    if taking_sponsor and limit is not None and used >= limit:
        raise NoFreeSeat(Refusal.NO_SPONSOR_SEAT)


def own_usage(session: Session, actor: Actor) -> Usage:
    """The seats of everything in the actor's scope: what the header of every page shows.

    Without one limit for the whole there is none: a sum over sponsors needs each of them limited.
    """
    used, limit, known, every = session.connection().execute(_own_usage(actor)).one()
    return Usage(used, limit if every and known == every else None)


@lru_cache(maxsize=100)
def _own_usage(actor: Actor) -> Select[Any]:
    model = Employer if actor.reach is Reach.EMPLOYER else Sponsor
    counted = select(func.coalesce(func.sum(SeatCount.active), 0)).where(visible(actor, SeatCount))
    total, limited = func.sum(model.seat_limit), func.count(model.seat_limit)
    return select(counted.scalar_subquery(), total, limited, func.count(model.id)).where(
        visible(actor, model)
    )


def of_sponsor(session: Session, actor: Actor, sponsor_id: int | None) -> Row[Any] | None:
    """One sponsor's seats: id, name, used, seat_limit, free. None out of scope."""
    used = used_by_sponsor()
    rows = select(Sponsor.id, Sponsor.name, *_seats(used, Sponsor.seat_limit))
    return session.execute(
        rows.where(Sponsor.id == sponsor_id, visible(actor, Sponsor))
    ).one_or_none()


def of_employers(
    session: Session, actor: Actor, sponsor_id: int | None, employer_id: int | None = None
) -> Sequence[Row[Any]]:
    """The seats of a sponsor's employers (or of one), by name: id, name, used, seat_limit, free."""
    used = used_by_employer()
    rows = select(Employer.id, Employer.name, *_seats(used, Employer.seat_limit))
    rows = rows.where(Employer.sponsor_id == sponsor_id, visible(actor, Employer))
    if employer_id is not None:
        rows = rows.where(Employer.id == employer_id)
    return session.execute(rows.order_by(Employer.name_key, Employer.id)).all()


def _seats(used: ColumnElement[int], limit: Any) -> list[ColumnElement[Any]]:
    return [used.label("used"), limit.label("seat_limit"), (limit - used).label("free")]
