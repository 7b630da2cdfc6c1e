"""Acting on users' status in tests: each act is previewed first, and must do what that said."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import event, func, select, text

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem, ChangePersonal, ChangeScope
from seatadmin.lifecycle import ACTS
from seatadmin.models import Participant, User
from seatadmin.permissions import Actor
from seatadmin.services import status
from seatadmin.services.outcome import Outcome
from seatadmin.services.scope import Selection


def ask(session: Any, actor: Actor, act: str, *who: User | int, **details: Any) -> status.Order:
    """The order for some users or ids, or for `matching`."""
    ids = tuple(one if isinstance(one, int) else one.id for one in who)
    selection = Selection(ids, details.pop("matching", None))
    return status.order(session, actor, ACTS[act], selection, **details)


def act_on(session: Any, actor: Actor, act: str, *who: User | int, **details: Any) -> Outcome:
    """Preview, perform, compare the two."""
    asked = ask(session, actor, act, *who, **details)
    before = audit(session)
    expected = status.preview(session, asked)
    assert audit(session) == before
    outcome = status.perform(session, asked)
    assert replace(outcome, change_id=None) == expected
    assert (outcome.change_id is None) == (outcome.changed == 0)
    return outcome


def refused(outcome: Outcome) -> dict[int, str]:
    """id -> the refusal's name."""
    return {row.id: row.why.name for row in outcome.refused}


def state(user: User) -> tuple[Any, ...]:
    """Everything about a user that an act may change."""
    return (
        user.program_status,
        user.account_status,
        user.status_date,
        user.cancellation_reason,
        user.status_note,
        user.version,
        user.recorded_at,
    )


def audit(session: Any) -> dict[str, int]:
    """How many rows the audit has."""
    models = (Change, ChangeItem, ChangeScope, ChangePersonal)
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model))
        for model in models
    }


def changes_of(session: Any) -> list[Change]:
    """All changes, in their order."""
    return list(session.scalars(select(Change).order_by(Change.id)))


def items_of(session: Any, change_id: int | None) -> dict[int, ChangeItem]:
    """A change's items by subject."""
    rows = session.scalars(select(ChangeItem).where(ChangeItem.change_id == change_id))
    return {item.subject_id: item for item in rows}


def scopes_of(session: Any, change_id: int | None) -> set[tuple[Any, ...]]:
    """(sponsor, employer, subjects, the only subject) of each organization a change touched."""
    columns = (
        ChangeScope.sponsor_id,
        ChangeScope.employer_id,
        ChangeScope.subjects,
        ChangeScope.only_subject_id,
    )
    rows = session.execute(select(*columns).where(ChangeScope.change_id == change_id))
    return {tuple(row) for row in rows}


def personal_of(session: Any, change_id: int | None) -> set[tuple[Any, ...]]:
    """(subject, field, old, new) of a change's personal values and notes."""
    columns = (
        ChangePersonal.subject_id,
        ChangePersonal.field,
        ChangePersonal.old,
        ChangePersonal.new,
    )
    rows = session.execute(select(*columns).where(ChangePersonal.change_id == change_id))
    return {tuple(row) for row in rows}


def seats_agree(session: Any) -> bool:
    """Whether the kept seat counts are what a recount finds."""
    differing = session.execute(
        text(
            'SELECT employer_id FROM seat_count WHERE active <> (SELECT count(*) FROM "user"'
            " WHERE \"user\".employer_id = seat_count.employer_id AND kind = 'participant'"
            " AND account_status = 'active')"
        )
    )
    return not differing.all()


def active_participants(session: Any) -> int:
    """How many participants use a seat."""
    rows = select(func.count()).select_from(Participant)
    return int(session.scalar(rows.where(Participant.account_status == "active")))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that a block sends, without what only opens and closes transactions."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
