"""A page of a list is found in an index, whatever is sorted, filtered or searched."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.models import Employer, Participant, User
from seatadmin.permissions import SYSTEM, Actor, Role
from seatadmin.services.listings import paging, ways
from seatadmin.services.listings.engine import Query
from seatadmin.services.listings.people import PARTICIPANTS, USERS
from seatadmin.services.seeding import Size
from seatadmin.text import searchable
from tests.installation import Installation
from tests.services.plans import filled, steps, whole_reads

FILTERS = {
    "program_status": "cancelled",
    "account_status": "deactivated",
    "sponsor": "1",
    "employer": "{employer}",
    "occupation": "{occupation}",
    "cancellation_reason": "laid_off",
    "out_of_step": "1",
    "reason_missing": "1",
    "to_report": "1",
    "planned": "1",
}

SEARCH = text(
    'EXPLAIN (FORMAT JSON) SELECT id FROM "user" WHERE search_text LIKE CAST(:found AS text)'
)

PAIRS = [(one, other) for one in FILTERS for other in FILTERS if one < other]


@pytest.fixture(scope="module")
def seeded(shared: Installation) -> Flask:
    return filled(shared, Size(20_000, 5, 60))


@pytest.fixture
def world(seeded: Flask) -> Iterator[Session]:
    with seeded.app_context():
        yield db.session
        db.session.rollback()


def test_reads_no_whole_table_for_a_page(world: Session) -> None:
    for query in (*_sorted(world), *_filtered(world), *_searched(world)):
        assert whole_reads(world, partial(_page, world, SYSTEM, query)) == [], query


def test_reads_no_whole_table_for_the_pages_of_one_sponsor_or_employer(world: Session) -> None:
    employer = world.scalars(select(Employer)).first()
    assert employer
    for actor in (
        Actor(1, Role.SPONSOR, employer.sponsor_id),
        Actor(1, Role.EMPLOYER_ADMIN, employer.sponsor_id, employer.id),
    ):
        for query in _filtered(world):
            reads = whole_reads(world, partial(_page, world, actor, query))
            assert reads == [], (actor.role, query)


@pytest.mark.parametrize("few", [ways.FEW, 0])
def test_reads_no_whole_table_for_a_filter_in_another_order(
    world: Session, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "FEW", few)
    monkeypatch.setattr(ways, "FEW_READ", few)
    for query in _filtered(world):
        for sort in PARTICIPANTS.sorts:
            ordered = replace(query, sort=sort)
            assert whole_reads(world, partial(_page, world, SYSTEM, ordered)) == [], ordered


def test_meets_many_rows_along_the_order_and_sorts_few(
    world: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered = Query(filters=(("sponsor", "1"),), sort="status_date")
    read = partial(_page, world, SYSTEM, ordered)
    few = steps(world, read)
    monkeypatch.setattr(ways, "FEW", 0)
    many = steps(world, read)
    if world.get_bind().dialect.name == "sqlite":
        assert "ix_user_sponsor_name" in few
        assert "ix_user_status_date" in many
    else:
        assert "CTE few" in few
        assert "CTE few" not in many


def test_finds_those_who_wait_for_a_plan_by_an_index_of_theirs_in_any_order(
    world: Session,
) -> None:
    """Nobody was waiting when the statistics were taken: SQLite then knows nothing of them."""
    planned = ("planned", "1")
    for also in ((), (("sponsor", "1"),), (("to_report", "1"),)):
        for sort in PARTICIPANTS.sorts:
            query = Query(filters=(*also, planned), sort=sort)
            found = steps(world, partial(_page, world, SYSTEM, query))
            assert "ix_user_plan" in found, query
            assert not re.search("SCAN user USING INDEX (?!ix_user_plan)", found), query


@pytest.mark.parametrize(
    ("pair", "index"),
    [
        (("sponsor", "occupation"), "ix_user_sponsor_occupation"),
        (("sponsor", "cancellation_reason"), "ix_user_sponsor_reason"),
        (("occupation", "cancellation_reason"), "ix_user_occupation_reason"),
        (("sponsor", "to_report"), "ix_user_sponsor_to_report"),
        (("employer", "to_report"), "ix_user_employer_to_report"),
        (("reason_missing", "to_report"), "ix_user_reason_missing"),
    ],
)
def test_finds_the_few_that_a_pair_of_filters_has_without_passing_others(
    world: Session, pair: tuple[str, str], index: str
) -> None:
    employer = select(User.employer_id).where(User.employer_id.is_not(None))
    occupation = select(User.occupation).where(User.sponsor_id == 1).group_by(User.occupation)
    values = {
        name: value.format(
            employer=world.scalar(employer.limit(1)),
            occupation=world.scalar(occupation.order_by(func.count().desc()).limit(1)),
        )
        for name, value in FILTERS.items()
    }
    query = Query(filters=tuple((name, values[name]) for name in pair))
    assert index in steps(world, partial(_page, world, SYSTEM, query))


@pytest.mark.parametrize(
    "shared", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_takes_no_frequent_name_for_a_rare_one(world: Session) -> None:
    """Who is found by a name taken for a rare one is sorted for a page, and they are many."""
    counted = func.count(User.id)
    names = select(User.last_name, counted).group_by(User.last_name)
    for name, count in world.execute(names.order_by(counted.desc()).limit(30)).all():
        found = {"found": f"%{searchable(name)}%"}
        (explained,) = world.scalars(SEARCH, found).one()
        assert explained["Plan"]["Plan Rows"] > count / 5, name


def test_would_notice_a_whole_read(world: Session) -> None:
    by_note = select(Participant.id).where(Participant.status_note == "x")
    assert whole_reads(world, lambda: world.execute(by_note))
    world.execute(text("DROP INDEX ix_user_name"))
    assert whole_reads(world, lambda: _page(world, SYSTEM, Query()))


def _page(session: Session, actor: Actor, query: Query) -> None:
    paging.page(session, actor, USERS if query.sort == "email" else PARTICIPANTS, query, 1_000)


def _sorted(session: Session) -> list[Query]:
    """Every offered sort, its first page and one far inside, both ways."""
    middle = session.scalars(select(Participant.id).offset(10_000).limit(1)).one()
    places: list[dict[str, int]] = [{}, {"after": middle}, {"before": middle}]
    return [
        Query(sort=sort, descending=down, **place)  # type: ignore[arg-type]
        for sort in (*PARTICIPANTS.sorts, "email")
        for down in (False, True)
        for place in places
    ]


def _filtered(session: Session) -> list[Query]:
    """Each filter, and any two together."""
    known = {
        "employer": session.scalars(select(Employer.id)).first(),
        "occupation": session.scalars(select(Participant.occupation)).first(),
    }
    values = {name: value.format(**known) for name, value in FILTERS.items()}
    combined = [(name,) for name in FILTERS] + PAIRS
    return [Query(filters=tuple((name, values[name]) for name in names)) for names in combined]


def _searched(session: Session) -> list[Query]:
    person = session.scalars(select(Participant).where(Participant.email.is_not(None))).first()
    assert person
    assert person.email
    assert person.apprentice_number
    terms = (person.email, person.apprentice_number, "zzqqx", "qx")
    return [Query(search=term) for term in terms]
