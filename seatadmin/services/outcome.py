"""What an act on any number of rows did, or would do."""

from dataclasses import dataclass, field
from datetime import date

from seatadmin.lifecycle import NO_SEAT, Refusal


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that was not changed, and why."""

    id: int
    why: Refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did, or would do: how many rows, which not, how many seats became free."""

    changed: int
    seats_freed: int
    unchanged: int = 0
    refused_total: int = 0
    refused: list[Refused] = field(default_factory=list)
    change_id: int | None = None
    planned_for: date | None = None
    """The day for which it is planned; then no row and no seat is changed before."""

    @property
    def lacked_seats(self) -> bool:
        """Whether nothing was changed because no seat was free."""
        return not self.changed and any(row.why in NO_SEAT for row in self.refused)
