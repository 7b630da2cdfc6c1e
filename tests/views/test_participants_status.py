"""The program status on the form: date, reason, correction, seats, out of step."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from seatadmin.ledger import ChangeItem
from tests.views.browsing import Person
from tests.views.conftest import Stored, World
from tests.views.participants import NEW, TOO_FAR, audit, read, save


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


@pytest.mark.parametrize("day", ["2024-02-29", TOO_FAR, "yesterday"])
def test_the_date_lies_between_registration_and_a_year_from_now(
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
    ending = save(sponsor_staff, id, status_note="left us", cancellation_reason="other")
    assert ending.status == 302
    old = save(sponsor_staff, id, program_status="active", **blank, status_note="left us")
    assert old.message_at("program_status"), "the note of the ending says nothing of the correction"
    done = save(sponsor_staff, id, program_status="active", **blank, status_note="by mistake")
    assert done.status == 302
    row = read(stored, id)
    assert (row["program_status"], row["account_status"]) == ("active", "active")
    assert row["cancellation_reason"] is None
    assert audit(stored, id) == [("edit", "edit"), ("transition", "reinstate")]


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
