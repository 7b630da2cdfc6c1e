"""What one should know before an act: said in the dialog, never a refusal, and no legal advice.

Which hint applies to which act under which facts stands here as data. No Flask, no database.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from seatadmin.lifecycle import CANCEL, AccountStatus, Act, ProgramStatus, Transition
from seatadmin.permissions import Reach


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the rows that an act would change, and by whom and when."""

    reach: Reach
    effective_date: date
    changed: int = 0
    in_probation: int = 0
    emptied: Sequence[str] = ()
    """The sponsors that would be left without an active participant."""
    planned: int = 0
    """For how many of them something is planned."""
    report_days: int = 45
    probation_days: int = 90
    participants: int = 0
    """How many of those that would change are participants; the others are staff."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint: when it applies, and its words. A `grave` one comes first and stands out."""

    applies: Callable[[Act, Facts], object]
    words: Callable[[Act, Facts], str]
    grave: bool = False


def ends(act: Act) -> bool:
    """Whether an act ends or suspends a program, of which the agency must hear."""
    return isinstance(act, Transition) and not act.takes_seat


def report_by(effective_date: date, days: int) -> date:
    """The last day on which the agency should hear of it."""
    return effective_date + timedelta(days=days)


def report_line(since: date, reported_on: date | None, today: date, days: int) -> tuple[str, str]:
    """Whether the agency has heard of an ending, in words, and their tone."""
    if reported_on:
        return f"Reported on {_day(reported_on)}.", "good"
    due, passed = report_by(since, days), (today - since).days
    ago = f"{passed:,} {'day' if passed == 1 else 'days'} since it took effect."
    if due < today:
        return f"Not reported, overdue since {_day(due)}: {ago}", "warn"
    return f"Not reported, due by {_day(due)}: {ago}", "pause"


def why_seat(program: ProgramStatus | None, account: AccountStatus) -> str:
    """Why a participant uses a seat, or none."""
    if account is AccountStatus.ACTIVE:
        return "the account is active"
    if program is ProgramStatus.ACTIVE:
        return "the account was deactivated, though the program is active"
    return f"the program is {program}"


HINTS = (
    Hint(
        lambda act, facts: act.not_recommended and facts.participants,
        lambda act, _: act.not_recommended,
        grave=True,
    ),
    Hint(lambda _, facts: facts.emptied, lambda _, facts: _last_of(facts.emptied), grave=True),
    Hint(lambda _, facts: facts.planned, lambda _, facts: _replaced(facts)),
    Hint(
        lambda act, facts: act is CANCEL and facts.in_probation,
        lambda _, facts: _in_probation(facts),
    ),
    Hint(
        lambda act, facts: ends(act) and facts.changed and facts.reach is Reach.EMPLOYER,
        lambda _, facts: (
            "Your sponsor must tell the registration agency about it within"
            f" {facts.report_days} days, and sees it listed until then."
        ),
    ),
    Hint(
        lambda act, facts: ends(act) and facts.changed and facts.reach is not Reach.EMPLOYER,
        lambda _, facts: (
            "The sponsor must tell the registration agency about it within"
            f" {facts.report_days} days: by {_due(facts)}."
        ),
    ),
)
"""In the order in which they are shown."""


def hints(act: Act, facts: Facts) -> Iterator[tuple[str, bool]]:
    """The words of the hints that apply, and whether they are grave."""
    for hint in HINTS:
        if hint.applies(act, facts):
            yield hint.words(act, facts), hint.grave


def _last_of(sponsors: Sequence[str]) -> str:
    named = ", ".join(sponsors[:3]) + (f" and {len(sponsors) - 3} more" if sponsors[3:] else "")
    return f"No active participant would be left of {named}: a program needs at least one."


def _in_probation(facts: Facts) -> str:
    those = "It is" if facts.changed == 1 else f"{facts.in_probation:,} of them are"
    return (
        f"{those} within {facts.probation_days} days of the registration: in probation, a"
        " cancellation does not count against the completion rate."
    )


def _replaced(facts: Facts) -> str:
    those = "it" if facts.changed == 1 else f"{facts.planned:,} of them"
    return f"What is planned for {those} is replaced by this."


def _due(facts: Facts) -> str:
    return _day(report_by(facts.effective_date, facts.report_days))


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day:%Y}"
