"""A plain model of the rules: it knows them by its own words, and neither SQL nor the program."""

from dataclasses import dataclass, field
from math import inf

ENDS = {"cancel": "cancelled", "suspend": "suspended", "complete": "completed"}

Verdict = str | tuple[str, str]
"""What becomes of a participant: a word, or the new program and account status."""


@dataclass
class Row:
    """A participant."""

    employer: int
    program: str = "active"
    account: str = "active"

    @property
    def seats(self) -> int:
        return int(self.account == "active")

    @property
    def out_of_step(self) -> bool:
        return (self.program, self.account) == ("active", "deactivated")


@dataclass
class Model:
    """Employers in their sponsors; the first one is where the employer administrator works."""

    sponsor_of: dict[int, int]
    rows: dict[int, Row] = field(default_factory=dict)
    limits: dict[tuple[str, int], int | None] = field(default_factory=dict)
    """Of ("sponsor", id) and ("employer", id)."""

    plans: dict[int, tuple[str, str, bool]] = field(default_factory=dict)
    """By whom, which act, with a note."""

    planned: dict[int, int] = field(default_factory=dict)
    """Which plan a participant waits for."""

    @property
    def employers(self) -> list[int]:
        return list(self.sponsor_of)

    def sees(self, role: str, employer: int) -> bool:
        own = self.employers[0]
        return {
            "regulator": True,
            "sponsor": self.sponsor_of[employer] == self.sponsor_of[own],
            "employer_admin": employer == own,
        }[role]

    def whose(self, employer: int) -> list[tuple[str, int]]:
        """The two whose limits count for a participant of this employer."""
        return [("employer", employer), ("sponsor", self.sponsor_of[employer])]

    def used(self, *whose: tuple[str, int]) -> int:
        """Seats used by these, or by all."""
        rows = self.rows.values()
        return sum(row.seats for row in rows if set(whose) <= set(self.whose(row.employer)))

    def free(self, whose: tuple[str, int]) -> float:
        limit = self.limits.get(whose)
        return inf if limit is None else limit - self.used(whose)

    def fits(self, employer: int, coming_from: int | None = None) -> bool:
        """Whether one more fits. Coming from an employer of the same sponsor takes none of it."""
        whose = self.whose(employer)
        if coming_from and self.sponsor_of[coming_from] == self.sponsor_of[employer]:
            whose = whose[:1]
        return all(self.free(one) > 0 for one in whose)

    def expected(self, role: str, act: str, noted: bool, ids: list[int]) -> dict[int, Verdict]:
        """What should become of each id: free seats go in the order of ids."""
        left = {whose: self.free(whose) for id in self.employers for whose in self.whose(id)}
        result: dict[int, Verdict] = {}
        for id in sorted(set(ids)):
            row = self.rows.get(id)
            if row is None or not self.sees(role, row.employer):
                result[id] = "NOT_FOUND"
                continue
            result[id] = judged(row, act, noted)
            if result[id] == ("active", "active"):
                for whose in self.whose(row.employer):
                    left[whose] -= 1
                    if left[whose] < 0:
                        result[id] = f"NO_{whose[0].upper()}_SEAT"
                        break
        return result

    def expected_of_plan(self, role: str, act: str, noted: bool, ids: list[int]) -> dict[int, str]:
        """What should become of each id that an act is planned for: planned, or why not."""
        result = {}
        for id in set(ids):
            row = self.rows.get(id)
            if row is None or not self.sees(role, row.employer):
                result[id] = "NOT_FOUND"
            elif not noted and id in self.planned and self.plans[self.planned[id]][1] == act:
                result[id] = "unchanged"
            elif row.out_of_step:
                result[id] = "REPAIR_NOW"
            else:
                end = judged(row, act, noted)
                result[id] = "planned" if isinstance(end, tuple) else end
        return result

    def become(self, id: int, end: tuple[str, str], act: str) -> None:
        """A participant's statuses after an act. A new program status replaces what was planned."""
        self.rows[id].program, self.rows[id].account = end
        if act in (*ENDS, "reinstate"):
            self.planned.pop(id, None)

    def remove(self, id: int) -> None:
        """A participant is deleted."""
        del self.rows[id]
        self.planned.pop(id, None)


def judged(row: Row, act: str, noted: bool) -> Verdict:
    """What becomes of a participant by one act, seats aside."""
    if act in ENDS:
        if row.program == ENDS[act]:
            return "unchanged"
        ended = row.program in ("completed", "cancelled")
        return "ENDED" if ended else (ENDS[act], "deactivated")
    if act == "deactivate":
        return (row.program, "deactivated") if row.seats else "unchanged"
    if row.seats:
        return "unchanged"
    if act == "reactivate":
        return ("active", "active") if row.out_of_step else "REINSTATE_INSTEAD"
    if row.out_of_step:
        return "OUT_OF_STEP"
    return ("active", "active") if row.program == "suspended" or noted else "NEEDS_NOTE"
