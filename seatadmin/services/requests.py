"""A repeat of a change is harmless: the same `request_id` gets the first answer again."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from seatadmin.ledger import Request
from seatadmin.permissions import Actor

_CLAIM = {
    dialect: insert(Request.__table__).on_conflict_do_nothing().returning(Request.request_id)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_ANSWER = update(Request.__table__).where(
    Request.actor_id == bindparam("whose"), Request.request_id == bindparam("which")
)


KEPT = timedelta(days=30)
"""How long a repeat is recognized, where `flask tidy` runs."""


class OtherContent(Exception):
    """The same `request_id` came with something else to do."""

    def __init__(self) -> None:
        super().__init__("This request_id was already used for another change.")


def digest(path: str, fields: Iterable[tuple[str, str]]) -> str:
    """What a request asks for, as a fingerprint: its path and its fields in their order."""
    return hashlib.sha256(json.dumps([path, list(fields)]).encode()).hexdigest()


def claim(session: Session, actor: Actor, request_id: str, content: str) -> dict[str, Any] | None:
    """Take `request_id` for this transaction; or return the answer that it got before.

    A second request at the same moment waits here for the first one to commit. Raises
    `OtherContent`.
    """
    values = {"actor_id": actor.id, "request_id": request_id, "digest": content}
    claimed = session.connection().scalar(_CLAIM[session.get_bind().dialect.name], values)
    return None if claimed else _earlier(session, actor, request_id, content)


def keep_answer(session: Session, actor: Actor, request_id: str, answer: dict[str, Any]) -> None:
    """Store what was answered, in the transaction of the change. The caller commits."""
    mine = {"whose": actor.id, "which": request_id}
    session.connection().execute(_ANSWER, {**mine, "answer": answer})


def forget(session: Session) -> int:
    """Remove answers that nobody repeats any more; returns how many. The caller commits."""
    gone = session.execute(delete(Request).where(Request.at < datetime.now(UTC) - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _earlier(session: Session, actor: Actor, request_id: str, content: str) -> dict[str, Any]:
    found = select(Request).where(Request.actor_id == actor.id, Request.request_id == request_id)
    earlier = session.scalars(found).one()
    if earlier.digest != content:
        raise OtherContent
    return earlier.answer or {}
