"""What may happen to a program and an account, and what follows from it. No Flask, no database.

A program status of suspended, completed or cancelled deactivates the account: `ACCOUNT_FOLLOWS`
says so once, and the models, the services and the database constraint all take it from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from seatadmin.permissions import Permission


class Status(StrEnum):
    """A value stored as it is written here, and read by people as its label."""

    @property
    def label(self) -> str:
        """The word that a person reads."""
        return self.value.replace("_", " ").capitalize()


class Kind(Status):
    """What a user is: a participant uses a seat while active, staff never do."""

    STAFF = "staff"
    PARTICIPANT = "participant"


class ProgramStatus(Status):
    """Where an apprentice stands in the program."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class AccountStatus(Status):
    """Whether the account works. A participant's active account uses a seat."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


ACCOUNT_FOLLOWS: Mapping[ProgramStatus, AccountStatus] = {
    ProgramStatus.SUSPENDED: AccountStatus.DEACTIVATED,
    ProgramStatus.COMPLETED: AccountStatus.DEACTIVATED,
    ProgramStatus.CANCELLED: AccountStatus.DEACTIVATED,
}
"""The account status that a program status brings about. Active brings none: it takes a seat."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that staff do to a user's status, alone or to thousands at once."""

    name: str
    label: str
    past: str
    account: AccountStatus
    permission: Permission
    not_recommended: str = ""
    """Why one should rather not, said before it is done."""

    @property
    def takes_seat(self) -> bool:
        """Whether a participant's account becomes active by it, so that a seat must be free."""
        return self.account is AccountStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Transition(Act):
    """An act that sets the program status. The account follows."""

    target: ProgramStatus = ProgramStatus.ACTIVE
    sources: frozenset[ProgramStatus] = frozenset()
    corrects: frozenset[ProgramStatus] = frozenset()
    """Ended states that it leaves only as a correction, with a note."""

    @property
    def carries_reason(self) -> bool:
        """Whether a cancellation reason belongs to it."""
        return self.target is ProgramStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class AccountAction(Act):
    """An act on the account alone. The program status stays as it is."""


def _ends(name: str, label: str, target: ProgramStatus, *sources: ProgramStatus) -> Transition:
    return Transition(
        name,
        label,
        past=target.value,
        account=ACCOUNT_FOLLOWS[target],
        permission=Permission.PROGRAM_END,
        target=target,
        sources=frozenset(sources),
    )


_GOING = (ProgramStatus.ACTIVE, ProgramStatus.SUSPENDED)

CANCEL = _ends("cancel", "Cancel", ProgramStatus.CANCELLED, *_GOING)
SUSPEND = _ends("suspend", "Suspend", ProgramStatus.SUSPENDED, ProgramStatus.ACTIVE)
COMPLETE = _ends("complete", "Complete", ProgramStatus.COMPLETED, *_GOING)
REINSTATE = Transition(
    "reinstate",
    "Reinstate",
    past="reinstated",
    account=AccountStatus.ACTIVE,
    permission=Permission.SEATS_TAKE,
    target=ProgramStatus.ACTIVE,
    sources=frozenset({ProgramStatus.SUSPENDED}),
    corrects=frozenset({ProgramStatus.COMPLETED, ProgramStatus.CANCELLED}),
)
DEACTIVATE = AccountAction(
    "deactivate",
    "Deactivate",
    past="deactivated",
    account=AccountStatus.DEACTIVATED,
    permission=Permission.PARTICIPANT_DEACTIVATE,
    not_recommended=(
        "Not recommended for a participant: the program stays active, reports go on counting an"
        " apprentice who left, and the profile cannot be edited until this is repaired."
        " Suspend, complete or cancel the program instead; the account follows by itself."
    ),
)
REACTIVATE = AccountAction(
    "reactivate",
    "Reactivate",
    past="reactivated",
    account=AccountStatus.ACTIVE,
    permission=Permission.SEATS_TAKE,
)

TRANSITIONS: Mapping[str, Transition] = {
    act.name: act for act in (CANCEL, SUSPEND, COMPLETE, REINSTATE)
}
ACCOUNT_ACTIONS: Mapping[str, AccountAction] = {act.name: act for act in (DEACTIVATE, REACTIVATE)}
ACTS: Mapping[str, Act] = {**TRANSITIONS, **ACCOUNT_ACTIONS}
"""Every act by its name, in the order in which pages offer them."""

TRANSITION_TO: Mapping[ProgramStatus, Transition] = {
    act.target: act for act in TRANSITIONS.values()
}
"""The transition that leads to a program status: what a form that sets the status performs."""


class Refusal(StrEnum):
    """Why a row was not changed, as a stable code with the words that a person reads."""

    NOT_FOUND = "There is no such record in what you can see."
    ENDED = "The program has already ended; reinstate it first."
    NEEDS_NOTE = "An ended program is reinstated only as a correction: say why in the note."
    OUT_OF_STEP = "The program is active but the account is deactivated: reactivate it instead."
    REPAIR_NOW = "The account is deactivated already: what happened is recorded now, not planned."
    REINSTATE_INSTEAD = "The program is not active: reinstate it instead."
    BEFORE_REGISTRATION = "The date lies before the registration date."
    NO_SPONSOR_SEAT = "No free seat: the sponsor's seat limit is reached."
    NO_EMPLOYER_SEAT = "No free seat: the employer's seat limit is reached."
    OWN_ACCOUNT = "You cannot deactivate your own account."
    STAFF = "Your role does not include the accounts of staff."
    MEANWHILE = "Somebody else changed this record meanwhile: look at it and try again."


NO_SEAT = frozenset({Refusal.NO_SPONSOR_SEAT, Refusal.NO_EMPLOYER_SEAT})


class TransitionRefused(Exception):
    """An act that did not happen to one subject: who, from which status, to which, and why."""

    def __init__(self, subject: int | None, source: str | None, target: str, why: str) -> None:
        super().__init__(why)
        self.subject, self.source, self.target, self.why = subject, source, target, why


class WrongDate(ValueError):
    """An effective date that cannot be."""


PLANS_REACH = timedelta(days=366)
"""How far ahead a change can be planned. A date beyond is rather mistyped."""


def is_plan(act: Act, given: date | None, today: date) -> bool:
    """Whether the date lies ahead: then `act` is planned, and done on that day.

    Raises `WrongDate` for an account, which is never changed later, and for a day too far ahead.
    """
    if given is None or given <= today:
        return False
    if not isinstance(act, Transition):
        raise WrongDate("An account is changed at once: leave the date empty.")
    if given > today + PLANS_REACH:
        raise WrongDate(f"{given.isoformat()} lies more than a year ahead, too far for a plan.")
    return True


def effects(
    act: Act, effective_date: date, reason: str | None = None, note: str | None = None
) -> dict[str, Any]:
    """Every column of a user that `act` sets, with its new value. Forms and batches both use it."""
    if not isinstance(act, Transition):
        return {"account_status": act.account}
    return {
        "program_status": act.target,
        "account_status": act.account,
        "status_date": effective_date,
        "cancellation_reason": reason if act.carries_reason else None,
        "status_note": note,
        "reported_on": None,  # the agency has not heard of this status
        "plan_id": None,  # whatever was planned was planned for another one
    }


def is_out_of_step(program: ProgramStatus | None, account: AccountStatus) -> bool:
    """Whether somebody deactivated the account alone: reports go on counting the apprentice."""
    return program is ProgramStatus.ACTIVE and account is AccountStatus.DEACTIVATED


def applies(act: Act, program: str | None, account: str) -> bool:
    """Whether a menu offers `act` for a user in this state. What counts is the judging of rows."""
    if not isinstance(act, Transition):
        ended = program is not None and program != ProgramStatus.ACTIVE
        return account != act.account and not (act.takes_seat and ended)
    return program in act.sources | act.corrects
