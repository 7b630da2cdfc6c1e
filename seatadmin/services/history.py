"""Seats month by month: how many were used at each month's end, and how many were allowed.

Both walk back from today: the used seats by what was taken and freed in each month, the limits by
the changes that the audit holds of them. Months are those of UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Row,
    func,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from seatadmin.counts import SeatCount, SeatMonth
from seatadmin.ledger import Change, ChangeItem, ChangeKind, Subject
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import Actor, Reach
from seatadmin.services.scope import visible
from seatadmin.services.seats import Usage

MONTHS = 12
"""How many months are shown, the present one among them."""


@dataclass(frozen=True, slots=True)
class Month:
    """Seats at the end of a month, of the present one by now. `first` is its first day."""

    first: date
    usage: Usage


@dataclass(frozen=True, slots=True)
class Whose:
    """Everything that `actor` sees, or one sponsor or employer in it."""

    actor: Actor
    sponsor_id: int | None = None
    employer_id: int | None = None

    @property
    def limited(self) -> tuple[Any, Subject]:
        """The organizations whose limits count, and what the audit calls them."""
        of_employer = self.employer_id or self.actor.reach is Reach.EMPLOYER
        return (Employer, Subject.EMPLOYER) if of_employer else (Sponsor, Subject.SPONSOR)

    def narrow(self, model: Any) -> list[ColumnElement[bool]]:
        """The conditions for rows of `model`."""
        given = {Reach.SPONSOR: self.sponsor_id, Reach.EMPLOYER: self.employer_id}
        columns = {reach: model.scope_columns[reach] for reach, id in given.items() if id}
        chosen = [getattr(model, name) == given[reach] for reach, name in columns.items()]
        return [visible(self.actor, model), *chosen]


def months(session: Session, whose: Whose) -> list[Month]:
    """The last `MONTHS` months, oldest first: two statements, however much there is."""
    firsts = _firsts(datetime.now(UTC).date())
    used, taken, limits = _counted(session, whose, firsts[0])
    changed = _limits_changed(session, whose, firsts[0])
    found = []
    for first in reversed(firsts):
        found.append(Month(first, Usage(used, limits.total)))
        used -= taken.get(first, 0)
        while changed and changed[0].at.astimezone(UTC).date() >= first:
            limits.undo(changed.pop(0))
    return found[::-1]


def _firsts(today: date) -> list[date]:
    """The first days of the months, oldest first."""
    last = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - MONTHS + 1, last + 1)]


@dataclass(slots=True)
class _Limits:
    """The limits of several organizations, of which some may have none."""

    allowed: int
    limited: int
    organizations: int

    @property
    def total(self) -> int | None:
        """Their sum; None unless each has a limit."""
        every = self.organizations and self.organizations == self.limited
        return self.allowed if every else None

    def undo(self, change: Row[Any]) -> None:
        """Go back to before a change of one of them."""
        old, new = (change.fields or {}).get("seat_limit", (None, None))
        self.allowed += (old or 0) - (new or 0)
        self.limited += (old is not None) - (new is not None)
        self.organizations -= change.kind is ChangeKind.CREATE


def _counted(
    session: Session, whose: Whose, since: date
) -> tuple[int, Mapping[date, int], _Limits]:
    """Seats used and allowed now, and those taken in each month, by one statement."""
    model, _ = whose.limited
    limit = model.seat_limit
    used = select(func.coalesce(func.sum(SeatCount.active), 0)).where(*whose.narrow(SeatCount))
    nothing = [type_coerce(null(), Integer)] * 3
    by_month = select(SeatMonth.month, func.sum(SeatMonth.taken), *nothing)
    by_now = select(
        type_coerce(null(), Date),
        used.scalar_subquery(),
        func.coalesce(func.sum(limit), 0),
        func.count(limit),
        func.count(model.id),
    )
    rows: CompoundSelect[*tuple[Any, ...]] = union_all(
        by_month.where(SeatMonth.month >= since, *whose.narrow(SeatMonth)).group_by(
            SeatMonth.month
        ),
        by_now.where(*whose.narrow(model)),
    )
    taken = {month: (n, *limits) for month, n, *limits in session.execute(rows)}
    now, *limits = taken.pop(None)
    return now, {month: n for month, (n, *_) in taken.items()}, _Limits(*limits)


def _limits_changed(session: Session, whose: Whose, since: date) -> list[Row[Any]]:
    """The changes that made or edited these organizations, latest first.

    They are few, so they are sorted here: for an order, SQLite would read every change.
    """
    _, subject = whose.limited
    found = session.execute(
        select(Change.id, Change.at, Change.kind, ChangeItem.fields)
        .join(ChangeItem, ChangeItem.change_id == Change.id)
        .where(
            Change.subject == subject,
            Change.at >= datetime.combine(since, time.min, UTC),
            *whose.narrow(ChangeItem),
        )
    )
    return sorted(found, key=lambda change: -change.id)
