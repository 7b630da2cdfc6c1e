"""The shape of a made-up world: who sponsors whom, how many people where, how many seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from seatadmin.lifecycle import CANCEL, COMPLETE, DEACTIVATE, SUSPEND, Act
from seatadmin.services.seeding import names

DECK: tuple[Act | None, ...] = (
    *[None] * 59,
    *[COMPLETE] * 18,
    *[CANCEL] * 16,
    *[SUSPEND] * 6,
    DEACTIVATE,
)
"""What became of every hundred participants. None: still active, with a seat."""


class WrongSize(ValueError):
    """Numbers of which no world can be made."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each, and the number that chance starts from: the same number, the same world."""

    participants: int
    sponsors: int
    employers: int
    random_seed: int = 1

    def check(self) -> None:
        """Raise `WrongSize` unless every sponsor can have an employer."""
        if self.participants < 0:
            raise WrongSize("The number of participants cannot be negative.")
        if self.sponsors < 1:
            raise WrongSize("One sponsor at least is needed.")
        if self.employers < self.sponsors:
            raise WrongSize("Every sponsor needs an employer: give as many employers at least.")


@dataclass(frozen=True, slots=True)
class PlannedEmployer:
    """An employer, the position of its sponsor, and the numbers of its participants."""

    name: str
    sponsor: int
    numbers: range
    seat_limit: int | None


@dataclass(frozen=True, slots=True)
class PlannedSponsor:
    """A sponsor, and the trade that its apprentices learn."""

    name: str
    trade: str
    seat_limit: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it; participant number n has the fate `deck[n % 100]`."""

    sponsors: Sequence[PlannedSponsor]
    employers: Sequence[PlannedEmployer]
    deck: Sequence[Act | None]


def plan(size: Size) -> Plan:
    """Lay out a world of this size. Raises `WrongSize`."""
    size.check()
    rng = Random(size.random_seed)  # noqa: S311 (chance that can be repeated, nothing secret)
    deck = rng.sample(DECK, len(DECK))
    sponsors = [*range(size.sponsors)]
    belongs = sponsors + rng.choices(sponsors, k=size.employers - size.sponsors)
    numbers = _spread(rng, size.participants, size.employers)
    used = [sum(deck[number % len(deck)] is None for number in each) for each in numbers]
    of_sponsor = [0] * size.sponsors
    for sponsor, seats in zip(belongs, used, strict=True):
        of_sponsor[sponsor] += seats
    return Plan(_sponsors(rng, of_sponsor), _employers(rng, belongs, numbers, used), deck)


def _sponsors(rng: Random, used: Sequence[int]) -> list[PlannedSponsor]:
    """Sponsors with a seat limit each: some have no seat left, the first (the demo's) has."""
    named = zip(names.sponsors(rng), used, strict=False)
    return [
        PlannedSponsor(name, trade, _limit(rng, seats, lowest=70 if index else 110))
        for index, ((name, trade), seats) in enumerate(named)
    ]


def _employers(
    rng: Random, belongs: Sequence[int], numbers: Sequence[range], used: Sequence[int]
) -> list[PlannedEmployer]:
    """Employers, of which one in eight has a seat limit of its own; the first has none."""
    named = zip(names.employers(rng), belongs, numbers, used, strict=False)
    return [
        PlannedEmployer(
            name, sponsor, each, _limit(rng, seats) if index and rng.random() < 1 / 8 else None
        )
        for index, (name, sponsor, each, seats) in enumerate(named)
    ]


def _spread(rng: Random, participants: int, employers: int) -> list[range]:
    """Number the participants through, one employer after the other: one each, the rest unevenly.

    The first employer gets most, so that the demo's sign-in has something to do.
    """
    ranks = [1, *rng.sample(range(2, employers + 1), employers - 1)]
    weights = list(accumulate(rank**-0.5 for rank in ranks))
    rest = max(0, participants - employers)
    ends = [
        min(index, participants) + round(rest * weight / weights[-1])
        for index, weight in enumerate(weights, start=1)
    ]
    return [range(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def _limit(rng: Random, used: int, lowest: int = 70, highest: int = 130) -> int | None:
    """A limit between these percentages of what is used; none where nothing is used."""
    most = used * highest // 100
    return rng.randint(min(-(-used * lowest // 100), most), most) if used else None
