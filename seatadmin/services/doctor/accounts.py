"""Invariants of accounts: participants and staff."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from seatadmin.lifecycle import ACCOUNT_FOLLOWS, AccountStatus, Kind, ProgramStatus
from seatadmin.models import CancellationReason, Employer, Participant, Sponsor, User, keys_of
from seatadmin.permissions import REACH, Reach, Role
from seatadmin.services.doctor.invariant import TODAY, Invariant, selected, streamed
from seatadmin.text import fold_email


def _users(*conditions: ColumnElement[bool]) -> Any:
    return selected(select(User.id).where(*conditions))


def _participants(*conditions: ColumnElement[bool]) -> Any:
    return selected(select(Participant.id).where(*conditions))


def _unknown(column: Any, enum: type[StrEnum]) -> ColumnElement[bool]:
    return cast(column, String).not_in([member.value for member in enum])


def _shared(column: Any) -> Any:
    """The newest of several users who have the same value."""
    rows = select(func.max(User.id)).where(column.is_not(None))
    return selected(rows.group_by(column).having(func.count() > 1))


def _given(*columns: Any) -> list[ColumnElement[bool]]:
    return [column.is_not(None) for column in columns]


def _missing(*columns: Any) -> list[ColumnElement[bool]]:
    return [column.is_(None) for column in columns]


def _blank(column: Any) -> ColumnElement[bool]:
    return or_(column.is_(None), func.trim(column) == "")


FITS: dict[Reach, tuple[ColumnElement[bool], ...]] = {
    Reach.ALL: (*_missing(User.sponsor_id), *_missing(User.employer_id)),
    Reach.SPONSOR: (*_given(User.sponsor_id), *_missing(User.employer_id)),
    Reach.EMPLOYER: (*_given(User.sponsor_id), *_given(User.employer_id)),
}
"""The organization that goes with a reach."""


def _wrong_keys(session: Session) -> Iterator[object]:
    """Users whose derived columns are not what the columns that they come from make."""
    called = (User.first_name, User.last_name, User.email, User.apprentice_number)
    kept = (User.name_key, User.search_text, User.email_key)
    for id, name_key, search_text, email_key, *names in streamed(
        session, select(User.id, *kept, *called).order_by(User.id)
    ):
        keys = {"name_key": name_key, "search_text": search_text}
        if keys != keys_of(*names) or email_key != fold_email(names[2]):
            yield id


def _no_regulator(session: Session) -> Iterator[object]:
    active = select(User.id).where(
        User.role == Role.REGULATOR, User.account_status == AccountStatus.ACTIVE
    )
    anybody = session.scalar(select(User.id).limit(1))
    if anybody is not None and session.scalar(active.limit(1)) is None:
        yield "nobody is"


INVARIANTS = (
    Invariant(
        "known values",
        "Kind, role, program and account status are known ones.",
        _users(
            or_(
                _unknown(User.kind, Kind),
                _unknown(User.role, Role),
                _unknown(User.program_status, ProgramStatus),
                _unknown(User.account_status, AccountStatus),
            )
        ),
    ),
    Invariant(
        "account follows program",
        "A program that is suspended, completed or cancelled has a deactivated account.",
        _participants(
            or_(
                *(
                    and_(User.program_status == program, User.account_status != account)
                    for program, account in ACCOUNT_FOLLOWS.items()
                )
            )
        ),
    ),
    Invariant(
        "participant is complete",
        "A participant has no role, but a program status with its date, a registration date,"
        " an employer and a sponsor.",
        _participants(
            or_(
                *_given(User.role),
                *_missing(User.program_status, User.status_date, User.registration_date),
                *_missing(User.employer_id, User.sponsor_id),
            )
        ),
    ),
    Invariant(
        "staff is complete",
        "A member of staff has a role and no program status.",
        _users(User.kind == Kind.STAFF, or_(*_missing(User.role), *_given(User.program_status))),
    ),
    Invariant(
        "role has its scope",
        "A regulator belongs to nobody, sponsor staff to a sponsor, an employer administrator to"
        " an employer and its sponsor.",
        _users(
            or_(*(and_(User.role == role, ~and_(*FITS[reach])) for role, reach in REACH.items()))
        ),
    ),
    Invariant(
        "employer of the sponsor",
        "A user's employer exists and belongs to the user's sponsor.",
        selected(
            select(User.id)
            .outerjoin(
                Employer,
                and_(Employer.id == User.employer_id, Employer.sponsor_id == User.sponsor_id),
            )
            .where(User.employer_id.is_not(None), Employer.id.is_(None))
        ),
    ),
    Invariant(
        "sponsor exists",
        "A user's sponsor exists.",
        selected(
            select(User.id)
            .outerjoin(Sponsor, Sponsor.id == User.sponsor_id)
            .where(User.sponsor_id.is_not(None), Sponsor.id.is_(None))
        ),
    ),
    Invariant(
        "status after registration",
        "A program status does not begin before the registration.",
        _users(User.status_date < User.registration_date),
    ),
    Invariant(
        "nothing from the future",
        "Registrations and program statuses do not lie in the future.",
        _users(or_(User.status_date > TODAY, User.registration_date > TODAY)),
    ),
    Invariant(
        "completion after registration",
        "A completion is not expected before the registration.",
        _users(User.expected_completion_date < User.registration_date),
    ),
    Invariant(
        "reason belongs to a cancellation",
        "Only a cancelled program has a cancellation reason.",
        _users(
            User.cancellation_reason.is_not(None),
            or_(User.program_status.is_(None), User.program_status != ProgramStatus.CANCELLED),
        ),
    ),
    Invariant(
        "reason is on the list",
        "A cancellation reason is one of the list, be it retired.",
        selected(
            select(User.id)
            .outerjoin(CancellationReason, CancellationReason.code == User.cancellation_reason)
            .where(User.cancellation_reason.is_not(None), CancellationReason.code.is_(None))
        ),
    ),
    Invariant(
        "has a key",
        "Everybody has an e-mail address or an apprentice number.",
        _users(_blank(User.email), _blank(User.apprentice_number)),
    ),
    Invariant(
        "staff has an e-mail address",
        "Staff sign in with it.",
        _users(User.kind == Kind.STAFF, _blank(User.email)),
    ),
    Invariant("e-mail is unique", "No two users share one.", _shared(User.email_key)),
    Invariant("number is unique", "No two users share one.", _shared(User.apprentice_number)),
    Invariant(
        "keys agree",
        "What a user is sorted, searched and told apart by comes from name, e-mail and number.",
        _wrong_keys,
    ),
    Invariant("a regulator", "At least one regulator is active.", _no_regulator),
)
