"""Finding anything by its name …"""

import pytest

from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.views.browsing import Person
from tests.views.conftest import Sent, Stored, World


def found(person: Person, text: str) -> list[tuple[str, str]]:
    """Kind and label of the results, in their order."""
    answer = person.get("/admin/find/", as_json=True, q=text)
    assert answer.status == 200
    return [(each["kind"], each["label"]) for each in answer.json["results"]]


def test_finds_each_kind_of_row_and_leads_to_its_page(regulator: Person, world: World) -> None:
    for text, kind, id in (
        ("active.north@example.org", "participant", world.active["north"]),
        ("sam acme", "user", world.acme_staff),
        ("south plumb", "employer", world.south),
        ("birch", "sponsor", world.birch),
    ):
        answer = regulator.get("/admin/find/", as_json=True, q=text).json
        hits = {each["href"]: each["kind"] for each in answer["results"]}
        address = f"/admin/{kind}/details/?id={id}"
        assert hits[address] == kind.capitalize(), text
        assert regulator.get(address).status == 200


def test_tells_those_of_a_name_apart(regulator: Person, world: World) -> None:
    (hit, *_) = regulator.get("/admin/find/", as_json=True, q="active north").json["results"]

    assert hit == {
        "kind": "Participant",
        "label": "North, Active",
        "detail": "north-active · North Electric",
        "href": f"/admin/participant/details/?id={world.active['north']}",
    }


def test_finds_only_what_the_person_sees(
    sponsor_staff: Person, employer_admin: Person, world: World
) -> None:
    assert ("Participant", "East, Active") not in found(sponsor_staff, "active")
    assert ("Participant", "South, Active") in found(sponsor_staff, "active")
    assert found(sponsor_staff, "active.east@example.org") == []
    assert found(sponsor_staff, "birch") == []
    assert ("Participant", "South, Active") not in found(employer_admin, "active")
    assert found(employer_admin, "acme") == []
    assert found(employer_admin, "south plumbing") == []


def test_finds_pages_and_actions_that_the_person_may_enter(
    regulator: Person, employer_admin: Person
) -> None:
    assert found(regulator, "sponsors") == [("Page", "Sponsors")]
    assert found(employer_admin, "sponsors") == []
    assert ("Action", "New participant") in found(regulator, "partic NEW")
    assert found(employer_admin, "new participant") == []
    assert found(employer_admin, "reinstate") == []


def test_offers_every_page_and_action_before_anything_is_typed(employer_admin: Person) -> None:
    offered = found(employer_admin, "")

    assert [label for kind, label in offered if kind == "Page"][:2] == [
        "Seat usage",
        "Participants",
    ]
    assert ("Action", "Cancel a program…") in offered
    assert {kind for kind, _ in offered} == {"Page", "Action"}


def test_leads_to_pages_that_open(
    regulator: Person, sponsor_staff: Person, employer_admin: Person
) -> None:
    for person in (regulator, sponsor_staff, employer_admin):
        for each in person.get("/admin/find/", as_json=True).json["results"]:
            assert person.get(each["href"]).status == 200, each


def test_leads_an_act_to_those_to_whom_it_can_be_done(regulator: Person, world: World) -> None:
    (hit,) = regulator.get("/admin/find/", as_json=True, q="complete a program").json["results"]
    ids = regulator.get(hit["href"]).ids

    assert set(ids) >= {*world.active.values(), *world.suspended.values()}
    assert not set(ids) & {*world.completed.values(), *world.cancelled.values()}


def test_is_a_page_too(regulator: Person, world: World) -> None:
    answer = regulator.get("/admin/find/", q="north")
    links = [node.attrs["href"] for node in answer.page.having("href")]

    assert f"/admin/participant/details/?id={world.active['north']}" in links
    assert "Keyboard shortcuts" in answer.text
    assert "Nothing is called “nobody”" in regulator.get("/admin/find/", q="nobody").text


@pytest.mark.parametrize("text", ["\x00", "%", "_", "'", '"', "\\", "x" * 5000, "‮", "1" * 400])
def test_takes_any_text(regulator: Person, text: str) -> None:
    assert regulator.get("/admin/find/", q=text).status == 200


def test_sends_as_many_statements_however_much_there_is(
    regulator: Person, world: World, stored: Stored, sent: Sent
) -> None:
    counts = []
    for _ in range(2):
        with stored() as session:
            for _ in range(30):
                sponsor = SponsorFactory(name=f"Northern {SponsorFactory().id}")
                employer = EmployerFactory(sponsor=sponsor, name=f"Northern {sponsor.id}")
                ParticipantFactory(employer=employer, last_name="Northern")
            session.commit()
        with sent() as statements:
            assert len(found(regulator, "northern")) == 15
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 14
