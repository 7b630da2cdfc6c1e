"""Today is what this process's clock says, so that clock must be right: is it everybody's?"""

import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

LARGEST_SKEW = 300.0
"""Seconds. Clocks that are kept by a time service differ by less than one."""

NOW = text("SELECT extract(epoch FROM clock_timestamp())")


def skew(session: Session) -> float:
    """Seconds by which this process's clock is ahead of the others'.

    Of the database's, which all workers share; that takes one statement. SQLite has no clock of its
    own, and all its workers are on one machine: there it is the kernel's, where that is told.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    other = _kernel() if sqlite else float(session.execute(NOW).scalar_one())
    return time.time() - other if other else 0.0


def is_wrong(session: Session) -> bool:
    """Whether this process must not date anything."""
    return abs(skew(session)) > LARGEST_SKEW


def _kernel() -> float | None:
    """When the machine was started, and how long ago that is, as Linux tells."""
    try:
        booted = Path("/proc/stat").read_text().partition("\nbtime ")[2].partition("\n")[0]
        return float(booted) + float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError):
        return None
