"""What an act did, told to a person in a sentence and to a script as JSON.

The message waits in the session's cookie for the next page, which is small and leaves the server:
of the rows that were refused it holds some ids, and the page looks up their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, jsonify, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from seatadmin.extensions import db
from seatadmin.lifecycle import Act, Refusal
from seatadmin.services import finding
from seatadmin.services.outcome import Outcome
from seatadmin.views import cells
from seatadmin.views.gate import actor

NAMED_REFUSALS = 5
"""How many reasons of refusals a message names."""

LISTED = 50
"""How many refused rows a message lists."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message as a page shows it; that of an act leads to its change and to what it refused."""

    text: str
    change: str | None = None
    refused: Sequence[tuple[str, Sequence[tuple[str, str | None]]]] = ()
    """Why, and who: each by the name, with the address of the page."""
    more: int = 0
    """How many were refused beside those."""


def init_app(app: Flask) -> None:
    """Give templates what tells a message."""
    app.jinja_env.globals["told"] = told


def told(message: Any) -> Told:
    """A flashed message: plain words, or what `as_message` made."""
    if isinstance(message, str):
        return Told(message)
    listed: dict[str, list[int]] = message["refused"]
    ids = [id for those in listed.values() for id in those]
    known = finding.names(db.session, actor(), ids) if ids and current_user.is_active else {}
    page = f"{message['subject']}.details_view"

    def named(id: int) -> tuple[str, str | None]:
        return (known[id], url_for(page, id=id)) if id in known else (f"#{id}", None)

    return Told(
        message["text"],
        message["change"] and url_for("change.details_view", id=message["change"]),
        [(Refusal[why].value, [named(id) for id in those]) for why, those in listed.items()],
        message["more"],
    )


def as_message(
    act: Act, outcome: Outcome, malformed: Sequence[str], subject: str
) -> tuple[dict[str, Any], str]:
    """The result, and its tone. `malformed` are ids that no row can have."""
    listed: dict[str, list[int]] = {}
    for row in outcome.refused[:LISTED]:
        listed.setdefault(row.why.name, []).append(row.id)
    message = {
        "text": _sentence(act, outcome, malformed),
        "change": outcome.change_id,
        "subject": subject,
        "refused": listed,
        "more": max(0, outcome.refused_total - LISTED),
    }
    return message, "success" if outcome.changed else "warning"


def _sentence(act: Act, outcome: Outcome, malformed: Sequence[str]) -> str:
    parts, planned = [], outcome.planned_for
    if outcome.changed and planned:
        parts.append(f"{outcome.changed:,} to be {act.past} on {cells.show(planned).html}.")
    elif outcome.changed:
        parts.append(f"{outcome.changed:,} {act.past}{_seats(outcome.seats_freed)}.")
    if outcome.unchanged:
        parts.append(f"{outcome.unchanged:,} already {act.past}{' or planned so' * bool(planned)}.")
    refused = outcome.refused_total + len(malformed)
    if refused:
        parts.append(f"{refused:,} refused:{_why(outcome)}")
    if not parts:
        parts.append("Nothing was selected.")
    return " ".join(parts)


def as_json(outcome: Outcome, malformed: Sequence[str], code: int) -> tuple[Response, int]:
    """The result in the form that scripts rely on, with the status `code`."""
    refused: list[dict[str, Any]] = [
        {"id": row.id, "why": row.why.value} for row in outcome.refused
    ]
    refused += [{"id": text, "why": Refusal.NOT_FOUND.value} for text in malformed]
    plan = outcome.planned_for and {
        "plan_id": outcome.change_id,
        "planned": outcome.changed,
        "planned_for": outcome.planned_for.isoformat(),
    }
    return jsonify(
        change_id=outcome.change_id,
        changed=0 if plan else outcome.changed,
        unchanged=outcome.unchanged,
        refused=refused,
        refused_total=outcome.refused_total + len(malformed),
        seats_freed=outcome.seats_freed,
        **(plan or {}),
    ), code


def _seats(freed: int) -> str:
    if not freed:
        return ""
    word = "seat" if abs(freed) == 1 else "seats"
    return f", {abs(freed):,} {word} {'freed' if freed > 0 else 'taken'}"


def _why(outcome: Outcome) -> str:
    """The reasons of refusals, each once, with how often it applies."""
    counts: dict[str, int] = {}
    for row in outcome.refused:
        counts[row.why.value] = counts.get(row.why.value, 0) + 1
    named = sorted(counts.items(), key=lambda item: -item[1])[:NAMED_REFUSALS]
    return "".join(f" {why} ({count:,})" if count > 1 else f" {why}" for why, count in named)
