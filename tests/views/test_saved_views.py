"""Saved views of a list: saved from what it shows, opened by its own address, deleted."""

from typing import Any

import pytest

from tests.views.browsing import Answer, Person
from tests.views.conftest import World

LIST = "/admin/participant/"
VIEWS = f"{LIST}views/"
QUESTION = (
    "search=active&sort=status_date&desc=1&page_size=20"
    "&flt0_program_status_equals=active&col=name&col=email"
)


def links(answer: Answer) -> dict[str, str]:
    """Name -> address of the views that a page lists."""
    cells = answer.page.having("data-field", "data-label")
    found = [node for cell in cells for node in cell if node.tag == "a"]
    return {node.text: node.attrs["href"] for node in found}


def test_the_list_leads_to_them_with_what_it_shows(regulator: Person) -> None:
    shown = regulator.get(f"{LIST}?{QUESTION}")
    (leads,) = [a.attrs["href"] for a in shown.page.having("href") if a.text == "Views"]

    page = regulator.get(LIST + leads)

    terms = zip(*([n.text for n in page.page if n.tag == tag] for tag in ("dt", "dd")), strict=True)
    assert dict(terms) == {
        "Search": "active",
        "Program status": "Active",
        "Order": "Since, descending",
        "Columns": "Name, E-mail",
        "Rows on a page": "20",
    }
    assert f'action="{leads.removeprefix("views/").replace("&", "&amp;")}"' in page.text


def test_one_is_saved_and_its_address_shows_the_same(regulator: Person) -> None:
    done = regulator.post(f"{VIEWS}?{QUESTION}", name="Now active")

    page = regulator.follow(done)
    assert "“Now active” was saved." in page.messages
    address = links(page)["Now active"].removeprefix("../")
    opened, asked = regulator.get(LIST + address), regulator.get(f"{LIST}?{QUESTION}")
    assert opened.ids == asked.ids != []
    assert next(iter(opened.rows.values())).keys() == {"name", "email"}
    assert set(address.removeprefix("?").split("&")) == set(QUESTION.split("&"))


def test_the_address_shows_others_what_they_may_see(
    regulator: Person, employer_admin: Person, world: World
) -> None:
    page = regulator.follow(regulator.post(f"{VIEWS}?{QUESTION}", name="Now active"))
    address = LIST + links(page)["Now active"].removeprefix("../")

    assert set(regulator.get(address).ids) == set(world.active.values())
    assert employer_admin.get(address).ids == [world.active["north"]]
    assert links(employer_admin.get(VIEWS)) == {}


def test_a_name_that_is_taken_is_replaced_after_saying_so(regulator: Person) -> None:
    regulator.post(f"{VIEWS}?search=one", name="Mine")

    asked = regulator.post(f"{VIEWS}?search=two", name="Mine")
    assert asked.status == 200
    assert "already" in asked.message_at("name")
    assert links(asked)["Mine"] == "../?search=one"
    (id,) = asked.rows
    assert asked.form["replace"] == str(id)

    done = regulator.post(f"{VIEWS}?search=two", name="Mine", replace=str(id))
    assert links(regulator.follow(done)) == {"Mine": "../?search=two"}


def test_a_wrong_name_is_told_at_the_field_and_nothing_lost(regulator: Person) -> None:
    wrong = regulator.post(f"{VIEWS}?search=one", name="x" * 81)
    assert wrong.status == 200
    assert "80 characters" in wrong.message_at("name")
    assert "x" * 81 in wrong.text
    assert 'action="?search=one"' in wrong.text


def test_a_script_is_answered_in_json(regulator: Person) -> None:
    made = regulator.post(f"{VIEWS}?search=one", as_json=True, name="Mine").json
    assert (made["name"], made["query"]) == ("Mine", "search=one")
    taken = regulator.post(f"{VIEWS}?search=two", as_json=True, name="Mine")
    assert (taken.status, taken.json["replace"]) == (409, made["id"])
    assert regulator.post(VIEWS, as_json=True, name="").status == 422
    gone = regulator.post(f"{VIEWS}delete/", as_json=True, id=made["id"])
    assert gone.json == {"deleted": "Mine"}


def test_one_is_deleted(regulator: Person) -> None:
    regulator.post(VIEWS, name="Mine")
    (id,) = regulator.get(VIEWS).rows
    page = regulator.follow(regulator.post(f"{VIEWS}delete/", id=id))
    assert "“Mine” was deleted." in page.messages
    assert links(page) == {}


def test_those_of_others_are_as_if_they_were_not(
    regulator: Person, employer_admin: Person, contents: Any
) -> None:
    id = regulator.post(VIEWS, as_json=True, name="Mine").json["id"]
    before = contents()

    tried = [employer_admin.post(f"{VIEWS}delete/", id=one) for one in (id, 987_654, "x", "")]
    tried.append(regulator.post("/admin/user/views/delete/", id=id))

    assert {answer.status for answer in tried} == {404}
    assert contents() == before


def test_a_repeat_saves_once(regulator: Person) -> None:
    request_id = regulator.get(VIEWS).request_id
    answers = [regulator.post(VIEWS, name="Mine", request_id=request_id) for _ in range(2)]
    assert [answer.status for answer in answers] == [302, 302]
    assert len(regulator.get(VIEWS).rows) == 1


@pytest.mark.parametrize("query", ["flt0_program_status_equals=nonsense", "flt0_nothing_equals=1"])
def test_a_filter_that_cannot_be_read_is_not_saved(regulator: Person, query: str) -> None:
    assert "matches nothing" in regulator.get(f"{VIEWS}?{query}").messages
    assert regulator.post(f"{VIEWS}?{query}", name="Mine").status == 400
    assert regulator.get(VIEWS).rows == {}


def test_markup_in_a_name_or_a_search_is_text(regulator: Person) -> None:
    done = regulator.post(f"{VIEWS}?search=%3Cb%3E%26x", name="<b>'\"&")
    page = regulator.follow(done)
    assert links(page) == {"<b>'\"&": "../?search=%3Cb%3E%26x"}
    assert "<b>" not in page.text
