"""What a line would make of its person: every value after it, or why it is refused."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from seatadmin.lifecycle import (
    ACCOUNT_FOLLOWS,
    TRANSITION_TO,
    ProgramStatus,
    Refusal,
    effects,
    is_out_of_step,
)
from seatadmin.services.fields import check_dates
from seatadmin.services.imports.organizations import Organizations, Reasons
from seatadmin.services.imports.people import WRITTEN, Person
from seatadmin.services.imports.roster import Line
from seatadmin.services.participants import OUT_OF_STEP

Values = dict[str, Any]

NOBODY: Person = dict.fromkeys((*WRITTEN, "email_key"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a line's person."""

    line: int
    old: Person | None
    values: Values
    """Every column after it; only those that the line gives, if nothing differs by it."""
    differs: list[str]


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns what a line gives into values, by the rules of `lifecycle`."""

    organizations: Organizations
    reasons: Reasons
    today: date

    def verdict(self, line: Line, old: Person | None) -> Verdict:
        """Judge a line about `old`, or about somebody new.

        Raises ValueError, with the sentence that a person reads.
        """
        given, before = self._given(line, old), old or NOBODY
        if old and given.items() <= old.items():  # most lines of most files: nothing to judge
            return Verdict(line.number, old, given, [])
        values = {**before, **given, "account_status": before["account_status"]}
        if old is None:
            self._begin(values, given)
        else:
            self._continue(values, given, old)
        _check_status(given, values)
        differs = [key for key in WRITTEN if values[key] != before[key]]
        if differs:  # what is stored stays, also what would be refused today
            self._check_whole(values, old)
        return Verdict(line.number, old, values, differs)

    def _given(self, line: Line, old: Person | None) -> Values:
        """What a line gives, organizations by their ids and the reason by its code."""
        given = dict(line.given)
        if "cancellation_reason" in given:
            stored = old["cancellation_reason"] if old else None
            given["cancellation_reason"] = self.reasons.code(given["cancellation_reason"], stored)
        sponsor, employer = given.pop("sponsor", None), given.pop("employer", None)
        place = self.organizations.place(sponsor, employer, old)
        given["sponsor_id"], given["employer_id"] = place
        return given

    def _begin(self, values: Values, given: Values) -> None:
        """The status of a new participant: active since the registration, or ended by today.

        Who comes without a registration date was there by the day of the status, or comes today.
        """
        if not (values["first_name"] and values["last_name"]):
            raise ValueError("A new participant needs a first and a last name.")
        by_then = min(given.get("status_date", self.today), self.today)
        registered = values["registration_date"] = given.get("registration_date", by_then)
        status = given.get("program_status", ProgramStatus.ACTIVE)
        values |= _effects(status, given, self.today if status in ACCOUNT_FOLLOWS else registered)

    def _continue(self, values: Values, given: Values, old: Person) -> None:
        """The status of somebody who is there: by a transition, or the same one, corrected."""
        status = values["program_status"]
        if status is not old["program_status"]:
            _check_transition(status, given, old)
            values |= _effects(status, given, self.today)
        elif (
            status not in ACCOUNT_FOLLOWS
            and "status_date" not in given
            and old["status_date"] == old["registration_date"]
        ):
            values["status_date"] = values["registration_date"]  # active since it was registered

    def _check_whole(self, values: Values, old: Person | None) -> None:
        if old and is_out_of_step(values["program_status"], values["account_status"]):
            raise ValueError(OUT_OF_STEP)
        check_dates(
            values["registration_date"],
            values["expected_completion_date"],
            values["status_date"],
            self.today,
        )


def _check_status(given: Values, values: Values) -> None:
    """What the line says of reason and account must go with the program status."""
    status = values["program_status"]
    if "cancellation_reason" in given and not TRANSITION_TO[status].carries_reason:
        raise ValueError("A cancellation reason belongs to a cancelled program only.")
    account = ACCOUNT_FOLLOWS.get(status)
    if account and given.get("account_status", account) is not account:
        raise ValueError(f"The account is {account}, because the program is {status}.")


def _check_transition(status: ProgramStatus, given: Values, old: Person) -> None:
    transition, before = TRANSITION_TO[status], old["program_status"]
    if before in transition.corrects and "status_note" not in given:
        raise ValueError(Refusal.NEEDS_NOTE)
    if before not in transition.sources | transition.corrects:
        raise ValueError(Refusal.ENDED)


def _effects(status: ProgramStatus, given: Values, day: date) -> Values:
    """What the transition to `status` sets; `day` is when it took effect, unless the line says."""
    return effects(
        TRANSITION_TO[status],
        given.get("status_date", day),
        given.get("cancellation_reason"),
        given.get("status_note"),
    )
