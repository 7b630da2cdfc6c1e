"""Seat usage: used, limit and free, per organization and in the head of every page."""

from datetime import date

from sqlalchemy import update

from seatadmin.counts import SeatMonth
from seatadmin.models import Employer
from tests.factories import EmployerFactory, SponsorFactory
from tests.views.browsing import Person
from tests.views.conftest import Stored, World


def test_a_regulator_sees_every_sponsor(regulator: Person, world: World) -> None:
    answer = regulator.get("/admin/")
    assert answer.usage("sponsor") == {world.acme: ("2", "12", "10"), world.birch: ("1", "", "")}
    assert answer.usage("employer") == {}
    assert answer.header == ("3", "")


def test_a_regulator_pages_and_searches(regulator: Person, world: World, stored: Stored) -> None:
    with stored() as session:
        for i in range(60):
            SponsorFactory(name=f"Guild {i:02}", seat_limit=0)
        session.commit()
    first = regulator.get("/admin/")
    second = regulator.get(first.rel("next") or "")
    assert (len(first.usage("sponsor")), len(second.usage("sponsor"))) == (50, 12)
    assert not first.usage("sponsor").keys() & second.usage("sponsor").keys()
    found = regulator.get("/admin/", search="guild 07").usage("sponsor")
    assert list(found.values()) == [("0", "0", "0")]


def test_a_sponsor_sees_its_own_row_and_its_employers(sponsor_staff: Person, world: World) -> None:
    answer = sponsor_staff.get("/admin/")
    assert answer.usage("sponsor") == {world.acme: ("2", "12", "10")}
    assert answer.usage("employer") == {world.north: ("1", "6", "5"), world.south: ("1", "", "")}
    assert answer.header == ("2", "12")


def test_an_employer_administrator_sees_the_own_employer(
    employer_admin: Person, world: World
) -> None:
    answer = employer_admin.get("/admin/")
    assert answer.usage("sponsor") == {}
    assert answer.usage("employer") == {world.north: ("1", "6", "5")}
    assert answer.header == ("1", "6")


def test_a_sponsors_page_lists_its_employers(
    regulator: Person, sponsor_staff: Person, world: World
) -> None:
    for person in (regulator, sponsor_staff):
        answer = person.get("/admin/sponsor/details/", id=world.acme)
        assert answer.usage("sponsor") == {world.acme: ("2", "12", "10")}
        assert set(answer.usage("employer")) == {world.north, world.south}


def test_the_header_stands_on_every_page(sponsor_staff: Person, world: World) -> None:
    for path in (
        "/admin/participant/",
        f"/admin/participant/details/?id={world.active['north']}",
        f"/admin/participant/edit/?id={world.active['north']}",
        "/admin/participant/new/",
        "/admin/user/",
        "/admin/change/",
        "/admin/employer/",
        "/admin/nowhere/",
        f"/admin/participant/details/?id={world.active['east']}",
    ):
        assert sponsor_staff.get(path).header == ("2", "12"), path


def test_over_the_limit_deactivates_nobody_and_shows(regulator: Person, world: World) -> None:
    form = regulator.get("/admin/sponsor/edit/", id=world.acme).form
    saved = regulator.post(f"/admin/sponsor/edit/?id={world.acme}", **form | {"seat_limit": "1"})
    assert saved.status == 302
    assert regulator.get("/admin/").usage("sponsor")[world.acme] == ("2", "1", "-1")


def test_each_count_leads_to_exactly_those_participants(
    sponsor_staff: Person, world: World
) -> None:
    answer = sponsor_staff.get("/admin/")
    (row,) = answer.page.having("data-employer-id", **{"data-employer-id": str(world.north)})
    links = [
        link.attrs["href"] for link in row.having("href") if "participant" in link.attrs["href"]
    ]
    assert sponsor_staff.get(links[0]).ids == [world.active["north"]]
    (header,) = answer.page.having("data-seats-used")
    assert set(sponsor_staff.get(header.attrs["href"]).ids) == {
        world.active["north"],
        world.active["south"],
    }


def test_freeing_a_seat_shows_at_once(sponsor_staff: Person, world: World) -> None:
    sponsor_staff.act("/admin/participant/", "cancel", world.active["north"])
    answer = sponsor_staff.get("/admin/")
    assert answer.usage("employer")[world.north] == ("0", "6", "6")
    assert answer.header == ("1", "12")


def test_the_last_months_are_drawn_and_told_as_a_table(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        session.execute(update(SeatMonth).values(month=date(2020, 1, 1)))
        session.commit()
    sponsor_staff.act("/admin/participant/", "cancel", world.active["north"])

    answer = sponsor_staff.get("/admin/")

    months, employers = answer.page.having(role="img")
    assert [len([bar for bar in each if bar.tag == "rect"]) for each in (months, employers)] == [
        12,
        2,
    ]
    assert "now 1 seat was used, and 12 are allowed" in months.text
    (table,) = (node for node in answer.page if node.tag == "table" and "End of" in node.text)
    rows = [[cell.text for cell in row][-2:] for row in table if row.tag == "tr"]
    assert rows == [["Used", "Limit"], *[["2", "12"]] * 11, ["1", "12"]]


def test_an_organizations_page_draws_its_own_months(
    regulator: Person, sponsor_staff: Person, employer_admin: Person, world: World
) -> None:
    of_all = regulator.get("/admin/").page.having(role="img")[0]
    of_one = regulator.get("/admin/sponsor/details/", id=world.birch).page.having(role="img")
    of_employer = employer_admin.get("/admin/employer/details/", id=world.north)

    assert "now 3 seats were used, and there is no limit" in of_all.text
    assert "now 1 seat was used" in of_one[0].text
    (months,) = of_employer.page.having(role="img")
    assert "now 1 seat was used, and 6 are allowed" in months.text


def test_a_few_employers_stand_side_by_side_with_their_names(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        sponsor = session.get_one(Employer, world.north).sponsor
        EmployerFactory(sponsor=sponsor, name="Quetzal Refrigeration and Heating")
        session.commit()

    page = sponsor_staff.get("/admin/")

    assert ">Quetzal Refri…</text>" in page.text
    assert "<title>Quetzal Refrigeration and Heating: 0 used" in page.text
