"""Erasing persons: names, addresses, numbers and notes go; what happened stays, and its chain.

The row keeps its id, employer, statuses, dates and reason, so that reports and history hold. No
personal value of it is left in any table, nor in the search index.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangePersonal, Request, Subject
from seatadmin.lifecycle import REINSTATE, AccountStatus, Kind
from seatadmin.models import User, keys_of
from seatadmin.permissions import Actor, Permission, require
from seatadmin.services import changes, saved_views
from seatadmin.services.scope import visible
from seatadmin.uploads import Upload, UploadPart

_users: Any = User.__table__

NUMBER = "999999999"
"""Stands for the id in the texts below; digits come through folding unaltered."""

FIRST, LAST, ADDRESS = f"person {NUMBER}", "Erased", f"erased.{NUMBER}@example.invalid"
TOMBSTONE = {"first_name": FIRST, "last_name": LAST, "email": ADDRESS, "email_key": ADDRESS} | (
    keys_of(FIRST, LAST, ADDRESS, None)
)
"""What stands in place of what is erased: columns that a row must have."""


class CannotErase(ValueError):
    """The person is there still: erasing would hide who uses a seat or who may sign in."""


def erase(session: Session, actor: Actor, user_id: int) -> int:
    """Erase one person, whose account must be deactivated; returns the change's id.

    The caller commits, then calls `scrub`. Raises `NotPermitted`, `CannotErase`.
    """
    _require(actor)
    one = select(User.account_status).where(User.id == user_id, visible(actor, User))
    account = session.scalar(one.with_for_update())
    if account is None:
        raise CannotErase(f"There is no user {user_id}.")
    if account is AccountStatus.ACTIVE:
        raise CannotErase(
            "The account is active: end the program, or deactivate the account, before."
        )
    change_id = _erase(session, actor, _users.c.id == user_id)
    if change_id is None:
        raise CannotErase(f"User {user_id} is erased already.")
    return change_id


def due(days: int, today: date) -> ColumnElement[bool]:
    """Participants whose program ended more than `days` before `today`, not erased yet."""
    condition: ColumnElement[bool] = and_(
        _users.c.kind == Kind.PARTICIPANT,
        _users.c.program_status.in_(REINSTATE.corrects),
        _users.c.status_date < today - timedelta(days=days),
        _is_person(),
    )
    return condition


def count_due(session: Session, days: int, today: date) -> int:
    """How many persons `retain` would erase."""
    return session.scalar(select(func.count()).where(due(days, today))) or 0


def retain(session: Session, actor: Actor, days: int, today: date) -> int:
    """Erase everybody who is due; returns how many persons.

    The caller commits, then calls `scrub`. Raises `NotPermitted`.
    """
    _require(actor)
    count = count_due(session, days, today)
    if count:
        _erase(session, actor, due(days, today))
    return count


def scrub(session: Session) -> None:
    """Take what was erased out of the database's files too, after the commit.

    SQLite rewrites its file and its search index. PostgreSQL frees the space for new rows.
    """
    bind: Any = session.get_bind()
    steps = ["VACUUM"]
    if bind.dialect.name == "sqlite":
        optimize = "INSERT INTO user_search (user_search) VALUES ('rebuild')"
        steps = [optimize, "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
    session.rollback()  # ends a read: a file that is being read is not rewritten
    with bind.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if bind.dialect.name == "sqlite":
            for step in steps:
                raw.execute(step)
            return
    with bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for step in steps:
            connection.execute(text(step))


def _require(actor: Actor) -> None:
    require(actor, Permission.PARTICIPANT_DELETE)
    require(actor, Permission.SPONSOR_EDIT)  # of everybody, staff too: the whole agency's decision


def _erase(session: Session, actor: Actor, who: ColumnElement[bool]) -> int | None:
    """Record the erasure, then take every personal value away; None where nobody is left."""
    change = changes.record(session, actor, ChangeKind.EDIT, "erase", Subject.USER)
    changes.record_unmoved(session, change, who & _is_person())
    erased = select(ChangeItem.subject_id).where(ChangeItem.change_id == change.id)
    if session.scalar(erased.limit(1)) is None:
        return None
    changes.seal(session, change)
    people = select(Change.id).where(Change.subject.in_((Subject.PARTICIPANT, Subject.USER)))
    session.execute(
        delete(ChangePersonal).where(
            ChangePersonal.subject_id.in_(erased), ChangePersonal.change_id.in_(people)
        )
    )
    saved_views.forget(session, _users.c.id.in_(erased))
    session.execute(update(_users).where(_users.c.id.in_(erased)).values(_tombstones()))
    _erase_beside(session, erased)
    session.expire_all()
    return change.id


def _tombstones() -> Mapping[str, Any]:
    id = cast(_users.c.id, Text)
    named = {name: func.replace(value, NUMBER, id) for name, value in TOMBSTONE.items()}
    gone = {
        name: null() for name in ("apprentice_number", "status_note", "password_hash", "plan_id")
    }
    return {**named, **gone, "version": _users.c.version + 1}


def _is_person() -> ColumnElement[bool]:
    """Not erased yet."""
    address = func.replace(ADDRESS, NUMBER, cast(_users.c.id, Text))
    still: ColumnElement[bool] = _users.c.email.is_distinct_from(address)
    return still


def _erase_beside(session: Session, erased: Any) -> None:
    """What else names or belongs to them: sign-ins and links, answers to requests, rosters."""
    for table in db.metadata.sorted_tables:
        owner = table.columns.get("user_id")
        if owner is not None:
            session.execute(delete(table).where(owner.in_(erased)))
    session.execute(update(Request).values(answer=_without_messages(session)))
    session.execute(delete(UploadPart))  # they wait for hours at most, and may name anybody
    session.execute(delete(Upload))


def _without_messages(session: Session) -> ColumnElement[Any]:
    """An answer kept for repeats, without the messages that name who was saved."""
    has = Request.answer.is_not(None)
    if session.get_bind().dialect.name == "postgresql":
        kept: Any = cast(cast(Request.answer, JSONB).op("-")("messages"), JSON)
    else:
        kept = func.json_remove(Request.answer, "$.messages")
    without: ColumnElement[Any] = case((has, kept))
    return without
