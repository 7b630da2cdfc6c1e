"""The audit as each person sees it: only the own part of what was done."""

from datetime import date
from typing import Any

import pytest

from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"
CHANGES = "/admin/change/"


@pytest.fixture
def batch(regulator: Person, world: World) -> int:
    """A regulator suspends one participant of each employer."""
    done = regulator.act(PARTICIPANTS, "suspend", *world.active.values(), note="all of you")
    return int(done.json["change_id"])


def seen(answer: Answer) -> set[int]:
    return set(answer.ids)


def test_each_sees_how_many_of_the_own(
    regulator: Person,
    sponsor_staff: Person,
    other_sponsor_staff: Person,
    employer_admin: Person,
    world: World,
    batch: int,
) -> None:
    for person, subjects in (
        (regulator, "3"),
        (sponsor_staff, "2"),
        (other_sponsor_staff, f"participant #{world.active['east']}"),
        (employer_admin, f"participant #{world.active['north']}"),
    ):
        row = person.get(CHANGES).rows[batch]
        assert row | {"kind": "transition", "action": "suspend", "subjects": subjects} == row
        assert row["note"] == "all of you"
        assert row["at"].startswith(f"{date.today().year}-"), "a moment, to be read by scripts"
        assert row["actor"] == str(world.regulator)
        assert row.keys() >= {"id", "effective_date", "reason"}


def test_each_sees_only_the_own_rows_of_a_change(
    regulator: Person,
    sponsor_staff: Person,
    other_sponsor_staff: Person,
    employer_admin: Person,
    world: World,
    batch: int,
) -> None:
    places = {"north", "south", "east"}
    for person, own in (
        (regulator, places),
        (sponsor_staff, {"north", "south"}),
        (other_sponsor_staff, {"east"}),
        (employer_admin, {"north"}),
    ):
        answer = person.get(f"{CHANGES}details/", id=batch)
        assert seen(answer) == {world.active[place] for place in own}
        assert answer.fields["subjects"].startswith(str(len(own)))
        for place in places - own:
            assert f"Active {place.capitalize()}" not in answer.text


def test_a_change_elsewhere_is_not_there(
    regulator: Person, other_sponsor_staff: Person, world: World
) -> None:
    id = regulator.act(PARTICIPANTS, "cancel", world.active["north"]).json["change_id"]
    assert id not in other_sponsor_staff.get(CHANGES).ids
    assert other_sponsor_staff.get(f"{CHANGES}details/", id=id).status == 404


def test_the_filters_of_changes(
    sponsor_staff: Person, other_sponsor_staff: Person, world: World, batch: int
) -> None:
    own = sponsor_staff.act(PARTICIPANTS, "deactivate", world.suspended["north"]).json
    assert own["change_id"] is None
    second = sponsor_staff.act(PARTICIPANTS, "cancel", world.suspended["north"]).json["change_id"]
    assert sponsor_staff.get(CHANGES, flt0_action_equals="cancel").ids == [second]
    assert sponsor_staff.get(CHANGES, flt0_kind_equals="transition").ids == [second, batch]
    subject = {"flt0_subject_equals": world.suspended["north"]}
    assert sponsor_staff.get(CHANGES, **subject).ids == [second]
    assert sponsor_staff.get(CHANGES, **subject, flt1_action_equals="suspend").ids == []


def test_a_filter_tells_nothing_of_foreign_subjects(
    sponsor_staff: Person, world: World, batch: int
) -> None:
    """The batch is visible, but not that somebody of another sponsor was in it."""
    foreign = sponsor_staff.get(CHANGES, flt0_subject_equals=world.active["east"])
    assert (foreign.ids, foreign.total) == ([], "0")


def test_the_newest_change_comes_first(sponsor_staff: Person, world: World, batch: int) -> None:
    later = sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"]).json["change_id"]
    assert sponsor_staff.get(CHANGES).ids == [later, batch]
    assert sponsor_staff.get(CHANGES, sort="id").ids == [batch, later]


def test_a_moved_participant_is_named_no_more_to_those_who_were_left(
    regulator: Person, other_sponsor_staff: Person, world: World
) -> None:
    """What was done while they were there stays visible, under the number alone."""
    id = world.active["east"]
    done = regulator.act(PARTICIPANTS, "suspend", id).json["change_id"]
    version = regulator.get(f"/admin/participant/edit/?id={id}").form["version"]
    moved = regulator.post(
        f"/admin/participant/edit/?id={id}",
        as_json=True,
        version=version,
        employer=world.north,
        last_name="Newname",
    )
    assert moved.status == 200, moved
    page = other_sponsor_staff.get(f"{CHANGES}details/", id=done)
    assert seen(page) == {id}
    assert "Newname" not in page.text
    assert "Newname" not in other_sponsor_staff.get(CHANGES).text
    assert other_sponsor_staff.get("/admin/participant/details/", id=id).status == 404


def test_kinds_are_those_of_the_interface(
    regulator: Person, sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    new = {"first_name": "A", "last_name": "B", "email": "a@b.org"}
    made = regulator.post("/admin/participant/new/", as_json=True, **new, employer=world.north)
    assert made.status == 200
    regulator.act(PARTICIPANTS, "deactivate", id)
    regulator.act(PARTICIPANTS, "cancel", id)
    regulator.get(f"{PARTICIPANTS}export/csv/")
    regulator.post("/admin/participant/delete/", id=made.json["id"], confirm="A B")
    edit = f"/admin/user/edit/?id={world.north_admin}"
    regulator.post(edit, version=1, role="sponsor", sponsor=world.acme)
    regulator.post(f"/admin/sponsor/edit/?id={world.acme}", version=1, seat_limit=9)
    told: list[tuple[Any, ...]] = [
        (row["kind"], row["action"], row["subjects"])
        for row in regulator.get(CHANGES).rows.values()
    ]
    assert told == [
        ("edit", "edit", f"sponsor #{world.acme}"),
        ("permission", "edit", f"user #{world.north_admin}"),
        ("delete", "delete", f"participant #{made.json['id']}"),
        ("export", "export", "0"),
        ("transition", "cancel", f"participant #{id}"),
        ("account", "deactivate", f"participant #{id}"),
        ("create", "create", f"participant #{made.json['id']}"),
    ]


def test_its_records_lead_to_their_pages_for_those_who_may_open_them(
    regulator: Person, employer_admin: Person, world: World, batch: int
) -> None:
    for person, own in ((regulator, ("north", "south", "east")), (employer_admin, ("north",))):
        page = person.get(f"{CHANGES}details/?id={batch}").text
        for place, id in world.active.items():
            address = f"{PARTICIPANTS}details/?id={id}"
            assert (f'href="{address}"' in page) is (place in own), (person, place)
        assert person.get(f"{PARTICIPANTS}details/?id={world.active[own[0]]}").status == 200
