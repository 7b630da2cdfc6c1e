"""The rows of a page are found in two ways, and are the same in both."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.models import Participant, User
from seatadmin.permissions import SYSTEM, Actor, Role
from seatadmin.services.listings import paging, ways
from seatadmin.services.listings.engine import Query
from seatadmin.services.listings.people import PARTICIPANTS, USERS
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.acting import act_on

SIZE = 3


@pytest.fixture
def employer(session: Session) -> int:
    """An employer with twenty participants, many of whom share a key, beside another one's."""
    sponsor = SponsorFactory()
    here, beside = EmployerFactory.create_batch(2, sponsor=sponsor)
    registered = (date(2024, 1, 1) + timedelta(days=i % 4) for i in range(20))
    people = [ParticipantFactory(employer=here, registration_date=day) for day in registered]
    ParticipantFactory.create_batch(4, employer=beside)
    session.flush()
    act_on(session, SYSTEM, "cancel", *people[:5])
    act_on(session, SYSTEM, "suspend", *people[5:12:2])
    return int(here.id)


@pytest.fixture(params=("few are sorted", "many are met on the way"))
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From how many on rows are many."""
    for name in ("FEW", "FEW_READ"):
        monkeypatch.setattr(ways, name, 5_000 if request.param.startswith("few") else 0)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", PARTICIPANTS.sorts)
def test_every_row_of_an_employer_comes_once_in_order_and_back(
    session: Session, employer: int, sort: str, descending: bool
) -> None:
    query = Query(
        filters=(("employer", str(employer)),), sort=sort, descending=descending, size=SIZE
    )
    _comes_once_and_back(session, SYSTEM, query, _in_order(session, employer, query))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", ["to_report", "reason_missing", "program_status"])
def test_filters_with_an_index_of_their_own_lose_no_row(
    session: Session, employer: int, name: str
) -> None:
    value = "cancelled" if name == "program_status" else "1"
    query = Query(filters=((name, value),), sort="status_date", size=SIZE)
    admin = Actor(
        1, Role.EMPLOYER_ADMIN, session.scalars(select(User.sponsor_id)).first(), employer
    )
    ended = {"to_report": ("cancelled", "suspended")}.get(name, ("cancelled",))
    theirs = [
        id
        for id in _in_order(session, employer, query)
        if session.get_one(Participant, id).program_status in ended
    ]
    assert len(theirs) > SIZE
    _comes_once_and_back(session, admin, query, theirs)


def _comes_once_and_back(session: Session, actor: Actor, query: Query, ids: list[int]) -> None:
    pages = [*_pages(session, actor, query)]
    assert [row.id for page in pages for row in page.rows] == ids
    assert {page.total for page in pages} == {len(ids)}
    last = pages[-1]
    back = [last.rows]
    while last.prev_before:
        query_before = Query(
            filters=query.filters,
            sort=query.sort,
            descending=query.descending,
            size=SIZE,
            before=last.prev_before,
        )
        last = paging.page(session, actor, PARTICIPANTS, query_before, 1_000)
        back.insert(0, last.rows)
    assert [row.id for rows in back for row in rows] == ids


def _pages(session: Session, actor: Actor, query: Query) -> Iterator[paging.Page]:
    place: int | None = None
    while True:
        asked = Query(
            filters=query.filters,
            sort=query.sort,
            descending=query.descending,
            size=SIZE,
            after=place,
        )
        page = paging.page(session, actor, PARTICIPANTS, asked, 1_000)
        yield page
        place = page.next_after
        if not place:
            return


def _in_order(session: Session, employer: int, query: Query) -> list[int]:
    people = session.scalars(select(Participant).where(Participant.employer_id == employer)).all()
    keys = {
        "name": lambda one: (one.name_key,),
        "apprentice_number": lambda one: (one.apprentice_number or "",),
        "program_status": lambda one: (one.program_status, one.status_date),
        "account_status": lambda one: (one.account_status,),
        "status_date": lambda one: (one.status_date,),
        "registration_date": lambda one: (one.registration_date,),
    }
    key = keys[query.sort or "name"]
    ordered = sorted(people, key=lambda one: (*key(one), one.id), reverse=query.descending)
    return [one.id for one in ordered]


def test_users_of_one_sponsor_are_sorted_too(session: Session, employer: int) -> None:
    sponsor = session.scalars(select(User.sponsor_id)).first()
    page = paging.page(
        session, Actor(1, Role.SPONSOR, sponsor), USERS, Query(sort="email", size=50), 1_000
    )
    emails = [row.email for row in page.rows]
    assert emails == sorted(emails)
    assert len(emails) == 24
