"""The list of changes, and what one change or one person's history holds."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, false, func, select
from sqlalchemy.orm import Session

from seatadmin.columns import Id
from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangePersonal, ChangeScope, Subject
from seatadmin.models import CancellationReason, User
from seatadmin.permissions import Actor
from seatadmin.services.listings.clauses import one_of_enum, whole
from seatadmin.services.listings.engine import Filter, Listing, Rows
from seatadmin.services.scope import one_of, visible

SHOWN = 200
"""How many rows of one change its page lists."""

LATEST = 100
"""How many changes of one person the history lists."""


def _with_actor(query: Rows) -> Rows:
    return (
        query.select_from(Change)
        .outerjoin(User, User.id == Change.actor_id)
        .outerjoin(CancellationReason, CancellationReason.code == Change.reason)
    )


def _in_scope(actor: Actor, value: Any) -> ColumnElement[Any]:
    seen = select(value).where(ChangeScope.change_id == Change.id, visible(actor, ChangeScope))
    return seen.correlate(Change).scalar_subquery()


def _note() -> ColumnElement[Any]:
    note = select(func.min(ChangePersonal.new)).where(
        ChangePersonal.change_id == Change.id, ChangePersonal.field == "note"
    )
    return note.correlate(Change).scalar_subquery()


@lru_cache(100)
def changes_for(actor: Actor) -> Listing:
    """The changes that `actor` sees; of those that reach further, only the own subjects count."""
    count = func.coalesce(func.sum(ChangeScope.subjects), 0)
    only = case((count == 1, func.max(ChangeScope.only_subject_id)))
    return Listing(
        model=Change,
        join=_with_actor,
        columns={
            "at": Change.at,
            "actor": User.first_name + " " + User.last_name,
            "actor_id": Change.actor_id,
            "kind": Change.kind,
            "action": Change.action,
            "subject": Change.subject,
            "subjects": _in_scope(actor, count),
            "only_subject_id": _in_scope(actor, only),
            "effective_date": Change.effective_date,
            "reason": Change.reason,
            "reason_label": CancellationReason.label,
            "note": _note(),
        },
        sorts={"id": ()},
        default_sort=("id", True),
        filters={
            "kind": one_of_enum("Kind", Change.kind, ChangeKind),
            "action": Filter("Action", lambda value: Change.action == value),
            "subject": Filter("Subject", lambda value: Change.id.in_(_about(actor, whole(value)))),
        },
    )


def _about(actor: Actor, id: int) -> Rows:
    """Changes of this subject, in scope: a batch may reach further than the actor sees."""
    mine = visible(actor, ChangeItem)
    return select(ChangeItem.change_id).where(ChangeItem.subject_id == id, mine)


def items(session: Session, actor: Actor, change: Change) -> Sequence[Any]:
    """The rows of a change that `actor` may see, up to `SHOWN`, with the subject's present name."""
    people = change.subject in (Subject.PARTICIPANT, Subject.USER)
    name = User.first_name + " " + User.last_name
    same = and_(User.id == ChangeItem.subject_id, visible(actor, User)) if people else false()
    rows = select(ChangeItem, name.label("name")).outerjoin(User, same)
    rows = rows.where(ChangeItem.change_id == change.id, visible(actor, ChangeItem))
    return session.execute(rows.order_by(ChangeItem.subject_id).limit(SHOWN)).all()


def subjects_of(session: Session, actor: Actor, change: Change) -> int:
    """How many rows of a change `actor` may see."""
    counted = select(func.coalesce(func.sum(ChangeScope.subjects), 0))
    return (
        session.scalar(
            counted.where(ChangeScope.change_id == change.id, visible(actor, ChangeScope))
        )
        or 0
    )


def note_of(session: Session, change: Change) -> str | None:
    """The note that was given with a change."""
    return session.scalar(
        select(ChangePersonal.new).where(
            ChangePersonal.change_id == change.id, ChangePersonal.field == "note"
        )
    )


def personal(
    session: Session, change_ids: Sequence[int], subject_ids: Sequence[int]
) -> dict[tuple[int, int | None], list[ChangePersonal]]:
    """What these changes keep of these people, by change and person: field, old, new.

    A note given for many at once stands under None.
    """
    rows = select(ChangePersonal).where(
        one_of(session, ChangePersonal.change_id, change_ids),
        one_of(session, ChangePersonal.subject_id, subject_ids)
        | ChangePersonal.subject_id.is_(None),
    )
    kept: dict[tuple[int, int | None], list[ChangePersonal]] = {}
    for value in session.scalars(rows.order_by(ChangePersonal.id)):
        kept.setdefault((value.change_id, value.subject_id), []).append(value)
    return kept


def history(session: Session, user_id: int) -> Sequence[Any]:
    """A person's latest changes, newest first, with who made them."""
    return session.execute(_history(), {"whose": user_id}).all()


@lru_cache
def _history() -> Rows:
    """Written once: that takes as long as to run it."""
    name = User.first_name + " " + User.last_name
    rows = (
        select(Change, ChangeItem, name.label("actor"), CancellationReason.label.label("reason"))
        .join(ChangeItem, ChangeItem.change_id == Change.id)
        .outerjoin(User, User.id == Change.actor_id)
        .outerjoin(
            CancellationReason,
            CancellationReason.code
            == func.coalesce(ChangeItem.new_cancellation_reason, Change.reason),
        )
        .where(
            ChangeItem.subject_id == bindparam("whose", type_=Id),
            Change.subject.in_((Subject.PARTICIPANT, Subject.USER)),
        )
    )
    return rows.order_by(Change.id.desc()).limit(LATEST)
