"""Sponsors and employers, and their seat limits."""

from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import Employer, Sponsor
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

SPONSORS, EMPLOYERS = "/admin/sponsor/", "/admin/employer/"


def save(person: Person, path: str, id: int, /, as_json: bool = False, **changed: Any) -> Answer:
    address = f"{path}edit/?id={id}"
    return person.post(address, as_json=as_json, **person.get(address).form | changed)


def recorded(stored: Stored, subject: str, id: int) -> list[tuple[str, dict[str, Any]]]:
    """(kind, fields) of an organization's changes, oldest first."""
    with stored() as session:
        rows = session.execute(
            select(Change.kind, ChangeItem.fields)
            .join(ChangeItem, ChangeItem.change_id == Change.id)
            .where(ChangeItem.subject_id == id, Change.subject == subject)
            .order_by(Change.id)
        )
        return [(str(kind), fields) for kind, fields in rows]


def test_a_regulator_creates_and_edits_a_sponsor(
    regulator: Person, world: World, stored: Stored
) -> None:
    made = regulator.post(f"{SPONSORS}new/", name=" Cedar  Guild ", program_number="P-9")
    assert made.status == 302
    assert regulator.follow(made).status == 200
    (id,) = regulator.get(SPONSORS, search="cedar guild").ids
    assert save(regulator, SPONSORS, id, seat_limit="1,000").status == 302
    assert save(regulator, SPONSORS, id, seat_limit="", name="Cedar").status == 302
    with stored() as session:
        sponsor = session.get(Sponsor, id)
        assert (sponsor.name, sponsor.program_number, sponsor.seat_limit) == ("Cedar", "P-9", None)
    assert recorded(stored, "sponsor", id)[1] == ("edit", {"seat_limit": [None, 1000]})


def test_a_sponsor_has_employers_of_its_own(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    answer = sponsor_staff.post(
        f"{EMPLOYERS}new/", as_json=True, name="West Works", sponsor=world.acme, seat_limit="0"
    )
    id = answer.json["id"]
    assert save(sponsor_staff, EMPLOYERS, id, seat_limit="7").status == 302
    row = sponsor_staff.get(EMPLOYERS, search="west").rows[id]
    assert (
        row
        | {
            "name": "West Works",
            "sponsor": str(world.acme),
            "seat_limit": "7",
            "used": "0",
            "free": "7",
        }
        == row
    )
    assert [kind for kind, _ in recorded(stored, "employer", id)] == ["create", "edit"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "BIRCH  works"),
        ("name", "a\u200bb"),
        ("program_number", "P-2"),
        ("program_number", "9" * 61),
        ("seat_limit", "-1"),
        ("seat_limit", "1.5"),
        ("seat_limit", "many"),
        ("seat_limit", "10000001"),
        ("seat_limit", "0" * 12 + "9" * 30),
        ("seat_limit", "9" * 5000),
        ("seat_limit", "²"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    regulator: Person, world: World, contents: Any, field: str, typed: str
) -> None:
    before = contents()
    page = save(regulator, SPONSORS, world.acme, **{field: typed})
    assert page.status == 200
    assert page.message_at(field), page
    refused = save(regulator, SPONSORS, world.acme, as_json=True, **{field: typed})
    assert (refused.status, list(refused.json["errors"])) == (422, [field])
    assert contents() == before


def test_employers_are_named_once_in_a_sponsor(
    regulator: Person, world: World, contents: Any
) -> None:
    before = contents()
    again = {"name": "NORTH electric", "sponsor": world.acme}
    assert regulator.post(f"{EMPLOYERS}new/", as_json=True, **again).status == 422
    assert contents() == before
    again["sponsor"] = world.birch
    assert regulator.post(f"{EMPLOYERS}new/", as_json=True, **again).status == 200


def test_an_employer_stays_with_its_sponsor(
    regulator: Person, sponsor_staff: Person, world: World, contents: Any
) -> None:
    before = contents()
    for person in (regulator, sponsor_staff):
        answer = save(person, EMPLOYERS, world.north, as_json=True, sponsor=world.birch)
        assert (answer.status, list(answer.json["errors"])) == (422, ["sponsor"])
    assert contents() == before


def test_only_declared_fields_are_written(regulator: Person, world: World, stored: Stored) -> None:
    forged = {"id": world.birch, "name_key": "x", "sponsor_id": world.birch, "employers": "1"}
    assert save(regulator, SPONSORS, world.acme, name="Acme", **forged).status == 302
    assert save(regulator, EMPLOYERS, world.north, name="North", **forged).status == 302
    with stored() as session:
        assert session.get(Sponsor, world.birch).name == "Birch Works"
        assert session.get(Employer, world.north).sponsor_id == world.acme
        assert session.get(Employer, world.north).name_key == "north"


def test_a_stale_limit_is_a_conflict(regulator: Person, world: World) -> None:
    for path, id in ((SPONSORS, world.acme), (EMPLOYERS, world.north)):
        stale = regulator.get(f"{path}edit/?id={id}").form
        assert save(regulator, path, id, seat_limit="50").status == 302
        conflict = regulator.post(f"{path}edit/?id={id}", **stale | {"seat_limit": "60"})
        assert (conflict.status, conflict.form["seat_limit"]) == (409, "60")
        assert "50" in conflict.text
        assert regulator.post(f"{path}edit/?id={id}", **conflict.form).status == 302


def test_the_lists_filter_and_sort_by_seats(
    regulator: Person, sponsor_staff: Person, world: World
) -> None:
    save(regulator, EMPLOYERS, world.north, seat_limit="0")
    save(regulator, SPONSORS, world.acme, seat_limit="1")
    assert regulator.get(EMPLOYERS, flt0_over_limit_equals="1").ids == [world.north]
    assert set(regulator.get(EMPLOYERS, flt0_over_limit_equals="0").ids) == {
        world.south,
        world.east,
    }
    assert regulator.get(SPONSORS, flt0_over_limit_equals="1").ids == [world.acme]
    assert regulator.get(EMPLOYERS, flt0_sponsor_equals=world.birch).ids == [world.east]
    both = {"flt0_sponsor_equals": world.acme, "flt1_over_limit_equals": "1"}
    assert regulator.get(EMPLOYERS, **both).ids == [world.north]
    assert regulator.get(SPONSORS, sort="used", desc="1").ids == [world.acme, world.birch]
    assert set(sponsor_staff.get(EMPLOYERS).ids) == {world.north, world.south}
    assert sponsor_staff.get(SPONSORS).ids == [world.acme]
