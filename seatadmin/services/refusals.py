"""Refusals in the audit: who tried what they may not, or what could not be done.

Bounded, so that nobody can fill the disk: one a minute of the same kind by the same person, and at
most `MOST_AN_HOUR` of all kinds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, case, func, select, text
from sqlalchemy.orm import Session

from seatadmin.extensions import WRITES
from seatadmin.ledger import Change, ChangeKind, ChangePersonal, Subject
from seatadmin.permissions import Actor
from seatadmin.services import changes

MOST_AN_HOUR = 60
LONGEST_ACTION = 40

PATIENCE_MS = 500
"""How long a refusal waits for its turn to write, before it is left to the log."""


@contextmanager
def impatient(engine: Engine) -> Iterator[Session]:
    """A session of its own whose writes wait for others no longer than `PATIENCE_MS`."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        cursor = connection.connection.cursor()
        before = cursor.execute("PRAGMA busy_timeout").fetchone()[0] if sqlite else 0
        try:
            if sqlite:
                cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
            else:
                connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MS}"))
            with Session(connection, join_transaction_mode="control_fully") as session:
                yield session
        finally:
            if sqlite:
                cursor.execute(f"PRAGMA busy_timeout={before}")


def note(
    session: Session, actor: Actor, action: str, subject: Subject, detail: str | None = None
) -> None:
    """Record a refusal. The caller commits."""
    action = action[:LONGEST_ACTION]
    change = changes.record_event(session, actor, ChangeKind.REFUSAL, action, subject)
    if detail:
        session.add(ChangePersonal(change_id=change.id, field="note", new=detail))


def is_news(session: Session, actor: Actor, action: str) -> bool:
    """Whether a refusal is to be noted: not the same as a moment ago, and not one too many."""
    action = action[:LONGEST_ACTION]
    now = datetime.now(UTC)
    same = case(((Change.action == action) & (Change.at > now - timedelta(minutes=1)), 1), else_=0)
    counted = select(func.count(), func.coalesce(func.sum(same), 0)).where(
        Change.actor_id == actor.id,
        Change.kind == ChangeKind.REFUSAL,
        Change.at > now - timedelta(hours=1),
    )
    all_kinds, this = session.execute(counted).one()
    return not this and all_kinds < MOST_AN_HOUR
