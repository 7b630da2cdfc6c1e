"""Acts on rows: one, some, all that match; previewed, confirmed, performed, repeated."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem, ChangePersonal
from seatadmin.models import Employer, Participant, User
from tests.factories import ParticipantFactory
from tests.views.browsing import Person
from tests.views.conftest import ABSENT, Stored, World

PARTICIPANTS = "/admin/participant/"
TOMORROW = (date.today() + timedelta(days=1)).isoformat()


def state(stored: Stored, id: int) -> tuple[str, str, str, str | None]:
    with stored() as session:
        row = session.get(Participant, id)
        assert row is not None
        day = str(row.status_date)
        return str(row.program_status), str(row.account_status), day, row.cancellation_reason


@pytest.mark.parametrize(
    ("action", "source", "after", "freed"),
    [
        ("cancel", "active", ("cancelled", "deactivated"), 1),
        ("suspend", "active", ("suspended", "deactivated"), 1),
        ("complete", "active", ("completed", "deactivated"), 1),
        ("reinstate", "suspended", ("active", "active"), -1),
        ("deactivate", "active", ("active", "deactivated"), 1),
        ("reactivate", "out_of_step", ("active", "active"), -1),
    ],
)
def test_an_act_does_what_its_preview_said(
    sponsor_staff: Person,
    world: World,
    stored: Stored,
    contents: Any,
    action: str,
    source: str,
    after: tuple[str, str],
    freed: int,
) -> None:
    id, before = getattr(world, source)["north"], contents()
    told = sponsor_staff.get(f"{PARTICIPANTS}action/preview/", action=action, rowid=id).json
    posted = sponsor_staff.post(f"{PARTICIPANTS}action/preview/", action=action, rowid=id).json
    assert contents() == before
    done = sponsor_staff.act(PARTICIPANTS, action, id).json
    change_id = done.pop("change_id")
    assert told.pop("change_id") is posted.pop("change_id") is None
    assert told == posted == done
    assert done | {"changed": 1, "unchanged": 0, "refused": [], "seats_freed": freed} == done
    assert state(stored, id)[:2] == after
    with stored() as session:
        change = session.get(Change, change_id)
        assert change is not None
        assert (change.action, change.actor_id) == (action, world.acme_staff)
        (item,) = session.scalars(select(ChangeItem).where(ChangeItem.change_id == change_id))
        assert (item.new_program_status, item.new_account_status) == after


def test_it_takes_ids_in_every_way(sponsor_staff: Person, world: World) -> None:
    a, b = world.active["north"], world.active["south"]
    path, cancel = f"{PARTICIPANTS}action/preview/", {"action": "cancel"}
    asked: list[dict[str, Any]] = [
        {"rowid": [a, b]},
        {"rowids": f"{a},{b}"},
        {"rowids": f" {a} , {b},, "},
        {"rowid": [a], "rowids": str(b)},
        {"rowid": [a, a, b], "rowids": f"{a},{b}"},
        {"selection": "all", "flt0_account_status_equals": "active"},
    ]
    for fields in asked:
        assert sponsor_staff.get(path, **cancel, **fields).json["changed"] == 2, fields
        assert sponsor_staff.post(path, **cancel, **fields).json["changed"] == 2, fields
    done = sponsor_staff.post(f"{PARTICIPANTS}action/", as_json=True, **cancel, rowid=[a, b])
    assert done.json["changed"] == 2


def test_date_reason_and_note_are_kept(sponsor_staff: Person, world: World, stored: Stored) -> None:
    ids = (world.active["north"], world.active["south"])
    details = {"effective_date": "2024-05-06", "reason": "laid_off", "note": " a\r\nb "}
    done = sponsor_staff.act(PARTICIPANTS, "cancel", *ids, **details).json
    for id in ids:
        assert state(stored, id) == ("cancelled", "deactivated", "2024-05-06", "laid_off")
    with stored() as session:
        note = select(ChangePersonal.new).where(ChangePersonal.change_id == done["change_id"])
        assert session.scalars(note).all() == ["a\nb"]
    row = sponsor_staff.get("/admin/change/").rows[done["change_id"]]
    assert (
        row
        | {
            "kind": "transition",
            "action": "cancel",
            "subjects": "2",
            "effective_date": "2024-05-06",
            "reason": "laid_off",
        }
        == row
    )


def test_a_batch_needs_neither_date_nor_reason(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    sponsor_staff.act(PARTICIPANTS, "cancel", id)
    assert state(stored, id) == ("cancelled", "deactivated", str(date.today()), None)
    assert sponsor_staff.get(PARTICIPANTS, flt0_reason_missing_equals="1").ids == [id]


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
    ("effective_date", TOMORROW),
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


def test_the_page_that_asks_first_leads_to_the_act(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    """Without JavaScript: the list's form, the page that asks, the act, and back to the list."""
    id = world.active["north"]
    asked = sponsor_staff.post(
        f"{PARTICIPANTS}action/confirm/",
        action="cancel",
        rowid=id,
        url="/admin/participant/?page_size=20",
    )
    assert asked.status == 200
    assert asked.form["rowids"] == str(id)
    form = asked.form | {"reason": "health", "effective_date": "2024-05-06"}
    done = sponsor_staff.post(f"{PARTICIPANTS}action/", **form, request_id=asked.request_id)
    assert (done.status, done.location) == (302, "/admin/participant/?page_size=20")
    assert "1 seat freed" in sponsor_staff.follow(done).messages
    assert state(stored, id) == ("cancelled", "deactivated", "2024-05-06", "health")


def test_deactivating_alone_is_said_to_be_not_recommended_before(
    sponsor_staff: Person, world: World
) -> None:
    asked = {"rowid": world.active["north"]}
    page = sponsor_staff.get(f"{PARTICIPANTS}action/confirm/", action="deactivate", **asked)
    assert "Not recommended" in page.text
    page = sponsor_staff.get(f"{PARTICIPANTS}action/confirm/", action="cancel", **asked)
    assert "Not recommended" not in page.text


def test_all_that_match_are_chosen_by_the_lists_own_parameters(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    query = {"flt0_program_status_equals": "active", "flt1_employer_equals": str(world.north)}
    total = sponsor_staff.get(PARTICIPANTS, **query).total
    done = sponsor_staff.post(
        f"{PARTICIPANTS}action/",
        as_json=True,
        action="cancel",
        selection="all",
        expect=total,
        rowid=world.active["south"],
        **query,
    ).json
    assert (total, done["changed"]) == ("2", 2)
    assert state(stored, world.active["south"])[0] == "active"
    assert state(stored, world.out_of_step["north"])[0] == "cancelled"


def test_all_that_match_stays_in_scope(sponsor_staff: Person, world: World, stored: Stored) -> None:
    done = sponsor_staff.post(
        f"{PARTICIPANTS}action/", as_json=True, action="suspend", selection="all"
    ).json
    assert (done["changed"], done["unchanged"], done["refused_total"]) == (4, 2, 4)
    assert state(stored, world.active["east"])[:2] == ("active", "active")
    for foreign in ({"flt0_employer_equals": world.east}, {"search": "East"}):
        done = sponsor_staff.post(
            f"{PARTICIPANTS}action/", as_json=True, action="cancel", selection="all", **foreign
        ).json
        assert (done["changed"], done["refused"]) == (0, [])


def test_another_number_than_was_shown_asks_again(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    asked = {"action": "cancel", "selection": "all", "search": "north", "expect": "4"}
    before = contents()
    refused = sponsor_staff.post(f"{PARTICIPANTS}action/", as_json=True, **asked)
    assert (refused.status, refused.json["total"]) == (409, "5")
    page = sponsor_staff.post(f"{PARTICIPANTS}action/", **asked, note="typed")
    assert page.status == 409
    assert (page.form["expect"], page.form["note"]) == ("5", "typed")
    assert contents() == before
    confirmed = sponsor_staff.post(f"{PARTICIPANTS}action/", **page.form)
    assert confirmed.status == 302
    assert contents() != before


def test_totals_over_the_bound_are_expected_as_they_were_shown(
    sponsor_staff: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("base", "acting"):
        monkeypatch.setattr(f"seatadmin.views.{module}.COUNT_BOUND", 3)
    shown = sponsor_staff.get(PARTICIPANTS, page_size=20).total
    asked = {"action": "suspend", "selection": "all"}
    for expect in ("10", "4", "3"):
        answer = sponsor_staff.post(f"{PARTICIPANTS}action/", as_json=True, **asked, expect=expect)
        assert answer.status == 409, expect
    monkeypatch.undo()
    del shown


@pytest.mark.parametrize("query", [{"flt0_program_status_equals": "x"}, {"flt0_odd_equals": "1"}])
def test_all_that_match_never_reaches_further_than_was_asked(
    sponsor_staff: Person, contents: Any, world: World, query: dict[str, str]
) -> None:
    before = contents()
    for path in ("action/", "action/preview/", "action/confirm/"):
        answer = sponsor_staff.post(
            f"{PARTICIPANTS}{path}", as_json=True, action="cancel", selection="all", **query
        )
        assert answer.status == 400, path
    assert contents() == before


def test_permission_comes_before_everything_else(employer_admin: Person, world: World) -> None:
    odd: list[dict[str, Any]] = [
        {"rowid": "x"},
        {"effective_date": "x"},
        {"effective_date": TOMORROW},
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


def test_users_are_deactivated_whatever_they_are(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    ids = (world.north_admin, world.active["north"], world.birch_staff, world.acme_staff)
    done = sponsor_staff.act("/admin/user/", "deactivate", *ids).json
    assert (done["changed"], done["seats_freed"]) == (2, 1)
    why = {row["id"]: row["why"] for row in done["refused"]}
    assert set(why) == {world.birch_staff, world.acme_staff}
    assert "own account" in why[world.acme_staff]
    with stored() as session:
        assert session.get(User, world.north_admin).account_status == "deactivated"
        assert session.get(User, world.north_admin).password_hash is None
    assert sponsor_staff.get(PARTICIPANTS, flt0_out_of_step_equals="1", search="Active").ids == [
        world.active["north"]
    ]
    back = sponsor_staff.act("/admin/user/", "reactivate", world.north_admin).json
    assert (back["changed"], back["seats_freed"]) == (1, 0)


def test_the_last_active_regulator_stays(
    regulator: Person, world: World, contents: Any, stored: Stored
) -> None:
    before = contents()
    answer = regulator.act("/admin/user/", "deactivate", world.regulator)
    assert "own account" in str(answer.json["refused"])
    assert contents() == before
    every = regulator.post(
        "/admin/user/action/", as_json=True, action="deactivate", selection="all"
    ).json
    assert [row["id"] for row in every["refused"]] == [world.regulator]


def test_thousands_of_ids_are_answered(sponsor_staff: Person, world: World) -> None:
    many = ",".join(map(str, range(1_000_000, 1_030_000)))
    answer = sponsor_staff.post(
        f"{PARTICIPANTS}action/", as_json=True, action="cancel", rowids=many
    )
    assert (answer.status, answer.json["refused_total"]) == (200, 30_000)
    repeated = sponsor_staff.post(
        f"{PARTICIPANTS}action/",
        as_json=True,
        action="cancel",
        rowid=[str(id) for id in range(1_000_000, 1_002_000)],
    )
    assert (repeated.status, repeated.json["refused_total"]) == (200, 2_000)
    page = sponsor_staff.post(f"{PARTICIPANTS}action/", action="cancel", rowids=many)
    assert page.status == 302
    assert len(sponsor_staff.follow(page).messages) < 2_000


def test_an_act_leads_back_only_inside_the_site(sponsor_staff: Person, world: World) -> None:
    for evil in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        answer = sponsor_staff.post(
            f"{PARTICIPANTS}action/", action="suspend", rowid=world.active["north"], url=evil
        )
        assert answer.location == PARTICIPANTS, evil


def test_a_batch_reaches_rows_of_other_pages(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        employer = session.get(Employer, world.south)
        ids = [ParticipantFactory(last_name="Many", employer=employer).id for _ in range(60)]
        session.commit()
    done = sponsor_staff.post(
        f"{PARTICIPANTS}action/",
        as_json=True,
        action="complete",
        selection="all",
        search="many",
        page_size="20",
        after=ids[0],
        expect="60",
    ).json
    assert (done["changed"], done["seats_freed"]) == (60, 60)
