"""Connections to PostgreSQL are kept between requests: one that broke is left out in time.

To ask each before it is used costs a page one more way to the server and back. So it is asked only
where its socket has something to tell (mostly that the server hung up), or after some quiet, in
which a firewall may have forgotten it.
"""

import select
import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError

QUIET = 30
"""Seconds since its last use, after which a connection is asked."""

USED = "seatadmin_used"
"""Where a pooled connection keeps when it was last in use."""


@event.listens_for(Engine, "checkout", insert=True)  # before anything else is said to it
def _leave_out_the_broken(connection: Any, record: Any, _proxy: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        return
    if connection.closed or not (_was_in_use(record) and _is_silent(connection)):
        _ask(connection)


@event.listens_for(Engine, "connect")
@event.listens_for(Engine, "checkin")
def _note_its_use(_connection: Any, record: Any) -> None:
    record.info[USED] = monotonic()


def _was_in_use(record: Any) -> bool:
    used: float = record.info[USED]
    return monotonic() < used + QUIET


def _is_silent(connection: Any) -> bool:
    """Whether the server has sent nothing since its last answer."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return not waiting.poll(0)


def _ask(connection: Any) -> None:
    """Raise `InvalidatePoolError` if nobody answers: then those of the same age are left out too.

    Outside a transaction: to roll one back would cost the statements that are kept prepared.
    """
    import psycopg  # a start on SQLite is quicker without it

    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error as error:
        raise InvalidatePoolError from error
