"""Plans: what is to become of programs on a later day.

A plan is a change of the kind `plan` whose participants name it in `plan_id`; `status.perform`
makes it. Here it is shown, withdrawn, and done on its day, as if whoever planned it acted then: the
rows are judged anew, by the role and the scope that the person has by that time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, not_, select, update
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeItem, ChangeKind, Subject
from seatadmin.lifecycle import TRANSITIONS, Refusal, Transition
from seatadmin.models import Participant, User
from seatadmin.permissions import SYSTEM, Actor, allows, require
from seatadmin.services import changes, reasons, status
from seatadmin.services.judging import CHANGED, UNCHANGED, Order, judged
from seatadmin.services.listings.ledger import note_of
from seatadmin.services.outcome import Outcome
from seatadmin.services.scope import Selection, visible

WITHDRAW, LAPSE = "withdraw", "lapse"
"""How the audit calls a plan that was given up: by somebody, or on its day."""

NOT_ANY_MORE = "Whoever planned this may no longer do it."
ALREADY_SO = "It had been done already."


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned, by whom, for which day and why."""

    change: Change
    act: Transition
    day: date
    reason: str | None
    note: str | None


def of(session: Session, participant: Participant) -> Plan | None:
    """What is planned for a participant, if anything."""
    if participant.plan_id is None:
        return None
    change = session.get_one(Change, participant.plan_id)
    return _read(session, change)


def due(session: Session, today: date) -> Sequence[int]:
    """The plans whose day has come, the earliest first."""
    named = select(User.plan_id).where(User.plan_id.is_not(None))
    found = select(Change.id).where(Change.id.in_(named), Change.effective_date <= today)
    return session.scalars(found.order_by(Change.effective_date, Change.id)).all()


def waiting(session: Session, actor: Actor, change: Change) -> int:
    """For how many participants in the actor's scope a plan is still to be done."""
    if change.kind is not ChangeKind.PLAN:
        return 0
    rows = select(func.count()).where(User.plan_id == change.id, visible(actor, User))
    return session.scalar(rows) or 0


def may_withdraw(actor: Actor, change: Change) -> bool:
    """Whether the actor's role may do, and so may give up, what is planned."""
    act = TRANSITIONS.get(change.action)
    return act is not None and allows(actor.role, act.permission)


def apply(session: Session, plan_id: int) -> tuple[Outcome, int]:
    """Do what was planned, with its audit; also returns for how many it was given up.

    The caller commits.

    Whom it cannot be done to is told in the audit, and is not tried again. What others of the
    same plan have done or withdrawn meanwhile is left out.
    """
    plan = _read(session, session.get_one(Change, plan_id))
    planner = plan.change.actor.actor if plan.change.actor else SYSTEM
    if not allows(planner.role, plan.act.permission):
        mine = [User.plan_id == plan_id]
        return Outcome(0, 0), _give_up(session, SYSTEM, LAPSE, mine, NOT_ANY_MORE)
    selection = _waiting_for(session, plan_id)
    asked = Order(planner, plan.act, selection, plan.day, plan.change.reason, plan.note)
    outcome = status.perform(session, asked)
    return outcome, _lapse(session, asked, plan_id)


def withdraw(
    session: Session, actor: Actor, plan_id: int, participant_id: int | None = None
) -> int:
    """Give a plan up, for all its participants in scope or for one; returns for how many.

    The caller commits. Raises `NotPermitted`.
    """
    plan = session.get(Change, plan_id)
    if plan is None or plan.kind is not ChangeKind.PLAN or plan.action not in TRANSITIONS:
        return 0
    require(actor, TRANSITIONS[plan.action].permission)
    rows = [User.plan_id == plan_id, visible(actor, User)]
    if participant_id is not None:
        rows.append(User.id == participant_id)
    return _give_up(session, actor, WITHDRAW, rows)


def _read(session: Session, change: Change) -> Plan:
    day: Any = change.effective_date
    words = reasons.label(session, change.reason)
    return Plan(change, TRANSITIONS[change.action], day, words, note_of(session, change))


def _waiting_for(session: Session, plan_id: int) -> Selection:
    """Who waits for a plan. A note about one person alone is erased with that person."""
    mine = User.plan_id == plan_id
    ids = session.scalars(select(User.id).where(mine).limit(2)).all()
    return Selection(tuple(ids) if len(ids) == 1 else (), matching=mine)


def _lapse(session: Session, asked: Order, plan_id: int) -> int:
    """Give up what could not be done: by a change for each why, which is its note."""
    lapsed = 0
    rows, mine = judged(session, asked), User.plan_id == plan_id
    verdict = rows.c.verdict
    left = select(verdict).where(verdict != CHANGED).distinct().order_by(verdict)
    for code in session.scalars(left).all():
        these = User.id.in_(select(rows.c.id).where(verdict == code))
        why = ALREADY_SO if code == UNCHANGED else Refusal[code].value
        lapsed += _give_up(session, SYSTEM, LAPSE, [mine, these], why)
    unseen = [mine, not_(visible(asked.actor, User))]
    return lapsed + _give_up(session, SYSTEM, LAPSE, unseen, NOT_ANY_MORE)


def _give_up(
    session: Session,
    actor: Actor,
    action: str,
    rows: Sequence[ColumnElement[bool]],
    note: str | None = None,
) -> int:
    """Free these participants of their plan, with the audit; returns how many they were."""
    locked = select(User.id).where(*rows).order_by(User.id)
    locked = locked.with_for_update(of=User, key_share=True)
    count = session.scalar(select(func.count()).select_from(locked.subquery())) or 0
    if not count:
        return 0
    change = changes.record(session, actor, ChangeKind.PLAN, action, Subject.PARTICIPANT, note=note)
    changes.record_unmoved(session, change, *rows)
    named = select(ChangeItem.subject_id).where(ChangeItem.change_id == change.id)
    users: Any = User.__table__
    session.execute(
        update(users).where(users.c.id.in_(named)).values(plan_id=None, version=users.c.version + 1)
    )
    changes.seal(session, change)
    session.expire_all()
    return count
