"""Charts of used seats against limits: where each column and line of the picture lies.

Only numbers are worked out here; `macros/chart.html` draws them. The unit is that of the drawing,
which is as wide as its place.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from seatadmin.services.history import Month
from seatadmin.services.seats import Usage
from seatadmin.views import cells

WIDTH, TOP, BASE, BOTTOM = 360, 14, 128, 146
"""The width of a drawing, and the heights of its highest value, its zero and its labels."""

MOST = 60
"""Columns that a picture can show; of more organizations, the first on the page are shown."""

NAMED = 12
"""So many organizations have room for their names below the columns."""

LONGEST = 14
"""Letters of such a name; the rest is read when it is pointed at, and in the table."""

ROOM = 52, 44
"""What slanted names take below the picture, and left of it."""

THICKEST = 24


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart, as it is drawn and as it is told."""

    name: str
    usage: Usage
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        """From the value down to zero."""
        return round(BASE - self.y, 1)

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.x + self.width / 2, 1)

    @property
    def label(self) -> str:
        """As much of the name as there is room for."""
        return self.name if len(self.name) <= LONGEST else f"{self.name[: LONGEST - 1]}…"

    @property
    def tone(self) -> str:
        """How full it is."""
        used, limit = self.usage.used, self.usage.limit
        return "good" if limit is None else cells.tone_of(used, limit)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its name, what it shows in words, and whether its columns bear labels.

    They are months, or the names of organizations, which are `slanted`.
    """

    id: str
    title: str
    words: str
    columns: Sequence[Column]
    limits: str
    """The path of the limits."""
    highest: int
    labeled: bool = False
    slanted: bool = False

    width, base, bottom, top = WIDTH, BASE, BOTTOM, TOP

    @property
    def box(self) -> str:
        """The part of the plane that is drawn on."""
        below, left = ROOM if self.slanted else (4, 0)
        return f"{-left} 0 {WIDTH + left} {BOTTOM + below}"


def of_months(months: Sequence[Month]) -> Chart:
    """The months of somebody's seats."""
    points = [(f"{month.first:%b %Y}", month.usage) for month in months]
    (before, then), (_, now) = points[0], points[-1]
    allowed = "there is no limit" if now.limit is None else f"{now.limit:,} are allowed"
    words = (
        f"At the end of {before} {_seats(then.used)} used; now {_seats(now.used)} used,"
        f" and {allowed}. All numbers stand in the table that follows."
    )
    return _chart("months", "The last 12 months", words, points, labeled=True)


def of_organizations(rows: Iterable[Any], kind: str) -> Chart | None:
    """The organizations of a page side by side; None where there is nothing to compare."""
    points = [(row.name, Usage(row.used, row.seat_limit)) for row in rows][:MOST]
    if len(points) < 2:
        return None
    over = sum(usage.free is not None and usage.free < 0 for _, usage in points)
    words = (
        f"{len(points)} {kind}s, of which {over or 'none'} {'are' if over > 1 else 'is'} over the"
        " limit. All numbers stand in the table of this page."
    )
    title = f"{kind.capitalize()}s side by side"
    return _chart(f"{kind}s", title, words, points, slanted=len(points) <= NAMED)


def _chart(
    id: str, title: str, words: str, points: Sequence[tuple[str, Usage]], **labels: bool
) -> Chart:
    highest = max(max(usage.used, usage.limit or 0) for _, usage in points)
    slot = WIDTH / len(points)
    thick = min(THICKEST, slot * 0.7)

    def height(seats: int) -> float:
        return round(BASE - (BASE - TOP) * seats / (highest or 1), 1)

    columns = [
        Column(
            name,
            usage,
            round(i * slot + (slot - thick) / 2, 1),
            height(usage.used),
            round(thick, 1),
        )
        for i, (name, usage) in enumerate(points)
    ]
    return Chart(id, title, words, columns, _limits(points, slot, height), highest, **labels)


def _limits(
    points: Sequence[tuple[str, Usage]], slot: float, height: Callable[[int], float]
) -> str:
    """A line over the column of each that has a limit."""
    return "".join(
        f"M{i * slot:.1f} {height(usage.limit)}h{slot:.1f}"
        for i, (_, usage) in enumerate(points)
        if usage.limit is not None
    )


def _seats(used: int) -> str:
    return "1 seat was" if used == 1 else f"{used:,} seats were"
