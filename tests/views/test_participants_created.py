"""Participants are created by a form, and deleted by typing their name."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from seatadmin.ledger import Change, ChangeItem, ChangePersonal
from seatadmin.models import Participant
from tests.views.browsing import Person
from tests.views.conftest import Stored, World
from tests.views.participants import NEW, audit, read, save

EVERYTHING = {
    "first_name": " Zoë  Ann ",
    "last_name": "O'Neil-Łuć",
    "email": "Zoe@Example.ORG",
    "apprentice_number": "Z-1",
    "occupation": "Carpenter",
    "registration_date": "20250102",
    "expected_completion_date": "2028-01-02",
}


def test_it_creates_an_active_participant(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    form = sponsor_staff.get(NEW).form
    assert set(form) >= {*EVERYTHING, "employer"}
    assert "program_status" not in form
    answer = sponsor_staff.post(NEW, **form | EVERYTHING | {"employer": world.north})
    assert answer.status == 302
    fields = sponsor_staff.follow(answer).fields
    assert (
        fields
        | {
            "first_name": "Zoë Ann",
            "last_name": "O'Neil-Łuć",
            "email": "Zoe@example.org",
            "apprentice_number": "Z-1",
            "employer": str(world.north),
            "sponsor": str(world.acme),
            "occupation": "Carpenter",
            "registration_date": "2025-01-02",
            "expected_completion_date": "2028-01-02",
            "program_status": "active",
            "account_status": "active",
            "status_date": "2025-01-02",
            "out_of_step": "false",
        }
        == fields
    )
    id = int(sponsor_staff.get("/admin/participant/", search="Z-1").ids[0])
    assert audit(stored, id) == [("create", "create")]


def test_the_form_marks_what_may_not_be_blank(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    given, before = EVERYTHING | {"employer": world.north}, contents()
    needed = {node.attrs["name"] for node in sponsor_staff.get(NEW).page.having("required")}
    assert needed == {"first_name", "last_name", "employer"}
    for name in needed:
        answer = sponsor_staff.post(NEW, **given | {name: ""})
        assert (answer.status, f'id="{name}-error"' in answer.text) == (200, True)
    assert contents() == before


def test_a_script_creates_with_what_is_needed(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    answer = sponsor_staff.post(
        NEW, as_json=True, first_name="A", last_name="B", email="a@b.org", employer=world.north
    )
    assert answer.status == 200
    assert read(stored, answer.json["id"])["registration_date"] == date.today()


def test_what_the_form_does_not_offer_is_not_written(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    forged = {
        "id": world.active["south"],
        "kind": "staff",
        "role": "regulator",
        "account_status": "deactivated",
        "sponsor": world.birch,
        "sponsor_id": world.birch,
        "employer_id": world.east,
        "password_hash": "x",
        "password": "long enough to be a password",
        "name_key": "x",
        "recorded_at": "2000-01-01",
    }
    new = {"first_name": "A", "last_name": "B", "email": "a@b.org", "employer": world.north}
    on_new = {"program_status": "cancelled", "status_date": "2025-01-01", "status_note": "x"}
    created = sponsor_staff.post(NEW, as_json=True, **new, **forged, **on_new).json["id"]
    untouched = read(stored, world.active["south"])
    before = read(stored, world.active["north"])
    assert save(sponsor_staff, world.active["north"], **forged, first_name="Zoe").status == 302
    after = read(stored, world.active["north"])
    follows = {"first_name", "name_key", "search_text", "version"}
    assert {key for key in after if after[key] != before[key]} == follows
    assert read(stored, world.active["south"]) == untouched
    made = read(stored, created)
    assert (made["kind"], made["role"], made["password_hash"]) == ("participant", None, None)
    assert (made["sponsor_id"], made["employer_id"]) == (world.acme, world.north)
    assert (made["program_status"], made["account_status"]) == ("active", "active")
    assert (made["status_note"], made["status_date"]) == (None, date.today())


def test_deleting_needs_the_full_name(sponsor_staff: Person, world: World, contents: Any) -> None:
    id, before = world.active["north"], contents()
    page = sponsor_staff.get("/admin/participant/delete/", id=id)
    assert "Not recommended" in page.text
    for typed in ("", "Active", "active north", "North Active", "Active South", "x" * 10_000):
        answer = sponsor_staff.post("/admin/participant/delete/", id=id, confirm=typed)
        assert (answer.status, bool(answer.message_at("confirm"))) == (200, True), typed
        refused = sponsor_staff.post(
            "/admin/participant/delete/", as_json=True, id=id, confirm=typed
        )
        assert (refused.status, list(refused.json["errors"])) == (422, ["confirm"])
    assert contents() == before


def test_deleting_leaves_a_tombstone_without_personal_data(
    sponsor_staff: Person, world: World, contents: Any, stored: Stored
) -> None:
    id = world.active["north"]
    save(sponsor_staff, id, first_name="Zoe", last_name="Zimmer", email="zoe@z.org")
    sponsor_staff.act("/admin/participant/", "suspend", id, note="told me a secret")
    answer = sponsor_staff.post("/admin/participant/delete/", id=id, confirm="Zoe Zimmer")
    assert (answer.status, answer.location) == (302, "/admin/participant/")
    with stored() as session:
        assert session.get(Participant, id) is None
        about = ChangePersonal.subject_id == id
        assert session.scalar(select(func.count()).where(about)) == 0
        (item,) = session.scalars(
            select(ChangeItem)
            .join(Change, Change.id == ChangeItem.change_id)
            .where(ChangeItem.subject_id == id, Change.kind == "delete")
        )
        assert item.old_program_status == "suspended"
    everything = str({name: rows for name, rows in contents().items() if name != "request"})
    for personal in ("Zimmer", "zoe@z.org", "north-active", "secret"):
        assert personal not in everything, personal
    assert f"participant #{id}" in str(sponsor_staff.get("/admin/change/").rows)
    assert sponsor_staff.get("/admin/participant/details/", id=id).status == 404


def test_the_name_is_confirmed_as_the_list_shows_it_too(
    sponsor_staff: Person, world: World
) -> None:
    id = world.active["north"]
    shown = sponsor_staff.get("/admin/participant/", search="north-active").rows[id]["name"]
    answer = sponsor_staff.post("/admin/participant/delete/", id=id, confirm=str(shown))
    assert answer.status == 302
