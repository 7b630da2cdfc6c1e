"""What the tasks ask for: rows, names and places that exist in the data, found by plain queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import create_app
from bench.settings import Environment
from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.services.listings.people import PARTICIPANTS

DEEP = 0.9
"""How far into a list its deep page lies."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Values to ask for. `filters` has one value for each filter of the list, `deep` one id for
    each sort."""

    participant: int
    email: str
    apprentice_number: str
    last_name: str
    filters: Mapping[str, str]
    deep: Mapping[str, int]


def samples(place: Environment) -> Samples:
    """Look into the database at `place`."""
    app = create_app(place.variables())
    with app.app_context():
        try:
            return _found(db.session)
        finally:
            db.session.close()
            db.engine.dispose()


def _found(session: Session) -> Samples:
    people = select(User).where(PARTICIPANTS.base).order_by(User.id)
    count = session.scalar(select(func.count()).select_from(people.subquery())) or 0
    person = session.scalars(people.offset(int(count * DEEP)).limit(1)).one()
    return Samples(
        participant=person.id,
        email=str(person.email),
        apprentice_number=str(person.apprentice_number),
        last_name=str(_frequent(session, User.last_name)),
        filters=_filters(session),
        deep={name: _deep(session, keys, count) for name, keys in PARTICIPANTS.sorts.items()},
    )


def _filters(session: Session) -> dict[str, str]:
    """A value for each filter; where a value is not known beforehand, the most frequent one."""
    columns: dict[str, Any] = {
        "sponsor": User.sponsor_id,
        "employer": User.employer_id,
        "occupation": User.occupation,
        "cancellation_reason": User.cancellation_reason,
    }
    known = {
        "program_status": "cancelled",
        "account_status": "deactivated",
        "out_of_step": "1",
        "reason_missing": "1",
        "to_report": "1",
        "planned": "1",
    }
    found = {name: str(_frequent(session, column)) for name, column in columns.items()}
    return {name: {**known, **found}[name] for name in PARTICIPANTS.filters}


def _frequent(session: Session, column: Any) -> Any:
    rows: Select[Any] = select(column).where(PARTICIPANTS.base, column.is_not(None))
    return session.scalar(rows.group_by(column).order_by(func.count().desc(), column).limit(1))


def _deep(session: Session, keys: tuple[Any, ...], count: int) -> int:
    rows = select(User.id).where(PARTICIPANTS.base).order_by(*keys, User.id)
    return session.scalars(rows.offset(int(count * DEEP)).limit(1)).one()
