"""What happened to the participants of one made-up employer, as events that they share.

A participant came by an intake (an import on some day of the last five years) and may have left by
an ending (a batch of the staff, about one a month). The change log is written from the events, and
the participants' rows from the last event of each, so that both agree.

Days are ordinals here: millions of them are compared and shifted.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from random import Random
from typing import Any

from seatadmin.lifecycle import (
    CANCEL,
    COMPLETE,
    DEACTIVATE,
    SUSPEND,
    AccountStatus,
    Act,
    ProgramStatus,
    Transition,
    effects,
)
from seatadmin.services.changes import STATE

MONTH, YEAR = 28, 365
LATE = 10
"""At most so many days pass until an ending is recorded."""

LEAST_STAY = {COMPLETE.name: YEAR}
"""Days from intake to ending, where two weeks are not enough."""

MOST_MONTHS = {SUSPEND.name: 10, DEACTIVATE.name: 6}
"""How long ago an ending lies at most, where it would not be left as it is for years."""

REASONS = (
    *["left_employment"] * 7,
    *["own_request"] * 4,
    *["laid_off"] * 4,
    *["unsatisfactory_progress"] * 2,
    *["dismissed"] * 2,
    *["transferred", "never_started", "health", "other", None],
)
"""Why programs were cancelled, as often as it happens. None: nobody said."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """An employer with the numbers of its participants and the user who records its changes."""

    id: int
    sponsor_id: int
    recorder_id: int
    occupations: tuple[str, ...]
    numbers: range


@dataclass(eq=False, slots=True)
class Event:
    """Something that happened to several participants at once: a change of the log."""

    workplace: Workplace
    day: int
    at: str
    act: Act | None = None
    effective: str | None = None
    reason: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    """The columns of a participant's state that it sets."""
    members: "array[int]" = field(default_factory=lambda: array("i"))

    @property
    def order(self) -> tuple[str, int, str]:
        """Its place in the log."""
        return self.at, self.workplace.id, self.act.name if self.act else ""


class Story:
    """The events of one workplace, made as they are needed."""

    def __init__(self, rng: Random, workplace: Workplace, today: int) -> None:
        self.workplace = workplace
        self._rng = rng
        self._today = today
        self._last_batch = today - rng.randint(1, MONTH)
        oldest = today - rng.randint(5 * YEAR // 2, 5 * YEAR - 50)
        more = min(20, len(workplace.numbers) // 6)
        self._intakes = sorted({oldest, *(rng.randint(oldest, today - 1) for _ in range(more))})
        self._events: dict[tuple[int, Act | None], Event] = {}

    @property
    def events(self) -> list[Event]:
        """Everything that happened so far."""
        return list(self._events.values())

    def intake(self, fate: Act | None) -> Event:
        """One of the days on which participants came, early enough for what became of them."""
        latest = self._today if fate is None else self._last_batch - LATE - _least_stay(fate)
        soon_enough = bisect_right(self._intakes, latest)
        day = self._intakes[int(self._rng.random() * soon_enough)]
        return self._event(day, None, self._make_intake)

    def ending(self, act: Act, came: int) -> Event:
        """One of the batches that could end what began on the day `came`."""
        months = (self._last_batch - LATE - _least_stay(act) - came) // MONTH
        months = min(months, MOST_MONTHS.get(act.name, months))
        day = self._last_batch - MONTH * int(self._rng.random() * (months + 1))
        return self._event(day, act, self._make_ending)

    def reported(self, last: Event, number: int) -> str | None:
        """When the agency was told of an ending: mostly within two weeks, now and then not yet."""
        day = last.day + number % 14
        if not isinstance(last.act, Transition) or day >= self._today or number % 40 == 7:
            return None
        return iso(day)

    def _event(self, day: int, act: Act | None, make: Callable[[int, Any], Event]) -> Event:
        known = self._events.get((day, act))
        if known is None:
            known = self._events[day, act] = make(day, act)
        return known

    def _make_intake(self, day: int, _act: None) -> Event:
        return Event(self.workplace, day, self._moment(day, 8))

    def _make_ending(self, day: int, act: Act) -> Event:
        took_effect = date.fromordinal(day - self._rng.randint(0, LATE))
        reason = self._rng.choice(REASONS) if act is CANCEL else None
        changes = _state(effects(act, took_effect, reason))
        effective = changes.get("status_date")
        moment = self._moment(day, 13)
        return Event(self.workplace, day, moment, act, effective, reason, changes)

    def _moment(self, day: int, hour: int) -> str:
        minutes = hour * 60 + self._rng.randrange(4 * 60)
        return f"{iso(day)} {minutes // 60:02}:{minutes % 60:02}:00"


def state_at_intake(registered: int) -> dict[str, Any]:
    """The state of a participant who has just come, registered on that day."""
    return {
        "program_status": ProgramStatus.ACTIVE.value,
        "account_status": AccountStatus.ACTIVE.value,
        "status_date": iso(registered),
        "cancellation_reason": None,
    }


@cache
def iso(day: int) -> str:
    """A day as both databases read it."""
    return date.fromordinal(day).isoformat()


def _state(values: dict[str, Any]) -> dict[str, Any]:
    """The columns that the log records, as both databases read them."""
    return {key: _plain(value) for key, value in values.items() if key in STATE}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _least_stay(act: Act) -> int:
    return LEAST_STAY.get(act.name, MONTH // 2)
