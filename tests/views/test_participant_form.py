"""The participant's form: create, edit, program status, corrections, conflicts, deletion."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from seatadmin.ledger import Change, ChangeItem, ChangePersonal
from seatadmin.models import Participant
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

NEW = "/admin/participant/new/"
TODAY = date.today().isoformat()
TOMORROW = (date.today() + timedelta(days=1)).isoformat()

EVERYTHING = {
    "first_name": " Zoë  Ann ",
    "last_name": "O'Neil-Łuć",
    "email": "Zoe@Example.ORG",
    "apprentice_number": "Z-1",
    "occupation": "Carpenter",
    "registration_date": "20250102",
    "expected_completion_date": "2028-01-02",
}


def edit(id: int) -> str:
    return f"/admin/participant/edit/?id={id}"


def save(person: Person, id: int, /, as_json: bool = False, **changed: Any) -> Answer:
    """Open the form, change some fields, save it whole."""
    form = person.get(edit(id)).form
    return person.post(edit(id), as_json=as_json, **form | changed)


def read(stored: Stored, id: int) -> dict[str, Any]:
    with stored() as session:
        row = session.get(Participant, id)
        assert row is not None
        return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def audit(stored: Stored, id: int) -> list[tuple[str, str]]:
    """(kind, action) of every change of a participant, oldest first."""
    with stored() as session:
        rows = session.execute(
            select(Change.kind, Change.action)
            .join(ChangeItem, ChangeItem.change_id == Change.id)
            .where(ChangeItem.subject_id == id, Change.subject == "participant")
            .order_by(Change.id)
        )
        return [(str(kind), action) for kind, action in rows]


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


@pytest.mark.parametrize("status", ["suspended", "completed", "cancelled"])
def test_a_program_status_frees_the_seat(
    sponsor_staff: Person, world: World, stored: Stored, status: str
) -> None:
    id = world.active["north"]
    details = {"status_date": "2024-05-06", "status_note": "said\r\nso"}
    details |= {"cancellation_reason": "health"} if status == "cancelled" else {}
    answer = save(sponsor_staff, id, program_status=status, **details)
    assert answer.status == 302
    fields = sponsor_staff.follow(answer).fields
    assert (
        fields
        | {
            "program_status": status,
            "account_status": "deactivated",
            "status_date": "2024-05-06",
            "cancellation_reason": details.get("cancellation_reason", ""),
        }
        == fields
    )
    assert read(stored, id)["status_note"] == "said\nso"
    action = {"suspended": "suspend", "completed": "complete", "cancelled": "cancel"}[status]
    assert audit(stored, id) == [("transition", action)]
    assert sponsor_staff.get("/admin/").usage("employer")[world.north][0] == "0"


def test_a_status_without_a_date_takes_effect_today(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    assert save(sponsor_staff, id, program_status="suspended").status == 302
    assert read(stored, id)["status_date"] == date.today()


def test_a_status_and_other_fields_are_saved_together(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    save(sponsor_staff, id, program_status="suspended", first_name="Zoe")
    assert read(stored, id)["first_name"] == "Zoe"
    assert audit(stored, id) == [("transition", "suspend"), ("edit", "edit")]


def test_cancelled_needs_a_reason(sponsor_staff: Person, world: World, contents: Any) -> None:
    before = contents()
    answer = save(sponsor_staff, world.active["north"], program_status="cancelled")
    assert answer.status == 200
    assert answer.message_at("cancellation_reason")
    assert answer.form["program_status"] == "cancelled"
    refused = save(sponsor_staff, world.active["north"], as_json=True, program_status="cancelled")
    assert (refused.status, list(refused.json["errors"])) == (422, ["cancellation_reason"])
    assert contents() == before


@pytest.mark.parametrize("day", ["2024-02-29", TOMORROW, "yesterday"])
def test_the_date_lies_between_registration_and_today(
    sponsor_staff: Person, world: World, contents: Any, day: str
) -> None:
    before = contents()
    answer = save(sponsor_staff, world.active["north"], program_status="suspended", status_date=day)
    assert answer.status == 200
    assert answer.message_at("status_date"), answer
    assert contents() == before


def test_date_reason_and_note_of_an_ended_program_can_be_corrected(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.cancelled["north"]
    details = {"status_date": "2024-04-01", "cancellation_reason": "health", "status_note": "n"}
    assert save(sponsor_staff, id, **details).status == 302
    row = read(stored, id)
    assert (row["status_date"], row["cancellation_reason"]) == (date(2024, 4, 1), "health")
    assert audit(stored, id) == [("edit", "edit")]
    with stored() as session:
        (item,) = session.scalars(select(ChangeItem).where(ChangeItem.subject_id == id))
        assert item.old_cancellation_reason == "left_employment"
        assert (item.old_status_date, item.new_status_date) == (date(2024, 6, 9), date(2024, 4, 1))


def test_an_ended_program_changes_only_by_reinstating(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    before = contents()
    answer = save(
        sponsor_staff,
        world.completed["north"],
        program_status="cancelled",
        cancellation_reason="health",
    )
    assert answer.status == 200
    assert answer.message_at("program_status"), answer
    reason = save(sponsor_staff, world.completed["north"], cancellation_reason="health")
    assert reason.message_at("cancellation_reason"), reason
    assert contents() == before


def test_reinstating_takes_a_seat_and_a_correction_needs_a_note(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.cancelled["north"]
    blank = {"status_date": "", "cancellation_reason": ""}
    refused = save(sponsor_staff, id, program_status="active", **blank)
    assert refused.status == 200
    assert refused.message_at("program_status") or refused.message_at("status_note"), refused
    done = save(sponsor_staff, id, program_status="active", **blank, status_note="by mistake")
    assert done.status == 302
    row = read(stored, id)
    assert (row["program_status"], row["account_status"]) == ("active", "active")
    assert row["cancellation_reason"] is None
    assert audit(stored, id) == [("transition", "reinstate")]


def test_without_a_free_seat_nobody_is_created_moved_or_reinstated(
    regulator: Person, sponsor_staff: Person, world: World, contents: Any
) -> None:
    limit = {"seat_limit": "1", "version": "1"}
    assert regulator.post(f"/admin/employer/edit/?id={world.north}", **limit).status == 302
    before = contents()
    new = {"first_name": "A", "last_name": "B", "email": "a@b.org", "employer": world.north}
    page = sponsor_staff.post(NEW, **new)
    assert (page.status, bool(page.message_at("employer"))) == (200, True), page
    assert sponsor_staff.post(NEW, as_json=True, **new).status == 409
    moved = save(sponsor_staff, world.active["south"], as_json=True, employer=world.north)
    assert moved.status == 409
    blank = {"program_status": "active", "status_date": ""}
    page = save(sponsor_staff, world.suspended["north"], **blank)
    assert (page.status, bool(page.message_at("program_status"))) == (200, True), page
    refused = save(sponsor_staff, world.suspended["north"], as_json=True, **blank)
    assert refused.status == 409
    assert contents() == before


def test_an_out_of_step_profile_is_refused_until_it_is_repaired(
    sponsor_staff: Person, world: World, stored: Stored, contents: Any
) -> None:
    id, before = world.out_of_step["north"], contents()
    assert sponsor_staff.get("/admin/participant/details/", id=id).fields["out_of_step"] == "true"
    page = save(sponsor_staff, id, first_name="Zoe")
    assert (page.status, page.form["first_name"]) == (200, "Zoe")
    assert page.message_at("program_status"), page
    assert save(sponsor_staff, id, as_json=True, first_name="Zoe").status == 422
    assert contents() == before
    repaired = save(
        sponsor_staff, id, program_status="cancelled", cancellation_reason="health", first_name="Z"
    )
    assert repaired.status == 302
    row = read(stored, id)
    assert (row["program_status"], row["first_name"]) == ("cancelled", "Z")


def test_an_out_of_step_profile_is_repaired_by_reactivating(
    sponsor_staff: Person, world: World
) -> None:
    id = world.out_of_step["north"]
    assert sponsor_staff.act("/admin/participant/", "reactivate", id).json["changed"] == 1
    assert save(sponsor_staff, id, first_name="Zoe").status == 302


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


def test_the_history_tells_who_when_from_to_and_why(
    sponsor_staff: Person, world: World, app: Flask
) -> None:
    id = world.active["north"]
    save(
        sponsor_staff,
        id,
        program_status="cancelled",
        cancellation_reason="health",
        status_date="2024-05-06",
        status_note="long story",
    )
    text = sponsor_staff.get("/admin/participant/details/", id=id).text
    for told in ("Sam acme", "Cancel", "Health", "May 6, 2024", "long story"):
        assert told in text, told
