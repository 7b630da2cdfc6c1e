"""Sponsors and employers, and their seat limits."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.ledger import ChangeKind
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import Actor, Permission, require
from seatadmin.services import changes, fields, scope, seats
from seatadmin.services.invalid import (
    Invalid,
    NotFound,
    StaleVersion,
    checked,
    unique_keys_race,
)
from seatadmin.services.scope import visible
from seatadmin.text import fold

LONGEST_NAMING = fields.ORGANIZATION + 20
"""Characters of a name with its number, like "Acme #12"."""

Organization = TypeVar("Organization", Sponsor, Employer)


def create_sponsor(session: Session, actor: Actor, values: Mapping[str, Any]) -> Sponsor:
    """A new sponsor, with its audit. The caller commits. Raises `NotPermitted`, `Invalid`."""
    require(actor, Permission.SPONSOR_EDIT)
    return _save(session, actor, Sponsor(), values, ChangeKind.CREATE)


def edit_sponsor(
    session: Session, actor: Actor, id: int, version: int, values: Mapping[str, Any]
) -> Sponsor:
    """Save a sponsor. A seat limit below what is used deactivates nobody; nothing new fits then.

    The caller commits. Raises `NotPermitted`, `NotFound`, `StaleVersion`, `Invalid`.
    """
    require(actor, Permission.SPONSOR_EDIT)
    return _save(
        session, actor, _locked(session, actor, Sponsor, id, version), values, ChangeKind.EDIT
    )


def create_employer(session: Session, actor: Actor, values: Mapping[str, Any]) -> Employer:
    """A new employer of one sponsor. The caller commits. Raises `NotPermitted`, `Invalid`."""
    require(actor, Permission.EMPLOYER_EDIT)
    sponsor = scope.get(session, actor, Sponsor, values.get("sponsor_id"))
    if sponsor is None:
        raise Invalid({"sponsor": "Choose a sponsor."})
    employer = Employer(sponsor_id=sponsor.id)
    return _save(session, actor, employer, values, ChangeKind.CREATE)


def edit_employer(
    session: Session, actor: Actor, id: int, version: int, values: Mapping[str, Any]
) -> Employer:
    """Save an employer; it stays with its sponsor. The caller commits.

    Raises `NotPermitted`, `NotFound`, `StaleVersion`, `Invalid`.
    """
    require(actor, Permission.EMPLOYER_EDIT)
    owner = select(Employer.sponsor_id).where(Employer.id == id)
    seats.lock_sponsors(session, owner)  # nobody takes a seat while the limit changes
    employer = _locked(session, actor, Employer, id, version)
    if values.get("sponsor_id", employer.sponsor_id) != employer.sponsor_id:
        raise Invalid({"sponsor": "An employer stays with its sponsor."})
    return _save(session, actor, employer, values, ChangeKind.EDIT)


def find(
    session: Session, actor: Actor, model: Any, text: str, present: int | None = None
) -> int | None:
    """The id of a sponsor or employer that a person named: by id, or by its whole name.

    None for a blank. Raises ValueError when there is none in scope, or more than one; the
    `present` one may stay.
    """
    wanted = fields.clean_short(text, LONGEST_NAMING)
    if wanted is None:
        return None
    number = re.fullmatch(r"(?:.*#)?([0-9]{1,18})", wanted)
    if number and int(number[1]) == present:
        return present
    named = model.id == int(number[1]) if number else model.name_key == fold(wanted)
    found = session.scalars(select(model.id).where(named, visible(actor, model)).limit(2)).all()
    if len(found) == 1:
        return int(found[0])
    if found:
        raise ValueError("Several have this name: choose one of the suggestions.")
    raise ValueError("There is none of this name in what you can see.")


def suggest(session: Session, actor: Actor, model: Any, text: str, limit: int) -> list[str]:
    """Names of the actor's organizations that contain `text`, each with its number: "Acme #12"."""
    rows = select(model.name, model.id).where(
        visible(actor, model), model.name_key.contains(fold(text), autoescape=True)
    )
    found = session.execute(rows.order_by(model.name_key, model.id).limit(limit))
    return [f"{name} #{id}" for name, id in found]


def choices(session: Session, actor: Actor, model: Any, limit: int) -> list[tuple[int, str]]:
    """All of the actor's organizations as (id, name), or nothing when there are over `limit`."""
    rows = select(model.id, model.name).where(visible(actor, model))
    found = session.execute(rows.order_by(model.name_key, model.id).limit(limit + 1)).all()
    return [(id, name) for id, name in found] if len(found) <= limit else []


def _locked(
    session: Session, actor: Actor, model: type[Organization], id: int, version: int
) -> Organization:
    rows = select(model).where(model.id == id, visible(actor, model))
    rows = rows.with_for_update(key_share=True)
    found = session.scalars(rows.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    if found.version != version:
        raise StaleVersion(found)
    return found


def _save(
    session: Session,
    actor: Actor,
    row: Organization,
    values: Mapping[str, Any],
    kind: ChangeKind,
) -> Organization:
    before = changes.snapshot(row) if row.id else {}
    for key in ("name", "program_number", "seat_limit"):
        if key in values and hasattr(row, key):
            setattr(row, key, values[key])
    _check(session, row)
    session.add(row)
    with unique_keys_race():
        changes.record_one(session, actor, kind, str(kind), row, before)
    return row


def _check(session: Session, row: Any) -> None:
    """Names and program numbers are unique: sponsors among themselves, employers in a sponsor."""
    model = type(row)
    others = select(model.id).where(model.id != (row.id or 0))
    with session.no_autoflush, checked() as errors:
        same_name = others.where(model.name_key == fold(row.name))
        if isinstance(row, Employer):
            same_name = same_name.where(Employer.sponsor_id == row.sponsor_id)
        if session.scalar(same_name):
            errors["name"] = "Another one already has this name."
        number = getattr(row, "program_number", None)
        if number and session.scalar(others.where(model.program_number == number)):
            errors["program_number"] = "Another sponsor already has this number."
