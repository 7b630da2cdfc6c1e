"""What an act did, told to a person in a sentence and to a script as JSON."""

from collections.abc import Sequence
from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from seatadmin.lifecycle import Act, Refusal
from seatadmin.services.outcome import Outcome

NAMED_REFUSALS = 5
"""How many reasons of refusals a message names."""


def as_message(act: Act, outcome: Outcome, malformed: Sequence[str]) -> tuple[str, str]:
    """The result in one sentence, and its tone. `malformed` are ids that no row can have."""
    parts = []
    if outcome.changed:
        parts.append(f"{outcome.changed:,} {act.past}{_seats(outcome.seats_freed)}.")
    if outcome.unchanged:
        parts.append(f"{outcome.unchanged:,} already {act.past}.")
    refused = outcome.refused_total + len(malformed)
    if refused:
        parts.append(f"{refused:,} refused:{_why(outcome)}")
    if not parts:
        parts.append("Nothing was selected.")
    return " ".join(parts), "success" if outcome.changed else "warning"


def as_json(outcome: Outcome, malformed: Sequence[str], code: int) -> tuple[Response, int]:
    """The result in the form that scripts rely on, with the status `code`."""
    refused: list[dict[str, Any]] = [
        {"id": row.id, "why": row.why.value} for row in outcome.refused
    ]
    refused += [{"id": text, "why": Refusal.NOT_FOUND.value} for text in malformed]
    return jsonify(
        change_id=outcome.change_id,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        refused=refused,
        refused_total=outcome.refused_total + len(malformed),
        seats_freed=outcome.seats_freed,
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
