"""What a drill tells: did it hold, in which figures, and did its control fail as it must."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drills.places import Place


@dataclass(frozen=True, slots=True)
class Outcome:
    """One drill on one database. `held` is None where it could not be done; `found` says why."""

    held: bool | None
    found: str
    control: str = ""
    control_failed: bool = False

    @property
    def verdict(self) -> str:
        """One word for the table: a drill whose control passes has shown nothing."""
        if self.held is None:
            return "skipped"
        if not self.control_failed:
            return "**no proof**"
        return "held" if self.held else "**broken**"


@dataclass(frozen=True, slots=True)
class Drill:
    """A fault, what must hold, and on which databases both make sense."""

    fault: str
    must: str
    run: Callable[[Place], Outcome]
    databases: tuple[str, ...] = ("sqlite", "pg")


def faults(wrong: Sequence[str]) -> str:
    """What went wrong, for the table: the first few, and how many there are."""
    if not wrong:
        return "nothing wrong"
    return f"{len(wrong)} wrong: {'; '.join(wrong[:4])}"
