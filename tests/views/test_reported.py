"""That the agency was told of an ending …"""

import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import Participant
from tests.factories import ENDED, ParticipantFactory
from tests.views.browsing import Person
from tests.views.conftest import Stored, World

REPORTED = "/admin/participant/reported/"
DETAILS = "/admin/participant/details/"
TODAY = date.today()


def test_is_noted_with_its_day_and_audited(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.cancelled["north"]
    day = ENDED + timedelta(days=3)
    assert "overdue since" in sponsor_staff.get(DETAILS, id=id).fields["report"]

    answer = sponsor_staff.post(REPORTED, id=id, reported_on=day.isoformat())

    page = sponsor_staff.follow(answer)
    assert page.fields["report"] == f"Reported on {day:%b} {day.day}, {day:%Y}."
    with stored() as session:
        assert session.get(Participant, id).reported_on == day
        items = select(ChangeItem.fields).join(Change).where(Change.action == "report")
        assert session.scalars(items).all() == [{"reported_on": [None, day.isoformat()]}]


def test_is_noted_for_today_and_taken_back(regulator: Person, world: World, stored: Stored) -> None:
    id = world.completed["north"]
    for fields, expected in (({}, TODAY), ({"taken_back": "1"}, None)):
        assert regulator.post(REPORTED, id=id, **fields).status == 302
        with stored() as session:
            assert session.get(Participant, id).reported_on == expected


def test_is_refused_for_a_day_that_cannot_be(
    regulator: Person, world: World, stored: Stored
) -> None:
    id = world.cancelled["north"]
    for day in (TODAY + timedelta(days=1), ENDED - timedelta(days=1)):
        page = regulator.post(REPORTED, id=id, reported_on=day.isoformat())
        assert (page.status, "until today" in page.message_at("reported_on")) == (200, True)
    assert "not a date" in regulator.post(REPORTED, id=id, reported_on="soon").text
    assert regulator.post(REPORTED, as_json=True, id=world.active["north"]).status == 422
    with stored() as session:
        assert session.get(Participant, id).reported_on is None


def test_is_not_for_employer_administrators(employer_admin: Person, world: World) -> None:
    id = world.cancelled["north"]
    assert employer_admin.post(REPORTED, id=id).status == 403
    page = employer_admin.get(DETAILS, id=id)
    assert "overdue since" in page.fields["report"]
    assert page.page.having(name="reported_on") == []


def test_is_asked_for_again_after_another_ending(
    regulator: Person, world: World, stored: Stored
) -> None:
    id = world.suspended["north"]
    regulator.post(REPORTED, id=id)
    regulator.act("/admin/participant/", "cancel", id)

    with stored() as session:
        assert session.get(Participant, id).reported_on is None
    assert "Not reported, due by" in regulator.get(DETAILS, id=id).fields["report"]


def test_is_a_filter_of_the_list(sponsor_staff: Person, world: World) -> None:
    sponsor_staff.post(REPORTED, id=world.completed["north"])
    listed = sponsor_staff.get("/admin/participant/", flt0_to_report_equals="1").ids
    rest = sponsor_staff.get("/admin/participant/", flt0_to_report_equals="0").ids

    states = (world.suspended, world.completed, world.cancelled)
    ended = {state[place] for state in states for place in ("north", "south")}
    assert set(listed) == ended - {world.completed["north"]}
    active = {
        state[place] for state in (world.active, world.out_of_step) for place in ("north", "south")
    }
    assert set(rest) == active | {world.completed["north"]}


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine stands elsewhere, where it may be yesterday or tomorrow already."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"], indirect=True)
def test_the_day_since_when_is_that_of_the_people_here(regulator: Person, world: World) -> None:
    id = world.active["north"]
    regulator.act("/admin/participant/", "deactivate", id)

    assert regulator.get(DETAILS, id=id).fields["account_since"] == date.today().isoformat()


def test_the_profile_tells_why_there_is_a_seat_and_since_when(
    regulator: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        id = ParticipantFactory().id
        session.commit()
    assert regulator.get(DETAILS, id=id).fields["seat_because"] == "the account is active"
    regulator.act("/admin/participant/", "suspend", id, note="A break")

    page = regulator.get(DETAILS, id=id)

    assert page.fields["seat_because"] == "the program is suspended"
    assert page.fields["account_since"] == TODAY.isoformat()
    assert page.page.having("datetime")
    assert "Note: A break" in page.text
