"""A search finds what holds the words that were typed, few or many, and nothing else."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from seatadmin.models import Sponsor
from seatadmin.permissions import SYSTEM, Actor, Role
from seatadmin.services.listings import paging, searching
from seatadmin.services.listings.engine import ENTRY, Page, Query
from seatadmin.services.listings.people import PARTICIPANTS
from tests.factories import EmployerFactory, ParticipantFactory

BROAD = 5


@pytest.fixture(autouse=True)
def _lower(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few matches are many here."""
    monkeypatch.setattr(searching, "BROAD", BROAD)


@pytest.fixture
def sponsor(session: Session) -> Sponsor:
    """One with people whose last names stand against the order of their entry."""
    employer = EmployerFactory()
    for letter in "hgfedcba":
        ParticipantFactory(employer=employer, first_name="Maria", last_name=f"{letter}bel")
    for name in ("50% Ada", "50x Ada", "a_b", "axb", "a/b", "Mari Aria"):
        ParticipantFactory(employer=employer, first_name="Zoe", last_name=name)
    session.flush()
    found: Sponsor = employer.sponsor
    return found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("maria", [f"{letter}bel, Maria" for letter in "hgfedcba"]),
        ("gbel", ["gbel, Maria"]),
        ("50%", ["50% Ada, Zoe"]),
        ("a_", ["a_b, Zoe"]),
        ("a/", ["a/b, Zoe"]),
        ("a_b", ["a_b, Zoe"]),
        ("ab", ["abel, Maria"]),
        ("i aria", ["Mari Aria, Zoe"]),
        ("nobody", []),
    ],
)
@pytest.mark.usefixtures("sponsor")
def test_finds_what_holds_the_words_as_they_were_typed(
    session: Session, typed: str, found: list[str]
) -> None:
    page = _page(session, Query(search=typed))
    assert [row.name for row in page.rows] == found
    assert page.total == len(found) or len(found) >= BROAD


@pytest.mark.usefixtures("sponsor")
def test_many_stand_in_the_order_of_entry_on_every_page_and_few_in_the_one_asked_for(
    session: Session,
) -> None:
    query = Query(search="maria", sort="name", size=3)
    pages = [_page(session, query)]
    while after := pages[-1].next_after:
        pages.append(_page(session, replace(query, after=after)))
    assert [len(page.rows) for page in pages] == [3, 3, 2]
    assert "".join(row.name[0] for page in pages for row in page.rows) == "hgfedcba"
    assert {page.query.sort for page in pages} == {ENTRY}

    few = _page(session, Query(search="zoe", sort="name", descending=True, filters=()))
    assert few.query.sort == ENTRY  # six are many here
    few = _page(session, Query(search="ada", sort="name", descending=True))
    assert [row.name for row in few.rows] == ["50x Ada, Zoe", "50% Ada, Zoe"]
    assert few.query.sort == "name"


def test_sorts_any_number_for_those_who_see_one_organization(
    session: Session, sponsor: Sponsor
) -> None:
    staff = Actor(1, Role.SPONSOR, sponsor.id)
    page = paging.page(session, staff, PARTICIPANTS, Query(search="maria"), 100)
    assert "".join(row.name[0] for row in page.rows) == "abcdefgh"
    assert page.total == 8


@pytest.mark.usefixtures("sponsor")
def test_does_not_take_for_many_what_was_many_of_another_word(session: Session) -> None:
    assert _page(session, Query(search="maria")).query.sort == ENTRY
    assert _page(session, Query(search="abel")).query.sort is None
    assert _page(session, Query(search="maria")).query.sort == ENTRY


def _page(session: Session, query: Query) -> Page:
    return paging.page(session, SYSTEM, PARTICIPANTS, query, 100)
