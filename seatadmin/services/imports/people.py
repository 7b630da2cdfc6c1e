"""Who is there already: the people whom a handful of lines is about, in two queries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, any_, func, literal, select
from sqlalchemy.orm import Session

from seatadmin.lifecycle import Kind
from seatadmin.models import User
from seatadmin.permissions import Actor
from seatadmin.services.changes import STATE
from seatadmin.services.imports.roster import Line
from seatadmin.services.scope import visible

PLAIN = (
    "first_name",
    "last_name",
    "email",
    "apprentice_number",
    "occupation",
    "registration_date",
    "expected_completion_date",
)
"""Columns of a participant that a cell sets and nothing else."""

PLACE = ("sponsor_id", "employer_id")
WRITTEN = (*PLAIN, *PLACE, *STATE, "status_note")
"""Every column that an import may set."""

ELSEWHERE = "This {} cannot be used here."
"""Said of somebody out of the actor's scope, and of staff: not that there is somebody."""

Person = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Those who have one of the apprentice numbers or e-mail addresses of some lines."""

    by_number: Mapping[str, Person]
    by_email: Mapping[str, Person]

    def whom(self, given: Mapping[str, Any]) -> Person | None:
        """The person whom a line is about; None for a new one.

        Raises ValueError when number and e-mail do not belong together, or are not the actor's.
        """
        number, email = given.get("apprentice_number"), given.get("email")
        known = _usable(self.by_number.get(number or ""), "apprentice number")
        owner = _usable(self.by_email.get(given.get("email_key", "")), "e-mail address")
        if number is None:
            return owner
        if owner and owner is not known and owner["id"] != (known or {}).get("id"):
            raise ValueError(_not_theirs(email, owner["apprentice_number"], number))
        return known


def find(session: Session, actor: Actor, lines: Sequence[Line]) -> People:
    """Everybody whom these lines may be about, in or out of the actor's scope."""
    numbers = {line.given.get("apprentice_number") for line in lines} - {None}
    by_number = _people(session, actor, User.apprentice_number, list(numbers))
    by_email = {person["email_key"]: person for person in by_number.values()}
    emails = {line.given.get("email_key") for line in lines} - {None}
    rest = [email for email in emails if email not in by_email]
    return People(by_number, {**by_email, **_people(session, actor, User.email_key, rest)})


def _people(session: Session, actor: Actor, key: Any, wanted: list[Any]) -> dict[str, Person]:
    if not wanted:
        return {}
    mine = visible(actor, User) & (User.kind == Kind.PARTICIPANT)
    names, own = ("id", "version", "email_key", *WRITTEN, "mine"), key.key
    table = User.__table__.c
    rows = select(*(table[name] for name in names[:-1]), mine)
    found = session.connection().execute(rows.where(_among(session, key, wanted)))
    people = (dict(zip(names, row, strict=True)) for row in found)
    return {person[own]: person for person in people}


def _among(session: Session, column: Any, texts: list[Any]) -> Any:
    """`column` is one of `texts`, as one parameter however many there are."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(texts, ARRAY(column.type)))
    each = func.json_each(json.dumps(texts)).table_valued("value")
    return column.in_(select(each.c.value))


def _not_theirs(email: Any, owner: str | None, number: str) -> str:
    if owner:
        return f"{email} belongs to somebody else, who has {owner}, not {number}."
    return f"{email} belongs to a participant without a number: first enter {number} there."


def _usable(person: Person | None, what: str) -> Person | None:
    if person is not None and not person["mine"]:
        raise ValueError(ELSEWHERE.format(what))
    return person
