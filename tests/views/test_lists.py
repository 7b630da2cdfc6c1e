"""Lists: search, rows, scope."""

import pytest
from flask import Flask

from seatadmin.models import Employer
from tests.factories import ParticipantFactory, sponsor_staff
from tests.views.browsing import Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"


@pytest.fixture
def lovelace(world: World, stored: Stored) -> int:
    """Ada Lovelace of North."""
    with stored() as session:
        ada = ParticipantFactory(
            first_name="Ada",
            last_name="Lovelace",
            email="ada.lovelace@example.org",
            apprentice_number="AL-1815",
            employer=session.get(Employer, world.north),
        )
        session.commit()
        return int(ada.id)


FOUND = (
    "Ada",
    "ada",
    "love",
    "Lovelace",
    "Ada Lovelace",
    "Lovelace Ada",
    "Lovelace, Ada",
    "  ada   love ",
    "ÁDA",
    "ada.lovelace@example.org",
    "ADA.LOVELACE@EXAMPLE.ORG",
    "lovelace@",
    "AL-1815",
    "al-18",
    "1815",
    "lo",
    "ad",
)


def test_search_finds_by_name_mail_and_number(sponsor_staff: Person, lovelace: int) -> None:
    for typed in FOUND:
        answer = sponsor_staff.get(PARTICIPANTS, search=typed)
        assert (answer.ids, answer.total) == ([lovelace], "1"), typed


def test_search_finds_nothing_else(sponsor_staff: Person, lovelace: int) -> None:
    for typed in ("Grace", "Ada Hopper", "%", "_d_", "'", '"', "zz", "a*", "OR", "ada)", "-ada"):
        answer = sponsor_staff.get(PARTICIPANTS, search=typed)
        assert (answer.status, answer.ids, answer.total) == (200, [], "0"), typed


def test_search_stays_in_scope(other_sponsor_staff: Person, lovelace: int) -> None:
    for typed in FOUND:
        assert lovelace not in other_sponsor_staff.get(PARTICIPANTS, search=typed).ids, typed


def test_search_tells_nothing_of_an_exact_match_elsewhere(
    other_sponsor_staff: Person, lovelace: int, world: World, stored: Stored
) -> None:
    """Somebody of one's own is found by a part of the number, whoever else has just that number."""
    with stored() as session:
        employer = session.get(Employer, world.east)
        own = ParticipantFactory(apprentice_number="X-AL-1815-7", employer=employer)
        session.commit()
        id = own.id
    assert other_sponsor_staff.get(PARTICIPANTS, search="AL-1815").ids == [id]


def test_staff_are_found_among_the_users(regulator: Person, world: World) -> None:
    assert regulator.get("/admin/user/", search="acme@example.org").ids == [world.acme_staff]
    assert regulator.get("/admin/user/", search="Sam Acme").ids == [world.acme_staff]
    assert world.acme_staff not in regulator.get(PARTICIPANTS, search="Sam").ids


def test_a_row_holds_what_the_interface_promises(sponsor_staff: Person, world: World) -> None:
    row = sponsor_staff.get(PARTICIPANTS, search="cancelled.north@example.org").rows
    cells = row[world.cancelled["north"]]
    assert (
        cells
        | {
            "name": "North, Cancelled",
            "apprentice_number": "north-cancelled",
            "employer": str(world.north),
            "sponsor": str(world.acme),
            "occupation": "Electrician",
            "program_status": "cancelled",
            "account_status": "deactivated",
            "status_date": "2024-06-09",
            "cancellation_reason": "left_employment",
            "out_of_step": "false",
        }
        == cells
    )
    assert cells["program_status"].words == "Cancelled"
    assert cells["cancellation_reason"].words == "Left employment"
    assert cells["employer"].words == "North Electric"


def test_out_of_step_is_shown(sponsor_staff: Person, world: World) -> None:
    cells = sponsor_staff.get(PARTICIPANTS, flt0_out_of_step_equals="1").rows
    assert set(cells) == {world.out_of_step["north"], world.out_of_step["south"]}
    assert {row["out_of_step"] for row in cells.values()} == {"true"}


def test_lists_show_only_what_is_in_scope(app: Flask, world: World, stored: Stored) -> None:
    with stored() as session:
        second = sponsor_staff(email="second@example.org")
        session.commit()
        stranger = Person(app, second.id)
    for path in (PARTICIPANTS, "/admin/employer/", "/admin/change/"):
        assert stranger.get(path).total == "0", path
    assert stranger.get("/admin/user/").ids == [stranger.user_id]
    assert stranger.get("/admin/sponsor/").total == "1"
