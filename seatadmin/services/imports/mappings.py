"""What each column of a sponsor's file is imported as: chosen once, and suggested from then on."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from seatadmin.services import seats
from seatadmin.services.imports import columns
from seatadmin.services.invalid import GENERAL, Invalid
from seatadmin.text import fold
from seatadmin.uploads import ImportMapping

MOST_REMEMBERED = 500
"""Columns of one sponsor."""

CHOICES = [(name, columns.label(name)) for name in columns.CLEANERS]
"""What a column can be imported as: its name, and its label."""

Fields = list[str | None]
"""What each column is imported as, in the order of the file; None leaves it out."""


def suggested(session: Session, sponsor_id: int | None, header: Sequence[str]) -> Fields:
    """What the columns were the last time, else what their names say. Each field once."""
    kept = session.get(ImportMapping, sponsor_id) if sponsor_id else None
    last = kept.columns if kept else {}
    fields: Fields = []
    for cell in header:
        field = last.get(fold(cell), columns.named(cell))
        known = field in columns.CLEANERS and field not in fields
        fields.append(field if known else None)
    return fields


def chosen(header: Sequence[str], texts: Sequence[str]) -> Fields:
    """What was chosen for each column. Raises `Invalid`, by the position of the column."""
    errors: dict[str, str] = {}
    first: dict[str, int] = {}
    for n, text in enumerate(texts):
        if text and text not in columns.CLEANERS:
            errors[str(n)] = "Choose one of the list."
        elif text and first.setdefault(text, n) != n:
            errors[str(n)] = f"“{header[first[text]]}” is imported as that already: choose one."
    if not set(columns.KEYS) & set(texts):
        errors[GENERAL] = (
            "Choose which column holds the apprentice number or the e-mail: by it each line finds"
            " its participant."
        )
    if errors:
        raise Invalid(errors)
    return [text or None for text in texts]


def remember(
    session: Session, sponsor_id: int, header: Sequence[str], fields: Sequence[str | None]
) -> None:
    """Keep the choice for the sponsor's next file. The caller commits."""
    seats.lock_sponsors(session, {sponsor_id})  # nobody else keeps one at this moment
    kept = session.get(ImportMapping, sponsor_id) or ImportMapping(sponsor_id=sponsor_id)
    now = dict(zip(map(fold, header), fields, strict=True))
    both = {**(kept.columns or {}), **now}
    kept.columns = dict(list(both.items())[-MOST_REMEMBERED:])
    session.add(kept)
