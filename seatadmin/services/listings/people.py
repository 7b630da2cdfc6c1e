"""The lists of participants and of users."""

from sqlalchemy import case, func, not_, select
from sqlalchemy.orm import joinedload

from seatadmin.ledger import Change
from seatadmin.lifecycle import (
    ACCOUNT_FOLLOWS,
    TRANSITION_TO,
    AccountStatus,
    Kind,
    ProgramStatus,
    is_out_of_step,
)
from seatadmin.models import CancellationReason, Employer, Sponsor, User
from seatadmin.permissions import Role
from seatadmin.services import reasons
from seatadmin.services.listings.clauses import (
    EMPTY,
    YES_OR_NO,
    by_organization,
    equals,
    is_yes,
    members,
    one_of_enum,
    same_text,
    written,
    yes_or_no,
)
from seatadmin.services.listings.engine import Filter, Listing, Rows
from seatadmin.services.listings.searching import user_search
from seatadmin.services.listings.standings import EVERY, condition, standings
from seatadmin.services.remembered import remember, remembered

STAFF = written(User.kind, Kind.STAFF)
ASTRAY = frozenset(pair for pair in EVERY if is_out_of_step(*pair))
WITH_REASON = standings(programs=[p for p, act in TRANSITION_TO.items() if act.carries_reason])
ENDED = standings(programs=ACCOUNT_FOLLOWS)
UNREPORTED = User.reported_on.is_(None)
TO_REPORT = not_(written(User.program_status, ProgramStatus.ACTIVE)) & UNREPORTED
OUT_OF_STEP = written(User.program_status, ProgramStatus.ACTIVE) & written(
    User.account_status, AccountStatus.DEACTIVATED
)
REASON_MISSING = written(
    User.program_status, ProgramStatus.CANCELLED
) & User.cancellation_reason.is_(None)

OWNERS = frozenset({"sponsor_id", "employer_id"})
ORGANIZATIONS = (joinedload(User.employer), joinedload(User.sponsor))
PLANNED = User.plan_id.is_not(None)
PLAN = select(Change).where(Change.id == User.plan_id).correlate(User)

_NAMES = {
    "name": User.last_name + ", " + User.first_name,
    "first_name": User.first_name,
    "last_name": User.last_name,
    "email": User.email,
    "employer": Employer.name,
    "employer_id": User.employer_id,
    "sponsor": Sponsor.name,
    "sponsor_id": User.sponsor_id,
    "account_status": User.account_status,
    "program_status": User.program_status,
    "kind": User.kind,
}


def _with_organizations(query: Rows) -> Rows:
    return (
        query.select_from(User)
        .outerjoin(Employer, Employer.id == User.employer_id)
        .outerjoin(Sponsor, Sponsor.id == User.sponsor_id)
    )


def _with_reasons(query: Rows) -> Rows:
    return _with_organizations(query).outerjoin(
        CancellationReason, CancellationReason.code == User.cancellation_reason
    )


PARTICIPANTS = Listing(
    model=User,
    base=written(User.kind, Kind.PARTICIPANT),
    standing=condition,
    join=_with_reasons,
    loads=ORGANIZATIONS,
    columns={
        **_NAMES,
        "apprentice_number": User.apprentice_number,
        "occupation": User.occupation,
        "registration_date": User.registration_date,
        "expected_completion_date": User.expected_completion_date,
        "status_date": User.status_date,
        "cancellation_reason": User.cancellation_reason,
        "reason_label": CancellationReason.label,
        "status_note": User.status_note,
        "reported_on": User.reported_on,
        "planned": PLAN.with_only_columns(Change.effective_date).scalar_subquery(),
        "planned_act": PLAN.with_only_columns(Change.action).scalar_subquery(),
        "out_of_step": case((OUT_OF_STEP, True), else_=False),
        "reason_missing": case((REASON_MISSING, True), else_=False),
    },
    sorts={
        "name": (User.name_key,),
        "apprentice_number": (func.coalesce(User.apprentice_number, EMPTY),),
        "program_status": (User.program_status, User.status_date),
        "account_status": (User.account_status,),
        "status_date": (User.status_date,),
        "registration_date": (User.registration_date,),
    },
    entries={"status_date": ("program_status",)},
    filters={
        "program_status": Filter(
            "Program status",
            choices=members(ProgramStatus),
            standings=lambda value: standings(programs=[ProgramStatus(value)]),
        ),
        "account_status": Filter(
            "Account status",
            choices=members(AccountStatus),
            standings=lambda value: standings(accounts=[AccountStatus(value)]),
        ),
        "sponsor": by_organization("Sponsor", User.sponsor_id, Sponsor),
        "employer": by_organization("Employer", User.employer_id, Employer),
        "occupation": same_text("Occupation", User.occupation, lookup="occupation"),
        "cancellation_reason": Filter(
            "Reason",
            lambda value: equals(User.cancellation_reason, value),
            lambda session, _actor: (
                remembered(session, "reasons")
                or remember(session, "reasons", reasons.offered(session))
            ),
            standings=lambda _value: WITH_REASON,
            tells_all=True,
        ),
        "out_of_step": Filter(
            "Out of step",
            choices=YES_OR_NO,
            standings=lambda value: ASTRAY if is_yes(value) else EVERY - ASTRAY,
            covers=True,
        ),
        "to_report": yes_or_no(
            "To report",
            TO_REPORT,
            standings=lambda value: ENDED if is_yes(value) else EVERY,
            leads=is_yes,
            enters=OWNERS,
        ),
        "reason_missing": yes_or_no(
            "Reason missing",
            REASON_MISSING,
            standings=lambda value: WITH_REASON if is_yes(value) else EVERY,
            covers=True,
            leads=is_yes,
            enters=OWNERS
            | {"program_status", "account_status", "cancellation_reason", "occupation"},
        ),
        "planned": yes_or_no("Planned", PLANNED, leads=is_yes),
    },
    search=user_search,
)

PARTICIPANT_CSV = {
    "apprentice_number": User.apprentice_number,
    "first_name": User.first_name,
    "last_name": User.last_name,
    "email": User.email,
    "sponsor": Sponsor.name,
    "employer": Employer.name,
    "occupation": User.occupation,
    "registration_date": User.registration_date,
    "expected_completion_date": User.expected_completion_date,
    "program_status": User.program_status,
    "status_date": User.status_date,
    "cancellation_reason": User.cancellation_reason,
    "status_note": User.status_note,
    "account_status": User.account_status,
}
"""The columns of import and export alike."""

USERS = Listing(
    model=User,
    join=_with_organizations,
    loads=ORGANIZATIONS,
    columns={**_NAMES, "role": User.role},
    sorts={
        "name": (User.name_key,),
        "email": (func.coalesce(User.email_key, EMPTY),),
        "account_status": (User.account_status,),
    },
    filters={
        "kind": one_of_enum("Kind", User.kind, Kind),
        "role": Filter(
            "Role", lambda value: STAFF & (User.role == Role(value)), choices=members(Role)
        ),
        "account_status": one_of_enum("Account status", User.account_status, AccountStatus),
        "sponsor": by_organization("Sponsor", User.sponsor_id, Sponsor),
        "employer": by_organization("Employer", User.employer_id, Employer),
    },
    search=user_search,
)

USER_CSV = {
    name: _NAMES[name] for name in ("first_name", "last_name", "email", "sponsor", "employer")
} | {"kind": User.kind, "role": User.role, "account_status": User.account_status}
