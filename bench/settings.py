"""What is measured where: sizes, databases, and the folder that keeps the data between runs."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "RESULTS.md"
CACHE = Path(os.environ.get("BENCH_DIR") or Path.home() / ".cache" / "seat-admin-bench")

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
"""Participants. Sponsors and employers are the same at every size, so that pages compare."""

SPONSORS, EMPLOYERS = 50, 2_000
ROUNDS = int(os.environ.get("ROUNDS") or 40)
DATABASES = ("sqlite", "pg")
PASSWORD = "seat-admin-demo-2026"  # noqa: S105 (of made-up people)
EMAIL = "regulator@example.org"


@dataclass(frozen=True, slots=True)
class Environment:
    """One database at one address, as processes get it."""

    url: str

    def variables(self) -> dict[str, str]:
        """The environment of a process of the product over this database."""
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "SECRET_KEY": "a key for measurements only, never used elsewhere",
            "SEATADMIN_ENV": "development",
            "SEATADMIN_DEMO_PASSWORD": PASSWORD,
        }
