"""Without JavaScript …"""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.permissions import Role
from tests.browser.world import World, acts_on, sign_in, statuses


@pytest.fixture
def plain(browser: Browser, base_url: str, world: World) -> Iterator[Page]:
    """A regulator's page in a browser that runs no scripts."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    yield sign_in(context.new_page(), world, Role.REGULATOR)
    context.close()


def test_ticked_rows_are_cancelled_by_way_of_a_page_that_asks(
    plain: Page, world: World, app: Flask
) -> None:
    plain.goto("/admin/participant/")
    plain.get_by_label("Select Lovelace, Ada").check()
    plain.get_by_label("Select Price, Eve").check()
    plain.get_by_role("button", name="Cancel").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Cancel 2 programs")
    plain.get_by_label("Date it takes effect").fill("2024-05-01")
    plain.get_by_label("Reason").select_option("Dismissed")
    plain.get_by_role("button", name="Cancel 2 programs").click()

    expect(plain.get_by_role("status")).to_have_text("2 cancelled, 2 seats freed.")
    ids = [world.people["ada"], world.people["eve"]]
    assert statuses(app, *ids) == [(ProgramStatus.CANCELLED, AccountStatus.DEACTIVATED)] * 2
    assert [acts_on(app, id) for id in ids] == [["cancel"]] * 2


def test_all_that_match_can_be_chosen(plain: Page) -> None:
    plain.goto("/admin/participant/?search=lovelace")
    plain.get_by_label("All 1 that match").check()
    plain.get_by_role("button", name="Suspend").click()
    expect(plain.get_by_text("1 program will be suspended, 1 seat freed.")).to_be_visible()


def test_the_three_dots_lead_to_the_page_of_the_row(plain: Page) -> None:
    plain.goto("/admin/participant/")
    plain.get_by_role("row", name="Lovelace, Ada").get_by_role("link", name="Menu").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    plain.get_by_role("link", name="Suspend").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Suspend 1 program")


def test_a_wrong_date_is_told_at_the_field_and_the_rest_kept(plain: Page, world: World) -> None:
    plain.goto(f"/admin/participant/action/confirm/?action=cancel&rowid={world.people['ada']}")
    plain.get_by_label("Date it takes effect").fill("2999-01-01")
    plain.get_by_label("Reason").select_option("Health")
    plain.get_by_role("button", name="Cancel 1 program").click()
    expect(plain.get_by_label("Date it takes effect")).to_have_attribute("aria-invalid", "true")
    expect(plain.get_by_label("Reason")).to_have_value("health")


def test_filters_apply_and_read_as_a_sentence(plain: Page) -> None:
    plain.goto("/admin/participant/")
    plain.get_by_label("Account status").select_option("Deactivated")
    plain.get_by_role("button", name="Apply").click()
    expect(plain.get_by_text("Only where Account status is Deactivated")).to_be_visible()
    expect(plain.locator("tbody tr")).to_have_count(1)
    plain.get_by_role("link", name="remove this filter").click()
    expect(plain.locator("tbody tr")).to_have_count(7)


def test_the_menu_opens_on_a_phone(plain: Page) -> None:
    plain.set_viewport_size({"width": 390, "height": 844})
    plain.goto("/admin/")
    expect(plain.get_by_role("link", name="Users")).to_be_hidden()
    plain.get_by_role("button", name="Menu").click()
    plain.get_by_role("link", name="Users").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Users")


def test_cards_on_a_phone_name_their_values_and_acts_wait_for_a_tick(plain: Page) -> None:
    plain.set_viewport_size({"width": 390, "height": 844})
    plain.goto("/admin/participant/")
    row = plain.get_by_role("row", name="Lovelace, Ada")
    named = row.locator("[data-field=employer]").evaluate(
        "cell => getComputedStyle(cell, '::before').content"
    )
    assert named == '"Employer"'
    suspend = plain.get_by_role("group", name="Actions").get_by_role("button", name="Suspend")
    expect(suspend).to_be_hidden()
    row.get_by_role("checkbox").check()
    expect(suspend).to_be_visible()
