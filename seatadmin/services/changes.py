"""The audit: every change is recorded in the transaction that makes it, or not at all."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangePersonal, ChangeScope, Subject
from seatadmin.models import Employer, Sponsor, User
from seatadmin.permissions import Actor
from seatadmin.services import chain  # noqa: F401 (its listeners seal what is recorded here)

STATE = ("program_status", "account_status", "status_date", "cancellation_reason")
"""Fields that have columns of their own in a change item."""

PERSONAL = frozenset({"first_name", "last_name", "email", "apprentice_number", "status_note"})
"""Fields whose values are erased with the person."""

SILENT = frozenset({"id", "kind", "version", "recorded_at", "name_key", "search_text", "email_key"})
"""Columns that only follow others, or never change."""

SECRET = frozenset({"password_hash"})
"""Fields of which the audit says only that they changed."""


def record(
    session: Session,
    actor: Actor,
    kind: ChangeKind,
    action: str,
    subject: Subject,
    *,
    effective_date: date | None = None,
    reason: str | None = None,
    note: str | None = None,
    note_about: int | None = None,
) -> Change:
    """Open a change; items follow, then `seal`. The note is erased with the person `note_about`."""
    change = Change(
        actor_id=actor.id,
        kind=kind,
        action=action,
        subject=subject,
        effective_date=effective_date,
        reason=reason,
    )
    session.add(change)
    session.flush()
    if note:
        _keep_personal(session, change, note_about, "note", None, note)
    return change


def record_event(
    session: Session, actor: Actor, kind: ChangeKind, action: str, subject: Subject
) -> Change:
    """Record something that changes no row (an export, a sign-in), seen by the actor's own."""
    change = record(session, actor, kind, action, subject)
    _add_scope(session, change, actor.sponsor_id, actor.employer_id)
    return change


def record_one(
    session: Session,
    actor: Actor,
    kind: ChangeKind,
    action: str,
    obj: Any,
    before: Mapping[str, Any],
    **details: Any,
) -> Change | None:
    """Record how one object differs from `before` (see `snapshot`); None when it does not."""
    session.flush()
    after = snapshot(obj)
    changed = {key: (before.get(key), new) for key, new in after.items() if before.get(key) != new}
    if not changed:
        return None
    change = record(session, actor, kind, action, _subject(obj), note_about=obj.id, **details)
    _add_item(session, change, obj, before, after, changed)
    _add_scopes(session, change, obj, before)
    return change


def record_about(session: Session, actor: Actor, kind: ChangeKind, action: str, obj: Any) -> Change:
    """Record something about one object that changes none of its values (a link made for it)."""
    change = record(session, actor, kind, action, _subject(obj))
    present = snapshot(obj)
    _add_item(session, change, obj, present, present, {})
    _add_scopes(session, change, obj)
    return change


def record_deletion(session: Session, actor: Actor, user: User) -> Change:
    """Leave a user's tombstone: statuses and dates. Personal values are erased everywhere."""
    change = record(session, actor, ChangeKind.DELETE, "delete", _subject(user))
    state = {f"old_{key}": getattr(user, key) for key in STATE}
    item = ChangeItem(change_id=change.id, subject_id=user.id, **_organization(user), **state)
    session.add(item)
    session.execute(delete(ChangePersonal).where(ChangePersonal.subject_id == user.id))
    _add_scopes(session, change, user)
    return change


def record_unmoved(session: Session, change: Change, *who: ColumnElement[bool]) -> None:
    """Record these users as subjects of a change by which nobody's state changes."""
    columns: dict[str, Any] = {
        "change_id": literal(change.id),
        "subject_id": User.id,
        "sponsor_id": User.sponsor_id,
        "employer_id": User.employer_id,
    }
    for key in STATE:
        columns |= {f"{age}_{key}": getattr(User, key) for age in ("old", "new")}
    users = select(*columns.values()).where(*who)
    session.execute(insert(ChangeItem).from_select(list(columns), users))


def seal(session: Session, change: Change, also: Iterable[tuple[int, int]] = ()) -> None:
    """Note which organizations the change touched. `also`: employers that a subject has left."""
    session.flush()
    one = case((func.count() == 1, func.min(ChangeItem.subject_id)))
    touched = (
        select(literal(change.id), ChangeItem.sponsor_id, ChangeItem.employer_id, func.count(), one)
        .where(ChangeItem.change_id == change.id)
        .group_by(ChangeItem.sponsor_id, ChangeItem.employer_id)
    )
    columns = ["change_id", "sponsor_id", "employer_id", "subjects", "only_subject_id"]
    session.execute(insert(ChangeScope).from_select(columns, touched))
    for sponsor_id, employer_id in also:
        _add_scope(session, change, sponsor_id, employer_id)


def snapshot(obj: Any) -> dict[str, Any]:
    """What the audit compares: the object's column values, without those that only follow."""
    keys = (column.key for column in obj.__mapper__.column_attrs)
    return {key: getattr(obj, key) for key in keys if key not in SILENT}


def _subject(obj: Any) -> Subject:
    return Subject(type(obj).__name__.lower())


def _add_item(
    session: Session,
    change: Change,
    obj: Any,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    changed: Mapping[str, tuple[Any, Any]],
) -> None:
    item = ChangeItem(change_id=change.id, subject_id=obj.id, **_organization(obj))
    for key in STATE:
        setattr(item, f"old_{key}", before.get(key))
        setattr(item, f"new_{key}", after.get(key))
    fields: dict[str, list[Any]] = {}
    for key, (old, new) in changed.items():
        if key in PERSONAL:
            _keep_personal(session, change, obj.id, key, old, new)
        elif key in SECRET:
            fields[key] = [None, "changed"]
        elif key not in STATE:
            fields[key] = [_plain(old), _plain(new)]
    item.fields = fields or None
    session.add(item)


def _organization(obj: Any) -> dict[str, int | None]:
    if isinstance(obj, Sponsor):
        return {"sponsor_id": obj.id, "employer_id": None}
    if isinstance(obj, Employer):
        return {"sponsor_id": obj.sponsor_id, "employer_id": obj.id}
    return {"sponsor_id": obj.sponsor_id, "employer_id": obj.employer_id}


def _add_scopes(
    session: Session, change: Change, obj: Any, before: Mapping[str, Any] | None = None
) -> None:
    """Note whose the one subject is. Staff of the employer that it has left see the change too."""
    owner = _organization(obj)
    session.add(ChangeScope(change_id=change.id, subjects=1, only_subject_id=obj.id, **owner))
    old = before and before.get("employer_id")
    if before and isinstance(obj, User) and old and old != obj.employer_id:
        _add_scope(session, change, before["sponsor_id"], old)


def _add_scope(session: Session, change: Change, sponsor_id: Any, employer_id: Any) -> None:
    """Whoever sees this organization sees the change, none of whose subjects is theirs."""
    scope = {"sponsor_id": sponsor_id, "employer_id": employer_id}
    session.add(ChangeScope(change_id=change.id, subjects=0, **scope))


def _keep_personal(
    session: Session, change: Change, subject_id: int | None, field: str, old: Any, new: Any
) -> None:
    session.add(
        ChangePersonal(change_id=change.id, subject_id=subject_id, field=field, old=old, new=new)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
