"""The rows of a made-up world, table by table, as plain values in the order of `COLUMNS`."""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from seatadmin.ledger import ChangeKind, Subject
from seatadmin.lifecycle import Act, Kind, Transition
from seatadmin.models import keys_of
from seatadmin.services.changes import STATE
from seatadmin.services.seeding.names import FIRST_NAMES, LAST_NAMES
from seatadmin.services.seeding.story import YEAR, Event, Story, iso, state_at_intake
from seatadmin.text import fold

Row = tuple[Any, ...]

COLUMNS: Mapping[str, Sequence[str]] = {
    "user": (
        *("id", "kind", "first_name", "last_name", "name_key", "search_text", "email"),
        *("email_key", "apprentice_number", "sponsor_id", "employer_id", "occupation"),
        *("registration_date", "expected_completion_date", "recorded_at", "version", "reported_on"),
        *STATE,
    ),
    "change": ("id", "at", "actor_id", "kind", "action", "subject", "effective_date", "reason"),
    "change_item": (
        *("change_id", "subject_id", "sponsor_id", "employer_id"),
        *(f"old_{key}" for key in STATE),
        *(f"new_{key}" for key in STATE),
    ),
    "change_scope": ("change_id", "sponsor_id", "employer_id", "subjects", "only_subject_id"),
    "seat_month": ("employer_id", "month", "sponsor_id", "taken"),
}

NOTHING = (None,) * len(STATE)


class Participants:
    """The participants of all workplaces, made while their rows are read once, and their log."""

    def __init__(self, first_id: int, count: int, random_seed: int) -> None:
        self.first_id = first_id
        self.registered = array("i", bytes(4 * count))
        self.random_seed = random_seed
        self.events: list[Event] = []
        """What happened, in the order of time; complete when the rows have been read."""

    def rows(self, stories: Iterable[Story], deck: Sequence[Act | None]) -> Iterator[Row]:
        """Rows of `user`."""
        rng = Random(f"people {self.random_seed}")  # noqa: S311
        for story in stories:
            for number in story.workplace.numbers:
                yield self._row(rng, story, number, deck[number % len(deck)])
            self.events += story.events
        self.events.sort(key=lambda event: event.order)

    def count(self, table: str) -> int:
        """How many rows a table gets; of the log, once the participants' rows have been read."""
        if table == "user":
            return len(self.registered)
        if table == "change_item":
            return sum(len(event.members) for event in self.events)
        return len(self.events)

    def _row(self, rng: Random, story: Story, number: int, fate: Act | None) -> Row:
        intake = last = story.intake(fate)
        intake.members.append(number)
        if fate is not None:
            last = story.ending(fate, intake.day)
            last.members.append(number)
        registered = intake.day - int(rng.random() * 21)
        self.registered[number] = registered
        first, last_name = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        name_key, searched, address = _keys(first, last_name)
        email, serial = f"{address}.{number + 1}@example.org", f"AP-{number + 1:07}"
        return (
            *(self.first_id + number, Kind.PARTICIPANT.value, first, last_name, name_key),
            *(f"{searched}{email}\n{serial.lower()}", email, email, serial),
            *(story.workplace.sponsor_id, story.workplace.id),
            rng.choice(story.workplace.occupations),
            iso(registered),
            iso(registered + YEAR + int(rng.random() * 3 * YEAR)),
            last.at,
            1 if fate is None else 2,
            story.reported(last, number),
            *(state_at_intake(registered) | last.changes).values(),
        )

    def items(self, first_change: int) -> Iterator[Row]:
        """Rows of `change_item`; the changes' ids go up from `first_change`."""
        for id, event in enumerate(self.events, start=first_change):
            place = (event.workplace.sponsor_id, event.workplace.id)
            for number in event.members:
                came = state_at_intake(self.registered[number])
                old = came.values() if event.act else NOTHING
                yield (id, self.first_id + number, *place, *old, *(came | event.changes).values())

    def changes(self, first_change: int) -> Iterator[Row]:
        """Rows of `change`."""
        for id, event in enumerate(self.events, start=first_change):
            yield (
                *(id, event.at, event.workplace.recorder_id, *_called(event)),
                *(Subject.PARTICIPANT.value, event.effective, event.reason),
            )

    def scopes(self, first_change: int) -> Iterator[Row]:
        """Rows of `change_scope`."""
        for id, event in enumerate(self.events, start=first_change):
            count = len(event.members)
            only = self.first_id + event.members[0] if count == 1 else None
            yield id, event.workplace.sponsor_id, event.workplace.id, count, only

    def months(self) -> Iterator[Row]:
        """Rows of `seat_month`: whoever came took a seat, and every ending freed one."""
        taken: Counter[tuple[int, str, int]] = Counter()
        for event in self.events:
            place = (event.workplace.id, f"{event.at[:7]}-01", event.workplace.sponsor_id)
            taken[place] += len(event.members) if event.act is None else -len(event.members)
        yield from ((*place, n) for place, n in taken.items())


def _called(event: Event) -> tuple[str, str]:
    """The kind of the change, and the action."""
    if event.act is None:
        kind = ChangeKind.CREATE if len(event.members) == 1 else ChangeKind.IMPORT
        return kind.value, kind.value
    kind = ChangeKind.TRANSITION if isinstance(event.act, Transition) else ChangeKind.ACCOUNT
    return kind.value, event.act.name


@cache
def _keys(first: str, last: str) -> tuple[str, str, str]:
    """A name's sort key, how its search text begins, and how it is written in an address."""
    keys = keys_of(first, last, None, None)
    address = ".".join(re.sub("[^a-z]", "", fold(name)) for name in (first, last))
    return keys["name_key"], keys["search_text"].removesuffix("\n"), address
