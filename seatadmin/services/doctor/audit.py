"""Invariants of the audit: it agrees with the rows, and with itself."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeItem, ChangePersonal, ChangeScope, Subject
from seatadmin.models import User
from seatadmin.services import chain_check
from seatadmin.services.changes import STATE
from seatadmin.services.doctor.invariant import Invariant, selected

PEOPLE = (Subject.PARTICIPANT, Subject.USER)


def _contradicted() -> Select[Any]:
    """Users whose state is not what the last change of theirs recorded."""
    last = (
        select(ChangeItem.subject_id, func.max(ChangeItem.change_id).label("change_id"))
        .join(Change, Change.id == ChangeItem.change_id)
        .where(Change.subject.in_(PEOPLE))
        .group_by(ChangeItem.subject_id)
        .subquery()
    )
    return (
        select(User.id)
        .join(last, last.c.subject_id == User.id)
        .join(
            ChangeItem,
            and_(
                ChangeItem.change_id == last.c.change_id,
                ChangeItem.subject_id == last.c.subject_id,
            ),
        )
        .where(
            or_(
                *(
                    getattr(ChangeItem, f"new_{key}").is_distinct_from(getattr(User, key))
                    for key in STATE
                )
            )
        )
    )


def _miscounted() -> Select[Any]:
    """Changes whose scope rows do not count what their items are, organization by organization."""
    keys = ("change_id", "sponsor_id", "employer_id")
    items, scopes = ([getattr(model, key) for key in keys] for model in (ChangeItem, ChangeScope))
    both = union_all(
        select(*items, func.count().label("subjects")).group_by(*items),
        select(*scopes, -ChangeScope.subjects),
    ).subquery()
    groups = select(both.c.change_id).group_by(*(both.c[key] for key in keys))
    return groups.having(func.sum(both.c.subjects) != 0)


def _misnamed() -> Select[Any]:
    """Changes whose scope names an only subject that is none of theirs, or not the only one."""
    named = ChangeScope.only_subject_id
    return (
        select(ChangeScope.change_id)
        .outerjoin(
            ChangeItem,
            and_(ChangeItem.change_id == ChangeScope.change_id, ChangeItem.subject_id == named),
        )
        .where(
            or_(
                and_(ChangeScope.subjects == 1, ChangeItem.subject_id.is_(None)),
                and_(ChangeScope.subjects != 1, named.is_not(None)),
            )
        )
    )


def _orphaned(model: Any) -> Any:
    rows = select(model.change_id).outerjoin(Change, Change.id == model.change_id)
    return selected(rows.where(Change.id.is_(None)).distinct())


def _unchained(session: Session) -> Iterator[int]:
    """Changes at which a chain does not hold."""
    return (each.change_id for each in chain_check.breaks(session))


def _not_erased() -> Select[Any]:
    """Users who are gone while personal values of theirs are still there."""
    return (
        select(ChangePersonal.subject_id)
        .join(Change, Change.id == ChangePersonal.change_id)
        .outerjoin(User, User.id == ChangePersonal.subject_id)
        .where(
            ChangePersonal.subject_id.is_not(None), Change.subject.in_(PEOPLE), User.id.is_(None)
        )
        .distinct()
    )


INVARIANTS = (
    Invariant(
        "audit agrees with the rows",
        "What was recorded last of a user is the user's present state.",
        selected(_contradicted()),
    ),
    Invariant(
        "scopes count the items",
        "A change is seen by the organizations of its items, with their number.",
        selected(_miscounted()),
    ),
    Invariant(
        "only subject",
        "A change to one row of an organization names it, and no other change does.",
        selected(_misnamed()),
    ),
    Invariant(
        "chain",
        "Every change is sealed, and nothing sealed was altered; see `flask audit verify`.",
        _unchained,
    ),
    Invariant("items have a change", "The change of an item exists.", _orphaned(ChangeItem)),
    Invariant("scopes have a change", "The change of a scope exists.", _orphaned(ChangeScope)),
    Invariant(
        "personal values have a change",
        "The change of a personal value exists.",
        _orphaned(ChangePersonal),
    ),
    Invariant(
        "the deleted are erased",
        "Of a deleted user no name, e-mail, number or note is kept.",
        selected(_not_erased()),
    ),
)
