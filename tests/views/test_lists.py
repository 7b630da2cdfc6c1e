"""Lists: search, filters alone and in pairs, order, paging, totals."""

from itertools import combinations
from typing import Any

import pytest
from flask import Flask

from seatadmin.config import COUNT_BOUND
from seatadmin.models import Employer, User
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, sponsor_staff
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"

FILTERS = {
    "program_status": "cancelled",
    "account_status": "deactivated",
    "sponsor": "{acme}",
    "employer": "{north}",
    "occupation": "Plumber",
    "cancellation_reason": "health",
    "out_of_step": "1",
    "reason_missing": "1",
}
"""The filters of participants, each with a value of which there is something to find."""


@pytest.fixture
def lovelace(world: World, stored: Stored) -> int:
    """Ada Lovelace of North."""
    with stored() as session:
        ada = ParticipantFactory(
            first_name="Ada",
            last_name="Lovelace",
            email="ada.lovelace@example.org",
            apprentice_number="AL-1815",
            employer=session.get(Employer, world.north),
        )
        session.commit()
        return int(ada.id)


FOUND = (
    "Ada",
    "ada",
    "love",
    "Lovelace",
    "Ada Lovelace",
    "Lovelace Ada",
    "Lovelace, Ada",
    "  ada   love ",
    "ÁDA",
    "ada.lovelace@example.org",
    "ADA.LOVELACE@EXAMPLE.ORG",
    "lovelace@",
    "AL-1815",
    "al-18",
    "1815",
    "lo",
    "ad",
)


def test_search_finds_by_name_mail_and_number(sponsor_staff: Person, lovelace: int) -> None:
    for typed in FOUND:
        answer = sponsor_staff.get(PARTICIPANTS, search=typed)
        assert (answer.ids, answer.total) == ([lovelace], "1"), typed


def test_search_finds_nothing_else(sponsor_staff: Person, lovelace: int) -> None:
    for typed in ("Grace", "Ada Hopper", "%", "_d_", "'", '"', "zz", "a*", "OR", "ada)", "-ada"):
        answer = sponsor_staff.get(PARTICIPANTS, search=typed)
        assert (answer.status, answer.ids, answer.total) == (200, [], "0"), typed


def test_search_stays_in_scope(other_sponsor_staff: Person, lovelace: int) -> None:
    for typed in FOUND:
        assert lovelace not in other_sponsor_staff.get(PARTICIPANTS, search=typed).ids, typed


def test_search_tells_nothing_of_an_exact_match_elsewhere(
    other_sponsor_staff: Person, lovelace: int, world: World, stored: Stored
) -> None:
    """Somebody of one's own is found by a part of the number, whoever else has just that number."""
    with stored() as session:
        employer = session.get(Employer, world.east)
        own = ParticipantFactory(apprentice_number="X-AL-1815-7", employer=employer)
        session.commit()
        id = own.id
    assert other_sponsor_staff.get(PARTICIPANTS, search="AL-1815").ids == [id]


def test_staff_are_found_among_the_users(regulator: Person, world: World) -> None:
    assert regulator.get("/admin/user/", search="acme@example.org").ids == [world.acme_staff]
    assert regulator.get("/admin/user/", search="Sam Acme").ids == [world.acme_staff]
    assert world.acme_staff not in regulator.get(PARTICIPANTS, search="Sam").ids


def test_a_row_holds_what_the_interface_promises(sponsor_staff: Person, world: World) -> None:
    row = sponsor_staff.get(PARTICIPANTS, search="cancelled.north@example.org").rows
    cells = row[world.cancelled["north"]]
    assert (
        cells
        | {
            "name": "North, Cancelled",
            "apprentice_number": "north-cancelled",
            "employer": str(world.north),
            "sponsor": str(world.acme),
            "occupation": "Electrician",
            "program_status": "cancelled",
            "account_status": "deactivated",
            "status_date": "2024-06-09",
            "cancellation_reason": "left_employment",
            "out_of_step": "false",
        }
        == cells
    )
    assert cells["program_status"].words == "Cancelled"
    assert cells["cancellation_reason"].words == "Left employment"
    assert cells["employer"].words == "North Electric"


def test_out_of_step_is_shown(sponsor_staff: Person, world: World) -> None:
    cells = sponsor_staff.get(PARTICIPANTS, flt0_out_of_step_equals="1").rows
    assert set(cells) == {world.out_of_step["north"], world.out_of_step["south"]}
    assert {row["out_of_step"] for row in cells.values()} == {"true"}


@pytest.fixture
def crowd(world: World, stored: Stored) -> dict[int, dict[str, Any]]:
    """Participants of every kind, with what each filter looks at."""
    with stored() as session:
        for place in (world.north, world.south, world.east):
            employer = session.get(Employer, place)
            ParticipantFactory(cancelled=True, cancellation_reason="health", employer=employer)
            ParticipantFactory(
                cancelled=True,
                cancellation_reason="health",
                occupation="Plumber",
                employer=employer,
            )
            ParticipantFactory(cancelled=True, cancellation_reason=None, employer=employer)
            ParticipantFactory(
                cancelled=True, cancellation_reason=None, occupation="Plumber", employer=employer
            )
            ParticipantFactory(out_of_step=True, occupation="Plumber", employer=employer)
        session.commit()
        return {user.id: _seen(user) for user in session.query(User) if user.kind == "participant"}


def _seen(user: User) -> dict[str, Any]:
    cancelled, ended = user.program_status == "cancelled", user.program_status != "active"
    return {
        "program_status": str(user.program_status),
        "account_status": str(user.account_status),
        "sponsor": str(user.sponsor_id),
        "employer": str(user.employer_id),
        "occupation": user.occupation,
        "cancellation_reason": user.cancellation_reason,
        "out_of_step": "1" if not ended and user.account_status == "deactivated" else "0",
        "reason_missing": "1" if cancelled and user.cancellation_reason is None else "0",
    }


def test_filters_work_alone_and_in_pairs(
    regulator: Person, world: World, crowd: dict[int, dict[str, Any]]
) -> None:
    values = {name: value.format(**vars_of(world)) for name, value in FILTERS.items()}
    wanted = [(name,) for name in values] + list(combinations(values, 2))
    for names in wanted:
        query = {f"flt{7 - i}_{name}_equals": values[name] for i, name in enumerate(names)}
        answer = regulator.get(PARTICIPANTS, page_size=200, **query)
        matching = {
            id for id, seen in crowd.items() if all(seen[name] == values[name] for name in names)
        }
        assert set(answer.ids) == matching, names
        assert answer.total == str(len(matching)), names
        assert matching or set(names) in UNSATISFIABLE, names


UNSATISFIABLE = [
    {"program_status", "out_of_step"},
    {"cancellation_reason", "out_of_step"},
    {"cancellation_reason", "reason_missing"},
    {"out_of_step", "reason_missing"},
]
"""Pairs that exclude each other; of every other pair the crowd has somebody."""


def vars_of(world: World) -> dict[str, Any]:
    return {name: getattr(world, name) for name in ("acme", "birch", "north", "south", "east")}


def test_values_of_one_filter_are_alternatives(regulator: Person, world: World) -> None:
    query = {"flt0_program_status_equals": "suspended", "flt1_program_status_equals": "completed"}
    ids = regulator.get(PARTICIPANTS, **query).ids
    assert set(ids) == {*world.suspended.values(), *world.completed.values()}


def test_filters_and_search_combine(regulator: Person, world: World) -> None:
    answer = regulator.get(PARTICIPANTS, search="North", flt0_program_status_equals="suspended")
    assert answer.ids == [world.suspended["north"]]


def test_an_organization_is_filtered_by_name_too(regulator: Person, world: World) -> None:
    by_name = regulator.get(PARTICIPANTS, flt0_employer_equals="north electric").ids
    by_both = regulator.get(PARTICIPANTS, flt0_employer_equals=f"North Electric #{world.north}").ids
    assert set(by_name) == set(by_both) == {people["north"] for people in _all(world)}


def _all(world: World) -> list[dict[str, int]]:
    return [world.active, world.suspended, world.completed, world.cancelled, world.out_of_step]


def test_a_filter_that_cannot_be_read_is_left_out_and_said_so(sponsor_staff: Person) -> None:
    for name, value in (
        ("program_status", "expelled"),
        ("employer", "0"),
        ("employer", "9" * 40),
        ("nothing", "1"),
        ("out_of_step", "perhaps"),
    ):
        answer = sponsor_staff.get(PARTICIPANTS, **{f"flt0_{name}_equals": value})
        assert (answer.status, answer.total) == (200, "10"), name
        assert "left out" in answer.messages, name


def test_a_foreign_organization_is_filtered_like_an_absent_one(
    sponsor_staff: Person, world: World
) -> None:
    foreign = sponsor_staff.get(PARTICIPANTS, flt0_employer_equals=world.east)
    absent = sponsor_staff.get(PARTICIPANTS, flt0_employer_equals=987654)
    assert foreign.stable.replace(str(world.east), "#") == absent.stable.replace(
        "987654", "#"
    ).replace(str(world.east), "#")
    assert "East Roofing" not in foreign.text


SORTS = {
    PARTICIPANTS: (
        "name",
        "apprentice_number",
        "program_status",
        "account_status",
        "status_date",
        "registration_date",
    ),
    "/admin/user/": ("name", "email", "kind", "account_status"),
    "/admin/employer/": ("name", "used"),
    "/admin/sponsor/": ("name", "used"),
    "/admin/change/": ("id",),
}


def test_it_sorts_both_ways_by_each_offered_column(
    regulator: Person, crowd: dict[int, Any]
) -> None:
    regulator.act(PARTICIPANTS, "suspend", *crowd)
    for path in SORTS:
        _sorts(regulator, path)


def _sorts(regulator: Person, path: str) -> None:
    for name in SORTS[path]:
        rising = regulator.get(path, sort=name, page_size=200)
        falling = regulator.get(path, sort=name, desc="1", page_size=200)
        assert rising.ids == falling.ids[::-1], name
        values = [cells[name] for cells in rising.rows.values() if name in cells]
        if name not in ("name", "used", "id"):
            assert values == sorted(values), name
        if name in ("used", "id"):
            assert list(map(int, values)) == sorted(map(int, values)), name
    names = [
        cells["name"].casefold() for cells in regulator.get(path).rows.values() if "name" in cells
    ]
    assert names == sorted(names)


def test_the_offered_columns_are_the_ones_that_are_tested(regulator: Person, world: World) -> None:
    for path, names in SORTS.items():
        answer = regulator.get(path)
        heads = [node for node in answer.page.having("href") if "sort=" in node.attrs["href"]]
        offered = {node.attrs["href"].split("sort=")[1].split("&")[0] for node in heads}
        assert offered <= set(names), path


@pytest.fixture
def ties(world: World, stored: Stored) -> set[int]:
    """75 participants of North who differ in little but their ids."""
    with stored() as session:
        employer = session.get(Employer, world.north)
        many = [
            ParticipantFactory(
                first_name="Kim",
                last_name="Tie" if i % 3 else f"Tie {i % 7}",
                apprentice_number=None if i % 2 else f"T-{i:03}",
                employer=employer,
            ).id
            for i in range(75)
        ]
        session.commit()
        return set(many)


@pytest.mark.parametrize("descending", [False, True])
def test_paging_visits_every_row_once_both_ways(
    sponsor_staff: Person, ties: set[int], descending: bool
) -> None:
    for sort in SORTS[PARTICIPANTS]:
        query = {"search": "Tie", "page_size": 20, "sort": sort}
        first = sponsor_staff.get(PARTICIPANTS, **query, **({"desc": "1"} if descending else {}))
        pages = _walk(sponsor_staff, first, "next")
        assert [len(page.ids) for page in pages] == [20, 20, 20, 15], sort
        seen = [id for page in pages for id in page.ids]
        assert sorted(seen) == sorted(ties), sort
        assert {page.total for page in pages} == {"75"}, sort
        back = _walk(sponsor_staff, pages[-1], "prev")
        assert [page.ids for page in back] == [page.ids for page in pages[::-1]], sort
        assert (first.rel("prev"), back[-1].rel("prev")) == (None, None), sort


def test_the_other_lists_page_both_ways_too(
    regulator: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        for i in range(43):
            employer = EmployerFactory(sponsor=SponsorFactory(seat_limit=i % 3))
            ParticipantFactory(employer=employer, email=None, out_of_step=i % 2 == 0)
        session.commit()
    for path in SORTS.keys() - {PARTICIPANTS, "/admin/change/"}:
        for sort in SORTS[path]:
            query = {"sort": sort, "page_size": 20, "desc": "1"}
            pages = _walk(regulator, regulator.get(path, **query), "next")
            seen = [id for page in pages for id in page.ids]
            assert len(seen) == len(set(seen)) == int(pages[0].total), (path, sort)
            back = _walk(regulator, pages[-1], "prev")
            assert [page.ids for page in back] == [page.ids for page in pages[::-1]], (path, sort)
            assert len(pages) > 2, path


def test_changes_page_both_ways(regulator: Person, world: World) -> None:
    for _ in range(45):
        regulator.get("/admin/sponsor/export/csv/")
    pages = _walk(regulator, regulator.get("/admin/change/", page_size=20), "next")
    assert [len(page.ids) for page in pages] == [20, 20, 5]
    seen = [id for page in pages for id in page.ids]
    assert seen == sorted(set(seen), reverse=True)
    back = _walk(regulator, pages[-1], "prev")
    assert [page.ids for page in back] == [page.ids for page in pages[::-1]]


def _walk(person: Person, page: Answer, rel: str) -> list[Answer]:
    pages = [page]
    while address := pages[-1].rel(rel):
        pages.append(person.get(address))
        assert len(pages) < 10
    return pages


def test_the_page_size_is_one_of_four(sponsor_staff: Person, ties: set[int]) -> None:
    for asked, rows in (("20", 20), ("50", 50), ("100", 85), ("200", 85)):
        assert len(sponsor_staff.get(PARTICIPANTS, page_size=asked).ids) == rows
    for asked in ("", "0", "-1", "51", "1000000", "all", "9" * 50):
        assert len(sponsor_staff.get(PARTICIPANTS, page_size=asked).ids) == 50, asked


def test_a_page_beside_a_row_that_is_gone_or_foreign_is_the_first(
    sponsor_staff: Person, world: World, ties: set[int]
) -> None:
    """And both are answered alike: where a foreign row would stand tells its name."""
    first = sponsor_staff.get(PARTICIPANTS).ids
    for side in ("after", "before"):
        for id in (987_654, world.active["east"], world.acme_staff):
            assert sponsor_staff.get(PARTICIPANTS, **{side: id}).ids == first, (side, id)


def test_totals_are_exact_up_to_a_bound(
    sponsor_staff: Person, ties: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("base", "acting", "seats"):
        monkeypatch.setattr(f"seatadmin.views.{module}.COUNT_BOUND", 74)
    assert sponsor_staff.get(PARTICIPANTS, search="Tie").total == "74+"
    for module in ("base", "acting", "seats"):
        monkeypatch.setattr(f"seatadmin.views.{module}.COUNT_BOUND", 75)
    assert sponsor_staff.get(PARTICIPANTS, search="Tie").total == "75"


def test_the_bound_is_a_thousand_or_more() -> None:
    assert COUNT_BOUND >= 1_000


def test_lists_show_only_what_is_in_scope(app: Flask, world: World, stored: Stored) -> None:
    with stored() as session:
        second = sponsor_staff(email="second@example.org")
        session.commit()
        stranger = Person(app, second.id)
    for path in (PARTICIPANTS, "/admin/employer/", "/admin/change/"):
        assert stranger.get(path).total == "0", path
    assert stranger.get("/admin/user/").ids == [stranger.user_id]
    assert stranger.get("/admin/sponsor/").total == "1"


def test_filter_choices_stay_in_scope(sponsor_staff: Person, employer_admin: Person) -> None:
    for path in (PARTICIPANTS, "/admin/user/", "/admin/employer/"):
        for person in (sponsor_staff, employer_admin):
            text = person.get(path).text
            assert "Birch Works" not in text, path
            assert "East Roofing" not in text, path
    assert "South Plumbing" not in employer_admin.get(PARTICIPANTS).text
