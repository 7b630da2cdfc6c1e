"""Participants: create, edit, delete. What a form saves goes through here."""

from collections.abc import Container, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.ledger import ChangeKind
from seatadmin.lifecycle import TRANSITION_TO, ProgramStatus, Transition
from seatadmin.models import Employer, Participant
from seatadmin.permissions import Actor, Permission, require
from seatadmin.services import changes, fields, scope, seats, status
from seatadmin.services.invalid import (
    Invalid,
    NotFound,
    StaleVersion,
    check_unique_keys,
    checked,
    unique_keys_race,
)
from seatadmin.services.reasons import usable_reason
from seatadmin.services.scope import Selection, visible
from seatadmin.text import squeeze

OUT_OF_STEP = (
    "The account was deactivated without a program status. Set the true program status,"
    " or reactivate the account, before anything else is edited."
)

MISPLACED = "Choose the program status that this belongs to."

REASSIGNS = ("employer_id", "apprentice_number", "registration_date")
"""Fields that need `PARTICIPANT_REASSIGN`."""

IDENTITY = ("first_name", "last_name", "email", "occupation", "expected_completion_date")
STATUS = ("status_date", "cancellation_reason", "status_note")
"""What belongs to the program status, beside the status itself."""


def create(session: Session, actor: Actor, values: Mapping[str, Any]) -> Participant:
    """A new active participant, with its audit. The caller commits.

    Raises `NotPermitted`, `Invalid`, `NoFreeSeat`.
    """
    require(actor, Permission.PARTICIPANT_CREATE)
    employer = _employer(session, actor, values.get("employer_id"))
    seats.lock_sponsors(session, [employer.sponsor_id])
    seats.require_seat(session, employer)
    registered = values.get("registration_date") or date.today()
    participant = Participant(
        **{key: values.get(key) for key in (*IDENTITY, "apprentice_number")},
        employer_id=employer.id,
        sponsor_id=employer.sponsor_id,
        registration_date=registered,
        program_status=ProgramStatus.ACTIVE,
        status_date=registered,
    )
    _check(session, actor, participant, {"email", "apprentice_number"})
    session.add(participant)
    with unique_keys_race():
        changes.record_one(session, actor, ChangeKind.CREATE, "create", participant, {})
    return participant


def edit(
    session: Session, actor: Actor, id: int, version: int, values: Mapping[str, Any]
) -> Participant:
    """Save what a form holds: a new program status first, by its transition, then the fields.

    `values` may leave out fields; those stay. The caller commits. Raises `NotPermitted`,
    `NotFound`, `StaleVersion`, `Invalid`, `TransitionRefused`, `NoFreeSeat`.
    """
    require(actor, Permission.PARTICIPANT_EDIT)
    participant = _opened(session, actor, id, version, values)
    target: Any = values.get("program_status") or participant.program_status
    if target is participant.program_status:
        if participant.out_of_step:
            raise Invalid({"program_status": OUT_OF_STEP})
        _check_status_fields(session, participant, values)
        written = STATUS if target is not ProgramStatus.ACTIVE else ()
    else:
        _change_status(session, actor, participant, TRANSITION_TO[target], values)
        written = ()
    _write_fields(session, actor, participant, values, written)
    return participant


def report(
    session: Session, actor: Actor, id: int, day: date | None, taken_back: bool = False
) -> Participant:
    """Note the day (None: today) on which the agency was told that a program ended.

    `taken_back` forgets it. The caller commits. Raises `NotPermitted`, `NotFound`, `Invalid`.
    """
    require(actor, Permission.PARTICIPANT_REPORT)
    participant = _locked(session, actor, id)
    told = None if taken_back else day or date.today()
    if participant.program_status is ProgramStatus.ACTIVE:
        raise Invalid({"reported_on": "The program is active: there is nothing to report."})
    since: Any = participant.status_date
    if told and not since <= told <= date.today():
        raise Invalid({"reported_on": "Give a day from when it took effect until today."})
    before = changes.snapshot(participant)
    participant.reported_on = told
    changes.record_one(session, actor, ChangeKind.EDIT, "report", participant, before)
    return participant


def delete(session: Session, actor: Actor, id: int, confirm: str) -> str:
    """Delete a participant whose full name was typed; returns that name. The caller commits.

    The audit keeps a tombstone with statuses and dates; personal values are erased from it.
    Raises `NotPermitted`, `NotFound`, `Invalid`.
    """
    require(actor, Permission.PARTICIPANT_DELETE)
    participant = _locked(session, actor, id)
    name = participant.name
    in_lists = f"{participant.last_name}, {participant.first_name}"
    if squeeze(confirm) not in (squeeze(name), squeeze(in_lists)):
        raise Invalid({"confirm": f"Type the full name, {name}, to delete this record for good."})
    changes.record_deletion(session, actor, participant)
    session.delete(participant)
    session.flush()
    return name


def _opened(
    session: Session, actor: Actor, id: int, version: int, values: Mapping[str, Any]
) -> Participant:
    """The row as the form saw it, locked; the sponsor first, where a seat may be taken.

    Which locks that takes is told by the row before it is locked: it must be of the form's version.
    """
    seen = scope.get(session, actor, Participant, id)
    if seen is None:
        raise NotFound
    if any(values.get(key, getattr(seen, key)) != getattr(seen, key) for key in REASSIGNS):
        require(actor, Permission.PARTICIPANT_REASSIGN)
    moves = values.get("employer_id", seen.employer_id) != seen.employer_id
    active = ProgramStatus.ACTIVE
    revives = values.get("program_status") is active and seen.program_status is not active
    if moves or revives:
        target = _employer(session, actor, values.get("employer_id", seen.employer_id))
        seats.lock_sponsors(session, {seen.sponsor_id, target.sponsor_id})
    version_seen = seen.version
    participant = _locked(session, actor, id)
    if not version_seen == participant.version == version:
        raise StaleVersion(participant)
    return participant


def _locked(session: Session, actor: Actor, id: int) -> Participant:
    rows = select(Participant).where(Participant.id == id, visible(actor, Participant))
    rows = rows.with_for_update(key_share=True).execution_options(populate_existing=True)
    participant: Participant | None = session.scalars(rows).one_or_none()
    if participant is None:
        raise NotFound
    return participant


def _employer(session: Session, actor: Actor, id: int | None) -> Employer:
    employer: Employer | None = scope.get(session, actor, Employer, id)
    if employer is None:
        raise Invalid({"employer": "Choose one of your employers."})
    return employer


def _change_status(
    session: Session,
    actor: Actor,
    participant: Participant,
    transition: Transition,
    values: Mapping[str, Any],
) -> None:
    """The status on the form differs: that is a transition, the same one as in a batch."""
    if transition.carries_reason and not values.get("cancellation_reason"):
        raise Invalid({"cancellation_reason": "Choose why the program was cancelled."})
    note = values.get("status_note")
    if participant.program_status in transition.corrects and note == participant.status_note:
        note = None  # a correction says why in a note of its own, not in that of the ending
    asked = status.order(
        session,
        actor,
        transition,
        Selection((participant.id,)),
        effective_date=values.get("status_date"),
        reason=values.get("cancellation_reason"),
        note=note,
    )
    status.perform_one(session, asked)


def _check_status_fields(
    session: Session, participant: Participant, values: Mapping[str, Any]
) -> None:
    """Date, reason and note belong to an ended program; an active one cannot carry them."""
    current = participant.program_status
    with checked() as errors:
        if current is ProgramStatus.ACTIVE:
            for key in STATUS:
                if values.get(key) and values[key] != getattr(participant, key):
                    errors[key] = MISPLACED
            return
        reason = values.get("cancellation_reason", participant.cancellation_reason)
        carries = TRANSITION_TO[current].carries_reason  # type: ignore[index]
        if carries and not reason and "cancellation_reason" in values:
            errors["cancellation_reason"] = "Choose why the program was cancelled."
        elif reason and not carries:
            errors["cancellation_reason"] = MISPLACED
        elif reason != participant.cancellation_reason:
            usable_reason(session, reason)


def _write_fields(
    session: Session,
    actor: Actor,
    participant: Participant,
    values: Mapping[str, Any],
    status_fields: tuple[str, ...],
) -> None:
    """Set the plain fields that differ, check the whole, record it as one edit."""
    before = changes.snapshot(participant)
    wanted = {key: values[key] for key in (*IDENTITY, *REASSIGNS, *status_fields) if key in values}
    differs = {key: new for key, new in wanted.items() if getattr(participant, key) != new}
    if not differs:
        return
    if "employer_id" in differs:
        _move(session, actor, participant, differs.pop("employer_id"))
    follows = participant.status_date == participant.registration_date
    follows &= participant.program_status is ProgramStatus.ACTIVE
    for key, value in differs.items():
        setattr(participant, key, value)
    if follows and participant.registration_date:
        participant.status_date = participant.registration_date  # active since it was registered
    _check(session, actor, participant, differs)
    with unique_keys_race():
        changes.record_one(session, actor, ChangeKind.EDIT, "edit", participant, before)


def _move(session: Session, actor: Actor, participant: Participant, employer_id: int) -> None:
    """To another employer: an active participant takes a seat there."""
    employer = _employer(session, actor, employer_id)
    if participant.uses_seat:
        other_sponsor = employer.sponsor_id != participant.sponsor_id
        seats.require_seat(session, employer, taking_sponsor=other_sponsor)
    participant.employer_id, participant.sponsor_id = employer.id, employer.sponsor_id


def _check(
    session: Session, actor: Actor, participant: Participant, differs: Container[str]
) -> None:
    """What must hold between one participant's fields, and of what `differs` against others."""
    with session.no_autoflush, checked() as errors:
        if not (participant.email or participant.apprentice_number):
            errors["email"] = "Give an e-mail address or an apprentice number."
        email = participant.email if "email" in differs else None
        number = participant.apprentice_number if "apprentice_number" in differs else None
        errors |= check_unique_keys(session, actor, email, number, participant.id)
        errors |= _date_errors(participant)


def _date_errors(participant: Participant) -> dict[str, str]:
    registered, today = participant.registration_date, date.today()
    checks = {
        "registration_date": (registered, None, None),
        "expected_completion_date": (registered, participant.expected_completion_date, None),
        "status_date": (registered, None, participant.status_date),
    }
    errors = {
        field: "Give the date."
        for field in ("registration_date", "status_date")
        if getattr(participant, field) is None
    }
    for field, (start, end, since) in checks.items():
        try:
            fields.check_dates(start, end, since, today)
        except ValueError as wrong:
            errors.setdefault(field, str(wrong))
            if field == "registration_date":
                break  # the other dates are compared with this one
    return errors
