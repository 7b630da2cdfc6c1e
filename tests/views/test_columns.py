"""A list shows the columns that were chosen."""

from html import unescape

import pytest

from tests.views.browsing import Person
from tests.views.conftest import World

LIST = "/admin/participant/"

USUAL = [
    "name",
    "apprentice_number",
    "employer",
    "sponsor",
    "occupation",
    "program_status",
    "status_date",
    "cancellation_reason",
    "account_status",
    "out_of_step",
]


def shown(person: Person, address: str) -> list[str]:
    return list(next(iter(person.get(address).rows.values())))


def test_it_shows_the_usual_ones_unless_others_are_chosen(regulator: Person) -> None:
    assert shown(regulator, LIST) == USUAL


@pytest.mark.parametrize(
    "more",
    [
        "email",
        "registration_date",
        "expected_completion_date",
        "reported_on",
        "planned",
        "status_note",
    ],
)
def test_it_shows_what_is_chosen(regulator: Person, more: str) -> None:
    assert shown(regulator, f"{LIST}?col={more}&col=name") == ["name", more]


def test_it_leaves_the_order_to_the_list_and_unknown_names_out(regulator: Person) -> None:
    address = f"{LIST}?col=sponsor&col=password_hash&col=name&col=sponsor"
    assert shown(regulator, address) == ["name", "sponsor"]


def test_it_shows_the_usual_ones_when_nothing_known_is_chosen(regulator: Person) -> None:
    assert shown(regulator, f"{LIST}?col=password_hash&col=") == USUAL


def test_it_keeps_the_choice_when_a_filter_is_taken_away(regulator: Person) -> None:
    text = unescape(regulator.get(f"{LIST}?flt0_out_of_step_equals=0&col=email").text)
    assert 'class="chip" href="?col=email"' in text


def test_it_keeps_the_choice_in_the_addresses_of_heads_but_not_of_exports(
    regulator: Person, world: World
) -> None:
    text = unescape(regulator.get(f"{LIST}?col=name&col=email").text)
    assert "?sort=name&desc=1&col=name&col=email" in text
    assert 'href="export/csv/"' in text


def test_it_leaves_the_usual_choice_out_of_addresses(regulator: Person) -> None:
    chosen = "&".join(f"col={name}" for name in USUAL)
    text = regulator.get(f"{LIST}?{chosen}").text
    assert 'href="?sort=name&amp;desc=1"' in text


def test_users_can_show_the_program_too(regulator: Person) -> None:
    assert shown(regulator, "/admin/user/?col=name&col=program_status") == [
        "name",
        "program_status",
    ]
