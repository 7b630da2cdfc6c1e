"""Lists are filtered by one value, by several, by any two filters together."""

from itertools import combinations
from typing import Any

import pytest

from seatadmin.models import Employer, User
from tests.factories import ParticipantFactory
from tests.views.browsing import Person
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


UNREADABLE = [
    ("program_status", "expelled"),
    ("employer", "0"),
    ("employer", "9" * 20),
    ("employer", "9" * 40),
    ("employer", "\x00"),
    ("nothing", "1"),
    ("out_of_step", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), UNREADABLE)
def test_a_filter_that_cannot_be_read_matches_nothing_and_says_so(
    sponsor_staff: Person, name: str, value: str
) -> None:
    for readable in ({}, {"flt1_account_status_equals": "active"}, {"search": "a"}):
        answer = sponsor_staff.get(PARTICIPANTS, **{f"flt0_{name}_equals": value}, **readable)
        assert (answer.status, answer.ids, answer.total) == (200, [], "0")
        assert "matches nothing" in answer.messages


def test_a_filter_that_cannot_be_read_stays_until_it_is_taken_away(regulator: Person) -> None:
    everybody = regulator.get(PARTICIPANTS).total
    shown = regulator.get(PARTICIPANTS, flt0_employer_equals="9" * 20)
    links = [node.attrs["href"] for node in shown.page.having("href")]
    assert [href for href in links if href.startswith("export/csv") and "9" * 20 in href]
    (chip,) = shown.page.having("href", **{"class": "chip"})
    assert regulator.get(PARTICIPANTS + chip.attrs["href"].removeprefix("./")).total == everybody


def test_a_search_is_said_and_taken_away_like_a_filter(regulator: Person) -> None:
    shown = regulator.get(PARTICIPANTS, search="north", flt0_program_status_equals="active")
    search, program = shown.page.having("href", **{"class": "chip"})
    assert "Search is <strong>north</strong>" in shown.text
    assert search.attrs["href"] == "?flt0_program_status_equals=active"
    assert program.attrs["href"] == "?search=north"


def test_a_foreign_organization_is_filtered_like_an_absent_one(
    sponsor_staff: Person, world: World
) -> None:
    foreign = sponsor_staff.get(PARTICIPANTS, flt0_employer_equals=world.east)
    absent = sponsor_staff.get(PARTICIPANTS, flt0_employer_equals=987654)
    assert foreign.stable.replace(str(world.east), "#") == absent.stable.replace(
        "987654", "#"
    ).replace(str(world.east), "#")
    assert "East Roofing" not in foreign.text


def test_filter_choices_stay_in_scope(sponsor_staff: Person, employer_admin: Person) -> None:
    for path in (PARTICIPANTS, "/admin/user/", "/admin/employer/"):
        for person in (sponsor_staff, employer_admin):
            text = person.get(path).text
            assert "Birch Works" not in text, path
            assert "East Roofing" not in text, path
    assert "South Plumbing" not in employer_admin.get(PARTICIPANTS).text
