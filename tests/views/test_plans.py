"""A change that is planned …"""

from datetime import date, timedelta
from typing import Any

import pytest

from seatadmin.services import plans
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World
from tests.views.participants import audit, edit, read, save

LIST = "/admin/participant/"
DETAILS = "/admin/participant/details/"
WITHDRAW = "/admin/participant/withdraw/"
LATER = date.today() + timedelta(days=30)
SHOWN = f"{LATER:%b} {LATER.day}, {LATER:%Y}"


def planned(person: Person, act: str, *ids: int, as_json: bool = True, **details: Any) -> Answer:
    rows = {"rowids": ",".join(map(str, ids)), "effective_date": LATER.isoformat()}
    return person.post(f"{LIST}action/", as_json=as_json, action=act, **rows | details)


def seats_used(person: Person) -> str:
    (header,) = person.get("/admin/").page.having("data-seats-used")
    return header.attrs["data-seats-used"]


def test_by_an_action_is_answered_with_its_plan(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id, used = world.active["north"], seats_used(sponsor_staff)

    answer = planned(sponsor_staff, "cancel", id, world.cancelled["north"], world.active["east"])

    plan_id = read(stored, id)["plan_id"]
    assert answer.status == 200
    assert answer.json["refused"] == [
        {"id": world.active["east"], "why": "There is no such record in what you can see."}
    ]
    assert {key: answer.json[key] for key in answer.json if not key.startswith("refused")} == {
        "plan_id": plan_id,
        "change_id": plan_id,
        "planned": 1,
        "planned_for": LATER.isoformat(),
        "changed": 0,
        "unchanged": 1,
        "seats_freed": 0,
    }
    assert read(stored, id)["program_status"] == "active"
    assert seats_used(sponsor_staff) == used
    assert audit(stored, id) == [("plan", "cancel")]


def test_is_told_to_a_person_in_a_sentence(regulator: Person, world: World) -> None:
    answer = planned(regulator, "suspend", world.active["north"], as_json=False)

    page = regulator.follow(answer)
    assert f"1 to be suspended on {SHOWN}." in page.text


def test_is_previewed_as_one(regulator: Person, world: World, stored: Stored) -> None:
    fields = {
        "action": "cancel",
        "rowid": world.active["north"],
        "effective_date": LATER.isoformat(),
    }

    told = regulator.get("/admin/participant/action/preview/", **fields).json
    asked = regulator.get("/admin/participant/action/confirm/", **fields)

    assert (told["plan_id"], told["planned"], told["changed"]) == (None, 1, 0)
    assert "Plan to cancel 1 program" in asked.text
    assert f"will be cancelled on <strong>{SHOWN}</strong>" in asked.text
    assert read(stored, world.active["north"])["plan_id"] is None


def test_by_the_form_is_answered_with_its_plan(
    regulator: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    changed = {
        "program_status": "cancelled",
        "status_date": LATER.isoformat(),
        "cancellation_reason": "laid_off",
        "status_note": "as told",
        "first_name": "Zoe",
    }

    answer = save(regulator, id, as_json=True, **changed)

    row = read(stored, id)
    assert (answer.status, answer.json["plan_id"]) == (200, row["plan_id"])
    assert (row["program_status"], row["status_note"], row["first_name"]) == ("active", None, "Zoe")
    assert audit(stored, id) == [("plan", "cancel"), ("edit", "edit")]
    page = regulator.get(DETAILS, id=id)
    assert f"To be cancelled on {SHOWN}." in page.text
    assert "reason: Laid off or no work" in page.text
    assert "Note: as told" in page.text
    assert "Something is planned" in regulator.get(edit(id)).text


def test_by_the_form_is_told_to_a_person(regulator: Person, world: World) -> None:
    values = {"program_status": "completed", "status_date": LATER.isoformat()}
    page = regulator.follow(save(regulator, world.active["north"], **values))
    assert f"was saved. To be completed on {SHOWN}: until then nothing changes." in page.text


@pytest.mark.parametrize("days", [367, 3650])
def test_too_far_ahead_is_refused_at_its_field(
    regulator: Person, world: World, stored: Stored, days: int
) -> None:
    id, day = world.active["north"], (date.today() + timedelta(days)).isoformat()

    by_form = save(regulator, id, program_status="suspended", status_date=day)
    by_action = planned(regulator, "suspend", id, effective_date=day)

    assert (by_form.status, by_action.status) == (200, 422)
    assert "too far for a plan" in by_form.message_at("status_date")
    assert "too far for a plan" in by_action.json["errors"]["effective_date"]
    assert (read(stored, id)["plan_id"], audit(stored, id)) == (None, [])


def test_of_an_account_alone_is_refused(regulator: Person, world: World) -> None:
    answer = planned(regulator, "deactivate", world.active["north"])

    assert (answer.status, "at once" in answer.json["error"]) == (422, True)


def test_is_asked_for_twice_and_done_once(regulator: Person, world: World, stored: Stored) -> None:
    id, request_id = world.active["north"], "6a5a1b8e-33a4-4b0e-8b0f-5b8f6d0e1c11"

    first = planned(regulator, "cancel", id, request_id=request_id)
    again = planned(regulator, "cancel", id, request_id=request_id)
    other = planned(regulator, "suspend", id, request_id=request_id)

    assert first.json == again.json
    assert other.status == 409
    assert audit(stored, id) == [("plan", "cancel")]


def test_is_listed_with_its_day(sponsor_staff: Person, world: World) -> None:
    planned(sponsor_staff, "cancel", world.active["north"])

    listed = sponsor_staff.get(LIST, flt0_planned_equals="1", col="planned")
    rest = sponsor_staff.get(LIST, flt0_planned_equals="0")

    assert listed.ids == [world.active["north"]]
    cell = listed.rows[world.active["north"]]["planned"]
    assert (cell, cell.words) == (LATER.isoformat(), f"Cancel on {SHOWN}")
    assert world.active["north"] not in rest.ids
    assert len(rest.ids) == 9


def test_is_withdrawn_from_the_profile(
    employer_admin: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    planned(employer_admin, "cancel", id)
    assert "Withdraw the plan" in employer_admin.get(DETAILS, id=id).text

    page = employer_admin.follow(employer_admin.post(WITHDRAW, id=id))

    assert "The plan was withdrawn." in page.text
    assert "Plan withdrawn" in page.text
    assert "Withdraw the plan" not in page.text
    assert read(stored, id)["plan_id"] is None
    assert audit(stored, id) == [("plan", "cancel"), ("plan", "withdraw")]
    again = employer_admin.post(WITHDRAW, id=id, as_json=True)
    assert again.json == {"id": id, "withdrawn": 0}


def test_is_withdrawn_whole_from_its_own_page(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    ids = [world.active["north"], world.active["south"]]
    plan_id = planned(sponsor_staff, "complete", *ids).json["plan_id"]
    page = sponsor_staff.get("/admin/change/details/", id=plan_id)
    assert "Still to be done, for <strong>2</strong> participants" in page.text

    page = sponsor_staff.follow(sponsor_staff.post("/admin/change/withdraw/", id=plan_id))

    assert "The plan was withdrawn for 2 participants." in page.text
    assert "Still to be done" not in page.text
    assert [read(stored, id)["plan_id"] for id in ids] == [None, None]


def test_to_take_a_seat_is_shown_to_employer_administrators_but_not_theirs_to_withdraw(
    regulator: Person, employer_admin: Person, world: World, stored: Stored
) -> None:
    id = world.suspended["north"]
    plan_id = planned(regulator, "reinstate", id).json["plan_id"]

    for page in (
        employer_admin.get(DETAILS, id=id),
        employer_admin.get("/admin/change/details/", id=plan_id),
    ):
        assert page.status == 200
        assert "Withdraw the plan" not in page.text
    assert f"To be reinstated on {SHOWN}." in employer_admin.get(DETAILS, id=id).text
    assert employer_admin.post(WITHDRAW, id=id).status == 403
    assert read(stored, id)["plan_id"] == plan_id


def test_is_replaced_by_what_is_done_now_and_that_is_said_before(
    regulator: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    planned(regulator, "cancel", id)

    asked = regulator.get("/admin/participant/action/confirm/", action="suspend", rowid=id)
    regulator.act(LIST, "suspend", id)

    assert "What is planned for it is replaced by this." in asked.text
    assert read(stored, id)["plan_id"] is None


def test_shows_in_the_history_as_what_it_is(
    regulator: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    plan_id = planned(regulator, "cancel", id, reason="health").json["plan_id"]
    with stored() as session:
        plans.apply(session, plan_id)
        session.commit()

    page = regulator.get(DETAILS, id=id)
    (row,) = regulator.get("/admin/change/", flt0_kind_equals="plan").rows.values()

    assert "Plan to cancel" in page.text
    assert page.fields["status_date"] == LATER.isoformat()
    assert (row["kind"], row["action"]) == ("plan", "cancel")
    assert (row["effective_date"], row["reason"]) == (LATER.isoformat(), "health")
