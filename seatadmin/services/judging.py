"""Which of the selected rows an act changes, and why not the others: one SQL expression per act.

The rules come from `lifecycle`; this turns them into a verdict beside every row, so that one row
and a million are judged by the same words.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeKind
from seatadmin.lifecycle import (
    AccountStatus,
    Act,
    Kind,
    ProgramStatus,
    Refusal,
    Transition,
)
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import Actor, Permission, allows
from seatadmin.services.scope import Selection, visible
from seatadmin.services.seats import used_by_employer, used_by_sponsor

CHANGED, UNCHANGED = "changed", "unchanged"
"""The verdicts beside the names of `Refusal`."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: the act, by whom, to which rows, with which date, reason and note."""

    actor: Actor
    act: Act
    selection: Selection
    effective_date: date
    reason: str | None = None
    note: str | None = None
    population: type[User] = Participant
    planned: bool = False
    """The date lies ahead: the act is only planned, and changes no status and no seat."""

    @property
    def takes_seat(self) -> bool:
        """Whether a seat must be free now."""
        return self.act.takes_seat and not self.planned


def selected(session: Session, order: Order) -> Select[Any]:
    """The rows in the actor's scope that the order asks for, by id."""
    rows = select(User.id).where(
        visible(order.actor, User), order.selection.clause(session, User.id)
    )
    return rows.where(User.kind == Kind.PARTICIPANT) if order.population is Participant else rows


def lock(session: Session, order: Order) -> int:
    """Lock the selected rows, and count them, in the order of their ids: batches cannot deadlock.

    It comes before the change is opened, so that changes of a row bear ids in the order in which
    they happened.
    """
    rows = selected(session, order).order_by(User.id).with_for_update(of=User, key_share=True)
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def judged(session: Session, order: Order, sponsors: list[int] | None = None) -> Subquery:
    """Every selected row with the columns that the audit needs and its verdict.

    `sponsors` are those whose seats are locked: then the rows are locked too, in the order of
    their ids. None (a preview) locks nothing.
    """
    rows = selected(session, order).add_columns(
        User.kind,
        User.sponsor_id,
        User.employer_id,
        User.program_status,
        User.account_status,
        User.status_date,
        User.cancellation_reason,
        User.status_note,
        User.registration_date,
        User.plan_id,
    )
    if sponsors is not None:
        rows = rows.order_by(User.id).with_for_update(of=User, key_share=True)
    row = rows.subquery("selected").c
    verdict = case(*_refusals(order, row, sponsors), else_=CHANGED)
    result = select(*row, verdict.label("verdict")).subquery("judged")
    return _seated(result) if order.takes_seat else result


def _refusals(order: Order, row: Any, sponsors: list[int] | None) -> list[Any]:
    act = order.act
    if isinstance(act, Transition):
        return [*_of_transition(act, order, row), *_of_lock(order, row, sponsors)]
    return [*_of_account(act, order, row), *_of_lock(order, row, sponsors)]


def _of_transition(act: Transition, order: Order, row: Any) -> list[Any]:
    same = row.program_status == act.target
    in_step = row.account_status == act.account
    open_from = act.sources | act.corrects
    return [
        *(_of_plan(order, row) if order.planned else []),
        (and_(same, in_step), UNCHANGED),
        (same, Refusal.OUT_OF_STEP.name),
        (row.program_status.not_in(open_from), Refusal.ENDED.name),
        (
            and_(row.program_status.in_(act.corrects), literal(order.note is None)),
            Refusal.NEEDS_NOTE.name,
        ),
        (row.registration_date > order.effective_date, Refusal.BEFORE_REGISTRATION.name),
    ]


def _of_plan(order: Order, row: Any) -> list[Any]:
    """The plans that say what the order says stay: unless a note is given, which is said anew."""
    same = select(Change.id).where(
        Change.kind == ChangeKind.PLAN,
        Change.action == order.act.name,
        Change.effective_date == order.effective_date,
        Change.reason.is_not_distinct_from(order.reason),
        literal(order.note is None),
    )
    out_of_step = and_(
        row.program_status == ProgramStatus.ACTIVE,
        row.account_status == AccountStatus.DEACTIVATED,
    )
    return [(row.plan_id.in_(same), UNCHANGED), (out_of_step, Refusal.REPAIR_NOW.name)]


def _of_account(act: Act, order: Order, row: Any) -> list[Any]:
    staff_allowed = allows(order.actor.role, Permission.STAFF_DEACTIVATE)
    ended = and_(row.kind == Kind.PARTICIPANT, row.program_status != ProgramStatus.ACTIVE)
    return [
        (and_(row.kind == Kind.STAFF, literal(not staff_allowed)), Refusal.STAFF.name),
        (row.account_status == act.account, UNCHANGED),
        (row.id == (order.actor.id or 0), Refusal.OWN_ACCOUNT.name),
        (and_(ended, literal(act.takes_seat)), Refusal.REINSTATE_INSTEAD.name),
    ]


def _of_lock(order: Order, row: Any, sponsors: list[int] | None) -> list[Any]:
    """A participant who moved to another sponsor after the sponsors were locked."""
    if sponsors is None or not order.takes_seat:
        return []
    moved = and_(row.kind == Kind.PARTICIPANT, row.sponsor_id.not_in(sponsors))
    return [(moved, Refusal.MEANWHILE.name)]


def _seated(rows: Subquery) -> Subquery:
    """Refuse what no longer fits: seats go by id, first within the employer, then the sponsor."""
    of_employer = select(Employer.id, (Employer.seat_limit - used_by_employer()).label("free"))
    of_sponsor = select(Sponsor.id, (Sponsor.seat_limit - used_by_sponsor()).label("free"))
    rows = _fitting(rows, "employer_id", of_employer, Refusal.NO_EMPLOYER_SEAT)
    return _fitting(rows, "sponsor_id", of_sponsor, Refusal.NO_SPONSOR_SEAT)


def _fitting(
    rows: Subquery, group: str, free: Select[int, int | None], refusal: Refusal
) -> Subquery:
    takes: ColumnElement[bool] = and_(
        rows.c.verdict == CHANGED,
        rows.c.kind == Kind.PARTICIPANT,
        rows.c.account_status != AccountStatus.ACTIVE,
    )
    turn = func.row_number().over(partition_by=[rows.c[group], takes], order_by=rows.c.id)
    ranked = select(*rows.c, takes.label("takes"), turn.label("turn")).subquery()
    room = free.subquery()
    full = and_(ranked.c.takes, ranked.c.turn > room.c.free)
    verdict = case((full, refusal.name), else_=ranked.c.verdict).label("verdict")
    kept = [ranked.c[column.name] for column in rows.c if column.name != "verdict"]
    joined = ranked.outerjoin(room, room.c.id == ranked.c[group])
    return select(*kept, verdict).select_from(joined).subquery()
