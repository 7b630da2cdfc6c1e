"""How much of each drill is done at each scale, and where the drills keep their data.

`full` is what docs/reliability.md should show before a release; `session` is all drills in less
than half an hour; `quick` shows in a few minutes that the drills themselves work.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "reliability.md"
FOLDER = Path(os.environ.get("DRILL_DIR") or Path.home() / ".cache" / "seat-admin-drills")
SCALES = ("quick", "session", "full")
SCALE = os.environ.get("SCALE") or "session"
DATABASES = ("sqlite", "pg")
PASSWORD = "seat-admin-demo-2026"  # noqa: S105 (of made-up people)
REGULATOR = "regulator@example.org"

_NUMBERS: dict[str, tuple[int, int, int]] = {
    "seats.rounds": (6, 40, 200),
    "kill.moments": (4, 16, 100),
    "kill.rows": (10_000, 50_000, 100_000),
    "restart.seconds": (20, 60, 200),
    "restart.every": (8, 20, 20),
    "patroni.kills": (1, 3, 20),
    "writers.seconds": (6, 30, 60),
    "disk.participants": (10_000, 20_000, 20_000),
    "staff.participants": (10_000, 100_000, 100_000),
    "staff.seconds": (10, 120, 600),
    "staff.pg": (20, 200, 200),
    "staff.sqlite": (10, 25, 25),
    "bad.requests": (2_500, 6_000, 20_000),
    "bad.fuzz": (2_000, 100_000, 1_000_000),
    "machine.examples": (8, 60, 5_000),
    "machine.steps": (15, 30, 50),
}


def number(name: str) -> int:
    """A number of a drill at the present scale."""
    return _NUMBERS[name][SCALES.index(SCALE)]
