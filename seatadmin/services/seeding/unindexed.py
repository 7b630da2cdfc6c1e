"""Loading a table without its secondary indexes, which are cheaper to build once at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from seatadmin.services.progress import Report, silent

INDEXING = "Indexing"
"""The stage that is reported."""

SQLITE = """
    SELECT type, name, sql FROM sqlite_master
    WHERE tbl_name = :table AND sql IS NOT NULL
    AND (type = 'index' OR type = 'trigger' AND name LIKE 'user_search%')
"""
POSTGRESQL = """
    SELECT 'index', indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename = :table
    AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


@contextmanager
def unindexed(session: Session, table: str, report: Report = silent) -> Iterator[None]:
    """Take `table`'s secondary indexes (and the search index) away in a block, in its transaction.

    Constraints and the triggers that count seats stay.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    found = session.execute(text(SQLITE if sqlite else POSTGRESQL), {"table": table}).all()
    for kind, name, _sql in found:
        session.execute(text(f'DROP {kind} "{name}"'))
    yield
    for done, (_kind, _name, sql) in enumerate(found):
        report(done, len(found), INDEXING)
        session.connection().exec_driver_sql(sql)
    report(len(found), len(found), INDEXING)
    if sqlite:
        session.execute(text("INSERT INTO user_search (user_search) VALUES ('rebuild')"))
