"""What SQLite's planner knows of the data. PostgreSQL gathers that by itself.

Without it SQLite takes one index for as good as another, and may read all of one for a page.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.orm import Session

from seatadmin.extensions import READS
from seatadmin.models import User

GROWN = 2
"""With so many times the people that the planner knows of, what it knows is no longer true."""

_INDEXES = text("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")
_KNOWN = text("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_user_name'")


def refresh(session: Session, when: Callable[[Connection], bool] = lambda _: True) -> None:
    """Gather it anew, index by index, so that others can write in between. Commits by itself."""
    bind: Any = session.get_bind()
    if bind.dialect.name != "sqlite":
        return
    with bind.connect().execution_options(**{READS: True}) as connection:  # in no transaction
        if when(connection):
            for name in connection.scalars(_INDEXES).all():
                connection.exec_driver_sql(f'ANALYZE "{name}"')


def refresh_if_grown(session: Session) -> None:
    """The same after many people came at once. Commits by itself."""
    refresh(session, _has_grown)


def _has_grown(connection: Connection) -> bool:
    people = connection.scalar(select(func.max(User.id))) or 0
    is_known = inspect(connection).has_table("sqlite_stat1")
    known = connection.scalar(_KNOWN) if is_known else None
    return people >= GROWN * int(known.split()[0]) if known else people > 0
