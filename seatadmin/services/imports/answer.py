"""What an import did, or would do."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of the file that cannot be imported, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How many lines are new, changed, the same, skipped; which are refused.

    `seats_freed` is negative when seats are taken. `change_id` is None when nothing was written:
    a dry run, a refused line, or nothing new in the file.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    skipped: int = 0
    refused: list[RefusedLine] = field(default_factory=list)
    seats_freed: int = 0
    dropped_columns: list[str] = field(default_factory=list)
    change_id: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        return asdict(self)
