"""Invariants of what is planned."""

from typing import Any

from sqlalchemy import or_, select

from seatadmin.ledger import Change, ChangeKind
from seatadmin.lifecycle import TRANSITIONS
from seatadmin.models import User
from seatadmin.services.doctor.invariant import TODAY, Invariant, selected


def _waiting(*conditions: Any) -> Any:
    rows = select(User.id).outerjoin(Change, Change.id == User.plan_id)
    return selected(rows.where(User.plan_id.is_not(None), *conditions))


INVARIANTS = (
    Invariant(
        "a plan is one",
        "What a participant waits for is a change that planned an act for a day.",
        _waiting(
            or_(
                Change.id.is_(None),
                Change.kind != ChangeKind.PLAN,
                Change.action.not_in(TRANSITIONS),
                Change.effective_date.is_(None),
            )
        ),
    ),
    Invariant(
        "plans are done on their day",
        "`flask apply-due` runs every day: no plan is left of a day that is over.",
        _waiting(Change.effective_date < TODAY),
    ),
)
