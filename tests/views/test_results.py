"""After an act, a page tells …"""

from tests.factories import ParticipantFactory
from tests.views.browsing import Person
from tests.views.conftest import ABSENT, Stored, World


def act(person: Person, action: str, *ids: int) -> str:
    """The address of the list that shows the result."""
    rows = ",".join(map(str, ids))
    answer = person.post("/admin/participant/action/", action=action, rowids=rows)
    assert answer.status == 302
    return answer.location or ""


def test_the_result_in_numbers_with_a_link_to_the_change(regulator: Person, world: World) -> None:
    page = regulator.get(act(regulator, "cancel", world.active["north"]))

    assert page.messages.strip() == "1 cancelled, 1 seat freed."
    (link,) = [node for node in page.page.having("href") if node.text == "See the change"]
    change = regulator.get(link.attrs["href"])
    assert (change.status, change.fields["action"].lower()) == (200, "cancel")


def test_who_was_refused_and_why_by_name(sponsor_staff: Person, world: World) -> None:
    ids = (world.active["north"], world.cancelled["south"], world.active["east"], ABSENT)
    page = sponsor_staff.get(act(sponsor_staff, "suspend", *ids))
    (listed,) = [node for node in page.page if node.tag == "details" and "refused" in node.text]

    assert "The program has already ended; reinstate it first. Cancelled South" in listed.text
    (link,) = listed.having("href")
    assert link.attrs["href"].endswith(f"/admin/participant/details/?id={world.cancelled['south']}")
    foreign, absent = f"#{world.active['east']}", f"#{ABSENT}"
    assert f"{foreign}, {absent}" in listed.text
    assert "East" not in listed.text
    assert page.messages.strip() == (
        "1 suspended, 1 seat freed. 3 refused: There is no such record in what you can see. (2)"
        " The program has already ended; reinstate it first."
    )


def test_some_of_many_that_were_refused_in_a_small_cookie(
    regulator: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        ids = [ParticipantFactory(cancelled=True).id for _ in range(90)]
        session.commit()
    address = act(regulator, "suspend", *ids)
    assert len(regulator.client.get_cookie("session").value) < 1500  # type: ignore[union-attr]

    page = regulator.get(address)

    (listed,) = [node for node in page.page if node.tag == "details" and "refused" in node.text]
    assert len(listed.having("href")) == 50
    assert "and 40 more" in listed.text


def test_a_repeat_the_same_again(regulator: Person, world: World) -> None:
    fields = {"action": "cancel", "rowids": str(world.active["north"])}
    fields["request_id"] = "6f3f3c2e-9f0a-4f0e-8a51-0d3b9f1c7a11"
    pages = []
    for _ in range(2):
        answer = regulator.post("/admin/participant/action/", **fields)
        pages.append(regulator.follow(answer))

    assert [page.messages.strip() for page in pages] == ["1 cancelled, 1 seat freed."] * 2
    assert all("See the change" in page.text for page in pages)


def test_the_hints_before_it_is_done(
    employer_admin: Person, sponsor_staff: Person, world: World
) -> None:
    confirm = "/admin/participant/action/confirm/"
    north, south = world.active["north"], world.active["south"]

    both = sponsor_staff.get(confirm, action="cancel", rowids=f"{north},{south}").text
    assert "No active participant would be left of Acme Training" in both
    one = sponsor_staff.get(confirm, action="cancel", rowids=north).text
    assert "would be left" not in one
    assert "The sponsor must tell the registration agency about it within 45 days: by" in one
    own = employer_admin.get(confirm, action="cancel", rowids=north).text
    assert "Your sponsor must tell the registration agency" in own
