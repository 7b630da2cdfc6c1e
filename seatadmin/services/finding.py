"""One search for everything that has a name: people and organizations, a few of each kind.

It asks the same lists that the pages show, so that it finds in the same scope, and as quickly.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.lifecycle import Kind
from seatadmin.models import User
from seatadmin.permissions import Actor, Permission, allows
from seatadmin.services.listings import paging
from seatadmin.services.listings.engine import Listing, Query
from seatadmin.services.listings.organizations import EMPLOYERS, SPONSORS
from seatadmin.services.listings.people import PARTICIPANTS, USERS
from seatadmin.services.scope import one_of, visible

EACH = 5
"""So many of a kind are found at most."""

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Findable:
    """A kind of rows that are found: in which list, by whom, and what is told beside the name."""

    subject: str
    listing: Listing
    permission: Permission
    detail: Callable[[Any], str | None]
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One row that was found."""

    subject: str
    id: int
    name: str
    detail: str


FINDABLE = (
    Findable(
        "participant",
        PARTICIPANTS,
        Permission.PARTICIPANT_READ,
        lambda row: " · ".join(filter(None, (row.apprentice_number, row.employer))),
    ),
    Findable(
        "user",
        USERS,
        Permission.USER_READ,
        lambda row: row.email,
        filters=(("kind", Kind.STAFF.value),),
    ),
    Findable("employer", EMPLOYERS, Permission.EMPLOYER_READ, lambda row: row.sponsor),
    Findable("sponsor", SPONSORS, Permission.SPONSOR_READ, lambda row: row.program_number),
)


def names(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, str]:
    """The names of those of these users that are in the actor's scope, by id."""
    rows = select(User.id, (User.first_name + " " + User.last_name).label("name"))
    found = session.execute(rows.where(one_of(session, User.id, ids), visible(actor, User)))
    return {row.id: row.name for row in found}


def may_open(actor: Actor, subject: str) -> bool:
    """Whether `actor` may open the pages of such rows in scope."""
    return any(allows(actor.role, kind.permission) for kind in FINDABLE if kind.subject == subject)


def find(session: Session, actor: Actor, text: str) -> Iterator[Hit]:
    """What `text` finds in the actor's scope, kind by kind; nothing for a blank."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    for kind in FINDABLE if text else ():
        if allows(actor.role, kind.permission):
            query = Query(search=text, filters=kind.filters, size=EACH)
            for row in paging.page(session, actor, kind.listing, query, EACH).rows:
                yield Hit(kind.subject, row.id, row.name, kind.detail(row) or "")
