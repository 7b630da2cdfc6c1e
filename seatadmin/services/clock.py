"""Today is what this machine's clock says, so that clock must be right: is it the database's?"""

import time

from sqlalchemy import text
from sqlalchemy.orm import Session

LARGEST_SKEW = 300.0
"""Seconds. Clocks that are kept by a time service differ by less than one."""

NOW = text("SELECT extract(epoch FROM clock_timestamp())")


def skew(session: Session) -> float:
    """Seconds by which this process's clock is ahead of the database's; sends one statement.

    SQLite has no clock of its own: it takes the process's, and there is nothing to compare.
    """
    if session.get_bind().dialect.name == "sqlite":
        return 0.0
    return time.time() - float(session.execute(NOW).scalar_one())


def is_wrong(session: Session) -> bool:
    """Whether this process must not date anything."""
    return abs(skew(session)) > LARGEST_SKEW
