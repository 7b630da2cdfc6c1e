"""Two sponsors with their employers, participants and staff; and each kind of person at a browser.

Everything is committed before the first request, and no context stays open around a request.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session, scoped_session

from seatadmin.extensions import db
from seatadmin.lifecycle import AccountStatus
from seatadmin.permissions import Role
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, StaffFactory
from tests.views.browsing import Person
from tests.views.contents import Contents
from tests.views.contents import contents as contents_of

ABSENT = 987_654_321
"""An id that nobody has."""

Stored = Callable[[], AbstractContextManager[scoped_session[Session]]]

Sent = Callable[[], AbstractContextManager[list[str]]]


@dataclass(frozen=True)
class World:
    """The ids of what there is.

    Acme (12 seats) has North (6 seats) and South, Birch has East. Each employer has an active, a
    suspended, a completed, a cancelled and an out-of-step participant.
    """

    acme: int
    birch: int
    north: int
    south: int
    east: int
    regulator: int
    acme_staff: int
    birch_staff: int
    north_admin: int
    south_admin: int
    east_admin: int
    deactivated: int
    active: dict[str, int]
    suspended: dict[str, int]
    completed: dict[str, int]
    cancelled: dict[str, int]
    out_of_step: dict[str, int]


def made() -> World:
    """What there is, not yet committed."""
    acme = SponsorFactory(name="Acme Training", program_number="P-1", seat_limit=12)
    birch = SponsorFactory(name="Birch Works", program_number="P-2")
    employers = {
        "north": EmployerFactory(name="North Electric", sponsor=acme, seat_limit=6),
        "south": EmployerFactory(name="South Plumbing", sponsor=acme),
        "east": EmployerFactory(name="East Roofing", sponsor=birch),
    }
    people: dict[str, dict[str, int]] = {}
    states = {"active": {}} | {
        trait: {trait: True} for trait in ("suspended", "completed", "cancelled", "out_of_step")
    }
    for state, traits in states.items():
        made = {
            place: ParticipantFactory(
                first_name=state.capitalize().replace("_", ""),
                last_name=place.capitalize(),
                email=f"{state}.{place}@example.org",
                apprentice_number=f"{place}-{state}",
                employer=employer,
                **traits,
            )
            for place, employer in employers.items()
        }
        people[state] = {place: one.id for place, one in made.items()}

    def staff(name: str, role: Role, **columns: Any) -> int:
        made = StaffFactory(
            role=role, first_name="Sam", last_name=name, email=f"{name}@example.org", **columns
        )
        return int(made.id)

    return World(
        acme=acme.id,
        birch=birch.id,
        **{place: employer.id for place, employer in employers.items()},
        regulator=staff("regulator", Role.REGULATOR, signs_in=True),
        acme_staff=staff("acme", Role.SPONSOR, sponsor=acme, signs_in=True),
        birch_staff=staff("birch", Role.SPONSOR, sponsor=birch),
        **{
            f"{place}_admin": staff(place, Role.EMPLOYER_ADMIN, employer=employer)
            for place, employer in employers.items()
        },
        deactivated=staff(
            "gone", Role.REGULATOR, account_status=AccountStatus.DEACTIVATED, signs_in=True
        ),
        **people,
    )


@pytest.fixture
def world(app: Flask) -> World:
    with app.app_context():
        world = made()
        db.session.commit()
        return world


@pytest.fixture
def stored(app: Flask) -> Stored:
    """`with stored() as session:` looks at (or, with a commit, makes) rows between requests."""

    @contextmanager
    def opened() -> Iterator[scoped_session[Session]]:
        with app.app_context():
            yield db.session

    return opened


@pytest.fixture
def contents(stored: Stored) -> Callable[[], Contents]:
    """Everything that the database holds, to compare; but for notes that something was refused."""

    def read() -> Contents:
        with stored() as session:
            return contents_of(session)

    return read


@pytest.fixture
def sent(app: Flask) -> Sent:
    """`with sent() as statements:` lists the SQL of a block, without BEGIN and COMMIT."""
    with app.app_context():
        engine = db.engine

    @contextmanager
    def listening() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return listening


@pytest.fixture
def anonymous(app: Flask) -> Person:
    return Person(app)


@pytest.fixture
def regulator(app: Flask, world: World) -> Person:
    return Person(app, world.regulator)


@pytest.fixture
def sponsor_staff(app: Flask, world: World) -> Person:
    """Of Acme."""
    return Person(app, world.acme_staff)


@pytest.fixture
def other_sponsor_staff(app: Flask, world: World) -> Person:
    """Of Birch."""
    return Person(app, world.birch_staff)


@pytest.fixture
def employer_admin(app: Flask, world: World) -> Person:
    """Of North, one of Acme's employers."""
    return Person(app, world.north_admin)
