"""Acts on all that match, on users, on thousands."""

from typing import Any

import pytest

from seatadmin.models import Employer, Participant, User
from tests.factories import ParticipantFactory
from tests.views.browsing import Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"


def state(stored: Stored, id: int) -> tuple[str, str, str, str | None]:
    with stored() as session:
        row = session.get(Participant, id)
        assert row is not None
        day = str(row.status_date)
        return str(row.program_status), str(row.account_status), day, row.cancellation_reason


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
    asked = {"action": "suspend", "selection": "all"}
    for expect, status in (("10", 409), ("4", 409), ("3", 409), ("3+", 200)):
        answer = sponsor_staff.post(f"{PARTICIPANTS}action/", as_json=True, **asked, expect=expect)
        assert answer.status == status, expect


@pytest.mark.parametrize(
    "query",
    [
        {"flt0_program_status_equals": "x"},
        {"flt0_odd_equals": "1"},
        {"flt0_employer_equals": "9" * 20, "flt1_account_status_equals": "active"},
    ],
)
def test_all_that_match_are_none_where_the_list_shows_none(
    sponsor_staff: Person, world: World, stored: Stored, query: dict[str, str]
) -> None:
    total = sponsor_staff.get(PARTICIPANTS, **query).total
    asked = {"action": "cancel", "selection": "all", "expect": total, **query}
    for path in ("action/preview/", "action/"):
        done = sponsor_staff.post(f"{PARTICIPANTS}{path}", as_json=True, **asked).json
        assert (done["changed"], done["unchanged"], done["refused"]) == (0, 0, []), path
    page = sponsor_staff.post(f"{PARTICIPANTS}action/confirm/", **asked)
    assert (page.status, page.form["expect"]) == (200, "0")
    again = sponsor_staff.post(f"{PARTICIPANTS}action/", as_json=True, **page.form).json
    assert again["changed"] == 0
    assert state(stored, world.active["north"])[:2] == ("active", "active")


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
