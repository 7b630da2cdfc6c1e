"""What the lines of one file come to, gathered while they are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from seatadmin.lifecycle import AccountStatus
from seatadmin.services.imports.answer import Answer, RefusedLine
from seatadmin.services.imports.judging import Verdict
from seatadmin.services.imports.organizations import Place


class Move(NamedTuple):
    """A seat that a line gives back, takes, or carries from one employer to another."""

    line: int
    frees: Place | None
    takes: Place | None

    @property
    def freed(self) -> int:
        """Seats that become free by it."""
        return bool(self.frees) - bool(self.takes)


@dataclass(slots=True)
class Findings:
    """Numbers of lines by what becomes of them."""

    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    same: int = 0
    skipped: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    awaiting: dict[int, int] = field(default_factory=dict)
    """Employers that are still to be created, by line."""

    def take(self, verdict: Verdict) -> None:
        """Note a line that is not refused so far."""
        line, old, values = verdict.line, verdict.old, verdict.values
        if not verdict.differs:
            self.same += 1
            return
        (self.changed if old else self.new).add(line)
        frees, takes = (_seat(old) if old else None), _seat(values)
        if frees != takes:
            self.moves.append(Move(line, frees, takes))
        if values["employer_id"] < 0:
            self.awaiting[line] = values["employer_id"]

    def refuse(self, whys: Mapping[int, str]) -> None:
        """Refuse lines that were taken before."""
        self.refused |= whys
        self.new -= whys.keys()
        self.changed -= whys.keys()
        self.moves = [move for move in self.moves if move.line not in whys]
        for line in whys:
            self.awaiting.pop(line, None)

    def answer(self, dropped_columns: list[str], change_id: int | None = None) -> Answer:
        """Sum up."""
        return Answer(
            new=len(self.new),
            changed=len(self.changed),
            same=self.same,
            skipped=self.skipped,
            refused=[RefusedLine(line, why) for line, why in sorted(self.refused.items())],
            seats_freed=sum(move.freed for move in self.moves),
            dropped_columns=dropped_columns,
            change_id=change_id,
        )


def _seat(values: Mapping[str, Any]) -> Place | None:
    """The employer whose seat a participant uses; None without an active account."""
    if values["account_status"] is not AccountStatus.ACTIVE:
        return None
    return values["sponsor_id"], values["employer_id"]
