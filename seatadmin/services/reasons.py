"""Cancellation reasons: an editable list; a retired reason stays readable but is not offered."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from seatadmin.models import CancellationReason

_OFFERED = (
    select(CancellationReason.code, CancellationReason.label)
    .where(CancellationReason.retired.is_(False) | (CancellationReason.code == bindparam("also")))
    .order_by(CancellationReason.position)
)


class UnknownReason(ValueError):
    """A reason's code that is not on the list, or retired."""


def offered(session: Session, also: str | None = None) -> list[tuple[str, str]]:
    """(code, label) of every reason that can be chosen, in the list's order.

    `also` is a reason that a record already has: it may stay although it is retired.
    """
    found = session.connection().execute(_OFFERED, {"also": also or ""})
    return [(code, label) for code, label in found]


def usable_reason(session: Session, code: str | None) -> str | None:
    """`code` itself, None for a blank one. Raises `UnknownReason`."""
    if not code:
        return None
    if code not in dict(offered(session)):
        raise UnknownReason(f"“{code}” is not a cancellation reason on the list.")
    return code


def label(session: Session, code: str | None) -> str | None:
    """What people call a reason, be it retired."""
    found = session.get(CancellationReason, code) if code else None
    return found and found.label
