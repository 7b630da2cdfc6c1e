"""What was refused to a signed-in person is noted in the audit, after the answer is settled."""

from collections import Counter
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from seatadmin.extensions import db
from seatadmin.ledger import Subject
from seatadmin.services import refusals
from seatadmin.services.outcome import Outcome
from seatadmin.views.gate import actor


def init_app(app: Flask) -> None:
    """Look at every answer."""
    app.after_request(_note)


def note_outcome(action: str, outcome: Outcome) -> None:
    """Rows that an act left as they were: how many, and why."""
    if outcome.refused_total:
        whys = Counter(row.why.name for row in outcome.refused)
        listed = ", ".join(f"{why} {count:,}" for why, count in sorted(whys.items()))
        g.refused = action, f"Refused {outcome.refused_total:,}: {listed}"


def note_one(action: str, why: str) -> None:
    """An act on one row that was refused."""
    g.refused = action, f"Refused: {why}"


def _note(response: Response) -> Response:
    """A refusal stays a refusal, even if it cannot be noted: then the log says so."""
    found: Any = g.get("refused")
    if response.status_code == 403 and found is None:
        found = request.endpoint or "", None
    if found is None:
        return response
    try:
        if current_user.is_authenticated and current_user.is_active:
            _write(*found)
    except SQLAlchemyError:
        current_app.logger.exception("A refusal could not be noted in the audit")
    return response


def _write(action: str, detail: str | None) -> None:
    """In a transaction of its own: that of the request is over."""
    if refusals.is_news(db.session, actor(), action):
        db.session.rollback()
        with refusals.impatient(db.engine) as session:
            refusals.note(session, actor(), action, _subject(), detail)
            session.commit()


def _subject() -> Subject:
    """What the page is about."""
    name = (request.endpoint or "").partition(".")[0]
    return Subject(name) if name in list(Subject) else Subject.USER
