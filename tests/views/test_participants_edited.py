"""The participant's form: fields, messages, conflicts."""

from datetime import date
from typing import Any

import pytest

from tests.views.browsing import Person
from tests.views.conftest import Stored, World
from tests.views.participants import TOMORROW, audit, edit, read, save


@pytest.mark.parametrize(
    ("field", "typed", "stored_as"),
    [
        ("first_name", "Zoe", "Zoe"),
        ("last_name", "Zimmer", "Zimmer"),
        ("email", "", None),
        ("email", "new@example.org", "new@example.org"),
        ("apprentice_number", "N-9", "N-9"),
        ("occupation", "", None),
        ("occupation", "Roofer", "Roofer"),
        ("registration_date", "2024-02-29", date(2024, 2, 29)),
        ("expected_completion_date", "20290101", date(2029, 1, 1)),
    ],
)
def test_it_edits_each_field(
    sponsor_staff: Person, world: World, stored: Stored, field: str, typed: str, stored_as: Any
) -> None:
    id = world.active["north"]
    assert save(sponsor_staff, id, **{field: typed}).status == 302
    assert read(stored, id)[field] == stored_as
    assert audit(stored, id) == [("edit", "edit")]


def test_saving_without_a_change_records_nothing(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    people = (world.active, world.suspended, world.completed, world.cancelled)
    for id in (state["north"] for state in people):
        before = contents()
        answer = save(sponsor_staff, id)
        assert answer.status == 302
        sponsor_staff.follow(answer)
        now = contents()
        assert {name for name in now if now[name] != before[name]} <= {"request"}


def test_an_employer_administrator_edits_but_does_not_reassign(
    employer_admin: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    form = employer_admin.get(edit(id)).form
    assert not form.keys() & {"employer", "apprentice_number", "registration_date"}
    forged = {"employer": world.south, "apprentice_number": "X", "registration_date": "2020-01-01"}
    before = read(stored, id)
    assert save(employer_admin, id, first_name="Zoe", **forged).status == 302
    after = read(stored, id)
    assert after["first_name"] == "Zoe"
    assert {key: after[key] for key in before if key.startswith(("emp", "app", "reg"))} == {
        key: before[key] for key in before if key.startswith(("emp", "app", "reg"))
    }


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("first_name", ""),
        ("last_name", "   "),
        ("first_name", "x" * 101),
        ("last_name", "a\x00b"),
        ("last_name", "a\u202eb"),
        ("email", "not an address"),
        ("email", "acme@example.org"),
        ("email", "east@example.org"),
        ("email", "SUSPENDED.NORTH@example.org"),
        ("apprentice_number", "east-active"),
        ("apprentice_number", "9" * 61),
        ("occupation", "x" * 201),
        ("registration_date", "2024-02-30"),
        ("registration_date", "02/03/2024"),
        ("registration_date", ""),
        ("registration_date", TOMORROW),
        ("registration_date", "1066-10-14"),
        ("expected_completion_date", "2020-01-01"),
        ("expected_completion_date", "soon"),
        ("employer", ""),
        ("employer", "{east}"),
        ("employer", "987654321"),
        ("employer", "99999999999999999999999"),
        ("employer", "No Such Employer"),
        ("program_status", "expelled"),
        ("program_status", ""),
        ("status_date", "2024-05-01"),
        ("cancellation_reason", "health"),
        ("cancellation_reason", "nonsense"),
        ("status_note", "x" * 1001),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    sponsor_staff: Person, world: World, contents: Any, field: str, typed: str
) -> None:
    id, typed = world.active["north"], typed.format(east=world.east)
    before = contents()
    answer = save(sponsor_staff, id, **{field: typed, "first_name": "Zoe"} | {field: typed})
    assert answer.status == 200
    assert answer.message_at(field), answer
    if field != "first_name":
        assert answer.form["first_name"] == "Zoe"
    refused = save(sponsor_staff, id, as_json=True, **{field: typed})
    assert refused.status == 422
    assert refused.json["errors"].keys() == {field}, refused
    assert contents() == before


def test_another_tenants_mail_is_refused_without_saying_that_it_exists(
    sponsor_staff: Person, world: World
) -> None:
    id = world.active["north"]
    own = save(sponsor_staff, id, as_json=True, email="suspended.north@example.org")
    foreign = save(sponsor_staff, id, as_json=True, email="active.east@example.org")
    staff = save(sponsor_staff, id, as_json=True, email="birch@example.org")
    assert "Another person" in str(own.json["errors"])
    assert foreign.json == staff.json
    assert "Another" not in str(foreign.json["errors"])


def test_a_stale_form_loses_nothing(sponsor_staff: Person, regulator: Person, world: World) -> None:
    id = world.active["north"]
    stale = sponsor_staff.get(edit(id)).form
    assert save(regulator, id, first_name="Theirs", occupation="Roofer").status == 302
    conflict = sponsor_staff.post(edit(id), **stale | {"first_name": "Mine"})
    assert conflict.status == 409
    assert conflict.form["first_name"] == "Mine"
    assert "Theirs" in conflict.text
    assert "Roofer" in conflict.text
    again = sponsor_staff.post(edit(id), **conflict.form)
    assert again.status == 302
    assert sponsor_staff.follow(again).fields["first_name"] == "Mine"


def test_a_stale_script_gets_both_versions(
    sponsor_staff: Person, regulator: Person, world: World, contents: Any
) -> None:
    id = world.active["north"]
    save(regulator, id, first_name="Theirs")
    before = contents()
    answer = sponsor_staff.post(edit(id), as_json=True, version="1", first_name="Mine")
    assert answer.status == 409
    assert answer.json["version"] == 2
    assert answer.json["current"]["first_name"] == "Theirs"
    assert answer.json["yours"]["first_name"] == "Mine"
    for version in (None, "", "0", "x", "-1", "9" * 30, "1.0"):
        answer = sponsor_staff.post(edit(id), as_json=True, version=version, first_name="Mine")
        assert answer.status == 409, version
    assert contents() == before


def test_a_batch_makes_an_open_form_stale(sponsor_staff: Person, world: World) -> None:
    id = world.active["north"]
    stale = sponsor_staff.get(edit(id)).form
    sponsor_staff.act("/admin/participant/", "suspend", id)
    assert sponsor_staff.post(edit(id), **stale).status == 409


def test_fields_left_out_stay(sponsor_staff: Person, world: World, stored: Stored) -> None:
    id = world.suspended["north"]
    before = read(stored, id)
    answer = sponsor_staff.post(edit(id), as_json=True, version="1", occupation="Roofer")
    assert answer.json == {"id": id, "version": 2}
    after = read(stored, id)
    assert {key for key in after if after[key] != before[key]} == {"occupation", "version"}
