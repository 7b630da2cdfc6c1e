"""The one writer of program and account status: one row or a million, on every path.

`perform` writes the audit with one INSERT … SELECT over the judged rows and the rows themselves
with one UPDATE. `preview` only counts what `perform` would do. See `judging` for what decides.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, insert, literal, select, update
from sqlalchemy.orm import Session

from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangePersonal, Subject
from seatadmin.lifecycle import (
    AccountStatus,
    Act,
    Kind,
    Refusal,
    Transition,
    TransitionRefused,
    effects,
    is_plan,
)
from seatadmin.models import Participant, User
from seatadmin.permissions import Actor, require
from seatadmin.services import changes, seats
from seatadmin.services.judging import CHANGED, UNCHANGED, Order, judged, lock, selected
from seatadmin.services.outcome import Outcome, Refused
from seatadmin.services.progress import Report, silent
from seatadmin.services.reasons import usable_reason
from seatadmin.services.regulators import one_stays
from seatadmin.services.scope import Selection

LISTED = 10_000
"""How many refused rows an outcome names; `refused_total` counts them all."""


def order(
    session: Session,
    actor: Actor,
    act: Act,
    selection: Selection,
    *,
    effective_date: date | None = None,
    reason: str | None = None,
    note: str | None = None,
    population: type[User] = Participant,
) -> Order:
    """Check what does not depend on rows, and fill in today. A date ahead makes it a plan.

    A reason is kept by the act that carries one. Raises `NotPermitted`, `WrongDate`,
    `UnknownReason`.
    """
    require(actor, act.permission)
    today = date.today()
    planned = is_plan(act, effective_date, today)
    carries = isinstance(act, Transition) and act.carries_reason
    known = usable_reason(session, reason) if carries else None
    return Order(
        actor,
        act,
        selection,
        effective_date or today,
        known,
        (note or "").strip() or None,
        population,
        planned,
    )


def preview(session: Session, asked: Order) -> Outcome:
    """What `perform` would do now. Changes nothing and locks nothing."""
    rows = judged(session, asked)
    verdict, freed = rows.c.verdict, _seats_freed(asked, rows.c)
    found = session.execute(select(verdict, func.count(), freed).group_by(verdict)).all()
    counts = {verdict: (count, freed) for verdict, count, freed in found}
    changed, freed = counts.pop(CHANGED, (0, 0))
    rest = {verdict: count for verdict, (count, _) in counts.items()}
    refused = _refused(session, rows, verdict != CHANGED) if rest else []
    return _outcome(session, asked, rest, refused, changed, freed)


STEPS = 4
"""Of an act, as they are reported: a statement over all rows has no share of its own."""


def perform(session: Session, asked: Order, report: Report = silent) -> Outcome:
    """Carry out the order, or plan it, with its audit. The caller commits. `report` is told each
    step.

    Rows that cannot be changed are refused one by one, the others are changed; when none can be,
    nothing is recorded. Raises `LastRegulator`.
    """
    with one_stays(session, when=asked.population is not Participant):
        savepoint = session.begin_nested()
        report(0, STEPS, "Finding the rows")
        sponsors = _lock_seats(session, asked) if asked.takes_seat else []
        found = lock(session, asked)
        change = _open_change(session, asked)
        report(1, STEPS, "Recording what changes")
        _write_items(session, asked, change, sponsors)
        changed, freed = session.execute(_done_by(change.id)).one()
        if changed:
            report(2, STEPS, "Changing the rows")
            _write_rows(session, asked, change)
            report(3, STEPS, "Counting the outcome")
            changes.seal(session, change)
            savepoint.commit()
        rest, refused = ({}, []) if changed == found else _left(session, asked, change)
        outcome = _outcome(session, asked, rest, refused, changed, freed)
        if not changed:
            savepoint.rollback()
    session.expire_all()
    return replace(outcome, change_id=change.id if changed else None)


def perform_one(session: Session, asked: Order) -> Outcome:
    """`perform` for one row that must not be refused. Raises `TransitionRefused`."""
    outcome = perform(session, asked)
    for row in outcome.refused:
        user = session.get(User, row.id)
        source = user.program_status if user else None
        raise TransitionRefused(row.id, source, asked.act.name, row.why)
    return outcome


def _kind(asked: Order) -> ChangeKind:
    if asked.planned:
        return ChangeKind.PLAN
    return ChangeKind.TRANSITION if isinstance(asked.act, Transition) else ChangeKind.ACCOUNT


def _open_change(session: Session, asked: Order) -> Change:
    ids = asked.selection.ids
    return changes.record(
        session,
        asked.actor,
        _kind(asked),
        asked.act.name,
        Subject.PARTICIPANT if asked.population is Participant else Subject.USER,
        effective_date=asked.effective_date if isinstance(asked.act, Transition) else None,
        reason=asked.reason,
        note=asked.note,
        note_about=ids[0] if len(ids) == 1 else None,
    )


def _write_items(session: Session, asked: Order, change: Change, sponsors: list[int]) -> None:
    """Judge, and record each row that the order changes: from, to."""
    row = judged(session, asked, sponsors).c
    values: dict[str, Any] = {
        "change_id": literal(change.id),
        "subject_id": row.id,
        "sponsor_id": row.sponsor_id,
        "employer_id": row.employer_id,
    }
    new = _effects(asked, change)
    for key in changes.STATE:
        values[f"old_{key}"] = row[key]
        column = getattr(ChangeItem, f"new_{key}")
        values[f"new_{key}"] = literal(new[key], column.type) if key in new else row[key]
    items = select(*values.values()).where(row.verdict == CHANGED)
    session.execute(insert(ChangeItem).from_select(list(values), items))


def _lock_seats(session: Session, asked: Order) -> list[int]:
    rows = selected(session, asked).with_only_columns(User.sponsor_id)
    return seats.lock_sponsors(session, rows.where(User.kind == Kind.PARTICIPANT))


def _write_rows(session: Session, asked: Order, change: Change) -> None:
    """Keep the notes that the act replaces, then change all rows in one statement."""
    values: dict[str, Any] = {**_effects(asked, change), "version": User.version + 1}
    if isinstance(asked.act, Transition) and not asked.planned:
        values["recorded_at"] = func.now()
        _keep_old_notes(session, asked, change)
    session.execute(
        update(User.__table__).where(User.__table__.c.id.in_(_done_in(change))).values(values)
    )


def _keep_old_notes(session: Session, asked: Order, change: Change) -> None:
    old = (
        select(
            literal(change.id),
            User.id,
            literal("status_note"),
            User.status_note,
            literal(asked.note, ChangePersonal.new.type),
        )
        .join(ChangeItem, and_(ChangeItem.change_id == change.id, ChangeItem.subject_id == User.id))
        .where(User.status_note.is_not(None))
    )
    columns = ["change_id", "subject_id", "field", "old", "new"]
    session.execute(insert(ChangePersonal).from_select(columns, old))


def _effects(asked: Order, change: Change) -> dict[str, Any]:
    if asked.planned:
        return {"plan_id": change.id}
    return effects(asked.act, asked.effective_date, asked.reason, asked.note)


def _seats_freed(asked: Order, row: Any) -> ColumnElement[int]:
    """Seats that rows about to change give back; negative when they take some."""
    moves = and_(row.kind == Kind.PARTICIPANT, row.account_status != asked.act.account)
    sign = 0 if asked.planned else -1 if asked.act.takes_seat else 1
    return func.sum(case((moves, sign), else_=0))


def _done_in(change: Change) -> Any:
    return select(ChangeItem.subject_id).where(ChangeItem.change_id == change.id)


def _done_by(change_id: int) -> Any:
    """How many rows a change has, and the seats that it frees.

    Counted, as SQLite's driver gives no row count for an INSERT that begins with WITH.
    """
    was, now = ChangeItem.old_account_status, ChangeItem.new_account_status
    moved = and_(ChangeItem.old_program_status.is_not(None), was != now)
    sign = case((now == AccountStatus.ACTIVE.value, -1), else_=1)
    freed = func.coalesce(func.sum(case((moved, sign), else_=0)), 0)
    return select(func.count(), freed).where(ChangeItem.change_id == change_id)


def _left(session: Session, asked: Order, change: Change) -> tuple[dict[str, int], list[Refused]]:
    """Of the rows that the change left alone: how many have which verdict, and the refused."""
    rows = judged(session, asked)
    rest = rows.c.id.not_in(_done_in(change))
    counted = select(rows.c.verdict, func.count()).where(rest).group_by(rows.c.verdict)
    return dict(session.execute(counted).all()), _refused(session, rows, rest)


def _refused(session: Session, rows: Subquery, rest: ColumnElement[bool]) -> list[Refused]:
    """The first of the judged rows that `rest` picks, but for those that need no change."""
    named = select(rows.c.id, rows.c.verdict).where(rest, rows.c.verdict != UNCHANGED)
    found = session.execute(named.order_by(rows.c.id).limit(LISTED))
    return [Refused(id, _why(code)) for id, code in found]


def _outcome(
    session: Session,
    asked: Order,
    rest: dict[str, int],
    refused: list[Refused],
    changed: int,
    freed: int,
) -> Outcome:
    """Sum up. `rest` are the verdicts on the judged rows that were not changed."""
    there, unchanged = changed + sum(rest.values()), rest.pop(UNCHANGED, 0)
    absent = [Refused(id, Refusal.NOT_FOUND) for id in _absent(session, asked, there)]
    return Outcome(
        changed,
        freed,
        unchanged,
        sum(rest.values()) + len(absent),
        [*refused, *absent][:LISTED],
        planned_for=asked.effective_date if asked.planned else None,
    )


def _why(code: str) -> Refusal:
    """A row that could have been changed but was not has been locked and altered meanwhile."""
    return Refusal.MEANWHILE if code == CHANGED else Refusal[code]


def _absent(session: Session, asked: Order, there: int) -> list[int]:
    """Ids asked for that do not exist in the actor's scope, where only so many of them do."""
    ids = dict.fromkeys(asked.selection.ids)
    if asked.selection.matching is not None or there == len(ids):
        return []
    found = set(session.scalars(selected(session, asked)))
    return [id for id in ids if id not in found]
