"""Writing what is staged: people and audit, in a handful of statements however many lines."""

from itertools import product
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
    values: dict[str, Any] = {
        "change_id": literal(change.id),
        "subject_id": _users.c.id,
        "sponsor_id": staged.c.sponsor_id,
        "employer_id": staged.c.employer_id,
        "fields": staged.c.fields,
    }
    for key in changes.STATE:
        values |= {f"old_{key}": _old(key), f"new_{key}": staged.c[key]}
    session.execute(insert(ChangeItem).from_select(list(values), _joined(*values.values())))


def _record_personal(session: Session, change: Change) -> None:
    fields = [
        _joined(literal(change.id), _users.c.id, literal(key), _old(key), staged.c[key]).where(
            _old(key).is_distinct_from(staged.c[key])
        )
        for key in sorted(changes.PERSONAL)
    ]
    columns = ["change_id", "subject_id", "field", "old", "new"]
    session.execute(insert(ChangePersonal).from_select(columns, union_all(*fields)))


def _update_changed(session: Session) -> None:
    """One statement for each combination of parts: SQLite rewrites every index it is told of."""
    recorded_at = case((staged.c.restated, func.now()), else_=_users.c.recorded_at)
    forgotten = {
        name: case((staged.c.restated, null()), else_=_users.c[name])
        for name in ("reported_on", "plan_id")
    }
    for flags in product((True, False), repeat=len(PARTS)):
        chosen = dict(zip(PARTS, flags, strict=True))
        names = [name for part, chose in chosen.items() if chose for name in PARTS[part]]
        rows = [staged.c[part] == chose for part, chose in chosen.items()]
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


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(staged.join(_users, _users.c.id == staged.c.user_id))


def _old(key: str) -> Any:
    """A value before the import; the new ones had none."""
    return case((_new, null()), else_=_users.c[key])
