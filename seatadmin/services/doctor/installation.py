"""Invariants of the database itself: its triggers, its migrations, its file."""

from collections.abc import Iterator
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from seatadmin.services.doctor.invariant import Invariant

MIGRATIONS = Path(__file__).parents[3] / "migrations"

AUDIT = ("change", "change_item", "change_scope", "change_seal", "change_personal")

TRIGGERS = frozenset(
    {
        *(f"seat_count_{verb}" for verb in ("employer", "insert", "update", "delete")),
        *(f"{table}_no_update" for table in AUDIT),
        *(f"{table}_no_delete" for table in AUDIT if table != "change_personal"),
        "seat_month_keep",
    }
)
"""What keeps the seat counts and their months, and keeps the audit from being rewritten."""

OWN_TRIGGERS = {
    "sqlite": frozenset(
        {
            *(f"user_search_{verb}" for verb in ("insert", "update", "delete")),
            *(f"{table}_no_replace" for table in AUDIT),
        }
    ),
    "postgresql": frozenset(f"{table}_no_truncate" for table in AUDIT),
}
"""What one database needs: SQLite's search index is kept by triggers, PostgreSQL keeps its own."""

LISTED = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def _missing_triggers(session: Session) -> Iterator[object]:
    dialect = session.get_bind().dialect.name
    needed = TRIGGERS | OWN_TRIGGERS[dialect]
    yield from sorted(needed - set(session.scalars(text(LISTED[dialect]))))


def _missing_migrations(session: Session) -> Iterator[object]:
    context = MigrationContext.configure(session.connection())
    heads = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    yield from sorted(heads ^ set(context.get_current_heads()))


def _broken_references(session: Session) -> Iterator[object]:
    """SQLite only: PostgreSQL has no foreign keys that are not checked."""
    if session.get_bind().dialect.name == "sqlite":
        for table, row, parent, _key in session.execute(text("PRAGMA foreign_key_check")):
            yield f"{table} {row} (no such {parent})"


def _damage(session: Session) -> Iterator[object]:
    """SQLite only."""
    if session.get_bind().dialect.name == "sqlite":
        for said in session.scalars(text("PRAGMA quick_check")):
            if said != "ok":
                yield said


INVARIANTS = (
    Invariant(
        "triggers",
        "The triggers that count seats, index names and protect the audit are there.",
        _missing_triggers,
    ),
    Invariant("migrations", "Every migration has run, and no unknown one.", _missing_migrations),
    Invariant("references", "Every row that is referred to exists.", _broken_references),
    Invariant("file", "The database file is undamaged.", _damage),
)
