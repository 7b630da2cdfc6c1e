"""Lists are sorted, paged and counted."""

import pytest

from seatadmin.config import COUNT_BOUND
from seatadmin.models import Employer
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"


SORTS = {
    PARTICIPANTS: (
        "name",
        "apprentice_number",
        "program_status",
        "account_status",
        "status_date",
        "registration_date",
    ),
    "/admin/user/": ("name", "email", "account_status"),
    "/admin/employer/": ("name", "used"),
    "/admin/sponsor/": ("name", "used"),
    "/admin/change/": ("id",),
}


def test_it_sorts_both_ways_by_each_offered_column(regulator: Person, world: World) -> None:
    regulator.act(PARTICIPANTS, "suspend", *world.active.values())
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
