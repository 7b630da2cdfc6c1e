"""Loading tables without what is cheaper to make once, at the end, than to keep row by row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from seatadmin.services.progress import Report, silent

INDEXING = "Indexing"
"""The stage that is reported."""

SQLITE = """
    SELECT 'DROP ' || type || ' "' || name || '"', sql FROM sqlite_master
    WHERE tbl_name = :table AND sql IS NOT NULL AND (type = 'index' OR type = 'trigger'
        AND (name LIKE 'user_search%' OR name LIKE '%_no_replace'))
"""
POSTGRESQL = """
    SELECT format('DROP INDEX %I', indexname), indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename = :table
    AND indexname NOT IN (SELECT conname FROM pg_constraint)
    UNION ALL
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', :table, conname),
        format('ALTER TABLE %I ADD CONSTRAINT %I %s', :table, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND conrelid = format('%I', :table)::regclass
"""


@contextmanager
def unindexed(session: Session, tables: Sequence[str], report: Report = silent) -> Iterator[None]:
    """Take the secondary indexes of empty `tables` away in a block, in its transaction.

    Also SQLite's search index and what refuses to replace a row, and PostgreSQL's foreign keys: all
    rows are held against those at once. Other constraints and the triggers that count seats stay.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    asked = text(SQLITE if sqlite else POSTGRESQL)
    found = [row for table in tables for row in session.execute(asked, {"table": table})]
    connection = session.connection()
    for away, _back in found:
        connection.exec_driver_sql(away)
    yield
    for done, (_away, back) in enumerate(found):
        report(done, len(found), INDEXING)
        connection.exec_driver_sql(back)
    report(len(found), len(found), INDEXING)
    if sqlite:
        connection.exec_driver_sql("INSERT INTO user_search (user_search) VALUES ('rebuild')")
