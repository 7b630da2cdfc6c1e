"""Acts that are refused, row by row or as a whole, and say why."""

from typing import Any

import pytest

from seatadmin.models import Participant
from tests.views.browsing import Person
from tests.views.conftest import ABSENT, Stored, World
from tests.views.participants import TOO_FAR

PARTICIPANTS = "/admin/participant/"


def state(stored: Stored, id: int) -> tuple[str, str, str, str | None]:
    with stored() as session:
        row = session.get(Participant, id)
        assert row is not None
        day = str(row.status_date)
        return str(row.program_status), str(row.account_status), day, row.cancellation_reason


def test_foreign_absent_and_malformed_ids_are_refused_in_the_same_words(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    odd = ["x", "-1", "0", "1.5", "9" * 40, "0" * 19 + "1" + "9" * 40, "²", "1e3", "%00"]
    rows = [world.active["north"], world.active["east"], ABSENT, world.acme_staff, *odd]
    done = sponsor_staff.post(
        f"{PARTICIPANTS}action/", as_json=True, action="cancel", rowids=",".join(map(str, rows))
    ).json
    assert (done["changed"], done["refused_total"]) == (1, 3 + len(odd))
    assert {str(row["id"]) for row in done["refused"]} == {*map(str, rows[1:])}
    assert len({row["why"] for row in done["refused"]}) == 1
    assert state(stored, world.active["east"])[0] == "active"


def test_repeating_a_transition_changes_nothing_and_says_so(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    id = world.active["north"]
    sponsor_staff.act(PARTICIPANTS, "suspend", id)
    before = contents()
    again = sponsor_staff.act(PARTICIPANTS, "suspend", id, effective_date="2024-05-05").json
    assert (again["changed"], again["unchanged"], again["change_id"]) == (0, 1, None)
    assert contents() == before
    page = sponsor_staff.post(f"{PARTICIPANTS}action/", action="suspend", rowid=id)
    assert "already suspended" in sponsor_staff.follow(page).messages


REFUSALS = [
    ("suspend", "completed", {}),
    ("cancel", "completed", {}),
    ("complete", "cancelled", {}),
    ("reinstate", "cancelled", {}),
    ("reinstate", "out_of_step", {}),
    ("reactivate", "suspended", {}),
    ("suspend", "active", {"effective_date": "2024-02-28"}),
]


@pytest.mark.parametrize(("action", "source", "details"), REFUSALS)
def test_what_may_not_be_is_refused_row_by_row(
    sponsor_staff: Person,
    world: World,
    contents: Any,
    action: str,
    source: str,
    details: dict[str, str],
) -> None:
    id, before = getattr(world, source)["north"], contents()
    answer = sponsor_staff.act(PARTICIPANTS, action, id, **details)
    assert answer.status == 200
    assert (answer.json["changed"], answer.json["refused"][0]["id"]) == (0, id)
    page = sponsor_staff.post(f"{PARTICIPANTS}action/", action=action, rowid=id, **details)
    assert (page.status, page.location) == (302, PARTICIPANTS)
    assert answer.json["refused"][0]["why"] in sponsor_staff.follow(page).messages
    assert {k: v for k, v in contents().items() if k != "request"} == {
        k: v for k, v in before.items() if k != "request"
    }


def test_reinstating_an_out_of_step_participant_points_to_reactivating(
    sponsor_staff: Person, world: World
) -> None:
    answer = sponsor_staff.act(PARTICIPANTS, "reinstate", world.out_of_step["north"]).json
    assert "reactivate" in answer["refused"][0]["why"]


@pytest.mark.parametrize("action", ["suspend", "complete", "cancel"])
def test_the_true_status_repairs_an_out_of_step_participant(
    sponsor_staff: Person, world: World, stored: Stored, action: str
) -> None:
    id = world.out_of_step["north"]
    done = sponsor_staff.act(PARTICIPANTS, action, id).json
    assert (done["changed"], done["seats_freed"]) == (1, 0)
    assert state(stored, id)[1] == "deactivated"


WRONG = [
    ("effective_date", TOO_FAR),
    ("effective_date", "2024-13-01"),
    ("effective_date", "today"),
    ("effective_date", "0001-01-01"),
    ("reason", "nonsense"),
    ("reason", "HEALTH"),
    ("note", "x" * 1001),
    ("note", "a\x07b"),
]


@pytest.mark.parametrize(("field", "typed"), WRONG)
def test_a_wrong_date_reason_or_note_stops_the_act(
    sponsor_staff: Person, world: World, contents: Any, field: str, typed: str
) -> None:
    before, details = contents(), {"note": "typed", field: typed}
    for path in ("action/", "action/preview/"):
        answer = sponsor_staff.post(
            f"{PARTICIPANTS}{path}",
            as_json=True,
            action="cancel",
            rowid=world.active["north"],
            **details,
        )
        assert (answer.status, list(answer.json["errors"])) == (422, [field]), path
    page = sponsor_staff.post(
        f"{PARTICIPANTS}action/", action="cancel", rowid=world.active["north"], **details
    )
    assert page.status == 200
    assert page.form["note"] == details["note"]
    assert page.form["rowids"] == str(world.active["north"])
    assert str(answer.json["errors"][field]) in page.text
    assert contents() == before


def test_permission_comes_before_everything_else(employer_admin: Person, world: World) -> None:
    odd: list[dict[str, Any]] = [
        {"rowid": "x"},
        {"effective_date": "x"},
        {"effective_date": TOO_FAR},
        {"note": "x" * 2000},
        {"selection": "all", "expect": "77"},
        {"selection": "all", "flt0_program_status_equals": "x"},
        {},
    ]
    for fields in odd:
        for action in ("reinstate", "reactivate"):
            for path in ("action/", "action/preview/", "action/confirm/"):
                for as_json in (True, False):
                    answer = employer_admin.post(
                        f"{PARTICIPANTS}{path}", as_json=as_json, action=action, **fields
                    )
                    assert answer.status == 403, (fields, path, as_json)


def test_nothing_selected_is_said(sponsor_staff: Person, world: World) -> None:
    page = sponsor_staff.post(f"{PARTICIPANTS}action/", action="cancel")
    assert "Nothing was selected" in sponsor_staff.follow(page).messages
    assert sponsor_staff.act(PARTICIPANTS, "cancel").json["changed"] == 0


def test_without_a_free_seat_a_script_gets_409_and_a_person_a_message(
    regulator: Person, sponsor_staff: Person, world: World, stored: Stored, contents: Any
) -> None:
    regulator.post(f"/admin/employer/edit/?id={world.north}", version=1, seat_limit=1)
    before = contents()
    for action, source in (("reinstate", world.suspended), ("reactivate", world.out_of_step)):
        answer = sponsor_staff.act(PARTICIPANTS, action, source["north"])
        assert (answer.status, answer.json["changed"]) == (409, 0)
        page = sponsor_staff.post(f"{PARTICIPANTS}action/", action=action, rowid=source["north"])
        assert page.status == 302
        assert "No free seat" in sponsor_staff.follow(page).messages
    assert contents() == before


def test_what_fits_is_done_and_the_rest_is_refused(
    regulator: Person, sponsor_staff: Person, world: World
) -> None:
    regulator.post(f"/admin/employer/edit/?id={world.north}", version=1, seat_limit=2)
    ids = (world.suspended["north"], world.cancelled["north"])
    answer = sponsor_staff.act(PARTICIPANTS, "reinstate", *ids, note="all by mistake")
    assert answer.status == 200
    assert (answer.json["changed"], answer.json["seats_freed"]) == (1, -1)
    assert "seat limit" in answer.json["refused"][0]["why"]
