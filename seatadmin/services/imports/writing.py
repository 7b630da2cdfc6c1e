"""Writing what is staged: people and audit, in a handful of statements however many lines."""

from typing import Any

from sqlalchemy import Select, case, func, insert, literal, null, select, union_all, update
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangePersonal, Subject
from seatadmin.lifecycle import Kind
from seatadmin.models import User
from seatadmin.permissions import Actor
from seatadmin.services import changes
from seatadmin.services.imports.people import WRITTEN
from seatadmin.services.imports.staging import FOLLOWING, PARTS, staged
from seatadmin.services.invalid import unique_keys_race
from seatadmin.services.progress import Report

_users: Any = User.__table__
_new = staged.c.seen_version.is_(None)


WRITING = "Writing"
"""The stage that is reported here, in rows of participants and of their audit."""


def write(session: Session, actor: Actor, report: Report) -> Change:
    """Write every staged line and record all of them as one change. The caller commits.

    Those who are there must be locked. Raises `Invalid` when a key was taken meanwhile.
    """
    new, changed = session.execute(select(_count(_new), _count(~_new))).one()
    total = 2 * (new + changed)
    report(0, total, WRITING)
    change = changes.record(session, actor, ChangeKind.IMPORT, "import", Subject.PARTICIPANT)
    with unique_keys_race():
        _insert_new(session)
        report(new, total, WRITING)
        _find_new(session)
        _record_items(session, change)
        _record_personal(session, change)
        report(total - changed, total, WRITING)
        _update_changed(session)
    report(total, total, WRITING)
    left: Any = session.execute(_left_behind()).all()
    changes.seal(session, change, also=left)
    session.expire_all()
    return change


def _count(rows: Any) -> Any:
    return func.count().filter(rows)


def _insert_new(session: Session) -> None:
    columns = [staged.c[name] for name in (*WRITTEN, *FOLLOWING)]
    people = select(literal(Kind.PARTICIPANT.value), *columns).where(_new).order_by(staged.c.line)
    names = ["kind", *(column.name for column in columns)]
    session.execute(insert(_users).from_select(names, people))


def _find_new(session: Session) -> None:
    """Note the ids that the new ones were given."""
    for key in (_users.c.apprentice_number, _users.c.email_key):
        id = select(_users.c.id).where(key == staged.c[key.name]).scalar_subquery()
        session.execute(update(staged).where(staged.c.user_id.is_(None)).values(user_id=id))


def _record_items(session: Session, change: Change) -> None:
    """Each person's statuses from and to, before anybody is changed."""
    names = ["change_id", "subject_id", "sponsor_id", "employer_id", "fields"]
    own = (staged.c.user_id, staged.c.sponsor_id, staged.c.employer_id, staged.c.fields)
    before = [_users.c[key] for key in changes.STATE]
    after = [staged.c[key] for key in changes.STATE]
    names += [f"{age}_{key}" for age in ("new", "old") for key in changes.STATE]
    items = select(literal(change.id), *own, *after)
    for these in (items.where(_new), _joined(items.add_columns(*before))):
        columns = names[: len(these.selected_columns)]
        session.execute(insert(ChangeItem).from_select(columns, these))


def _record_personal(session: Session, change: Change) -> None:
    """Of the new ones all there is; of the others what differs, where something may."""
    fields = []
    for key in sorted(changes.PERSONAL):
        part = next(part for part, names in PARTS.items() if key in names)
        row = select(literal(change.id), staged.c.user_id, literal(key), staged.c[key])
        old, new = _users.c[key], staged.c[key]
        fields.append(row.add_columns(null()).where(_new, new.is_not(None)))
        differs = staged.c[part] & old.is_distinct_from(new)
        fields.append(_joined(row.add_columns(old)).where(differs))
    columns = ["change_id", "subject_id", "field", "new", "old"]
    session.execute(insert(ChangePersonal).from_select(columns, union_all(*fields)))


def _update_changed(session: Session) -> None:
    """One statement for each combination of parts: SQLite rewrites every index it is told of."""
    recorded_at = case((staged.c.restated, func.now()), else_=_users.c.recorded_at)
    forgotten = {
        name: case((staged.c.restated, null()), else_=_users.c[name])
        for name in ("reported_on", "plan_id")
    }
    parts = [staged.c[part] for part in PARTS]
    for flags in session.execute(select(*parts).where(~_new).distinct()).all():
        chosen = [part for part, flag in zip(PARTS, flags, strict=True) if flag]
        names = [name for part in chosen for name in PARTS[part]]
        rows = [part == flag for part, flag in zip(parts, flags, strict=True)]
        session.execute(
            update(_users)
            .values({name: staged.c[name] for name in names})
            .values(version=_users.c.version + 1, recorded_at=recorded_at, **forgotten)
            .where(_users.c.id == staged.c.user_id, ~_new, *rows)
        )


def _left_behind() -> Select[tuple[int, int]]:
    """Employers that lost somebody and gained nobody: their staff see the change too."""
    gaining = select(staged.c.employer_id)
    left = select(staged.c.left_sponsor_id, staged.c.left_employer_id).distinct()
    return left.where(
        staged.c.left_employer_id.is_not(None), staged.c.left_employer_id.not_in(gaining)
    )


def _joined(rows: Select[Any]) -> Select[Any]:
    """Rows of those who are there already, beside what is known of them."""
    return rows.select_from(staged.join(_users, _users.c.id == staged.c.user_id)).where(~_new)
