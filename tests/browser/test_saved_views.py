"""A view of a list …"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from seatadmin.permissions import Role
from tests.browser.looking import look_at
from tests.browser.world import World, sign_in

LIST = "/admin/participant/"


@pytest.fixture
def plain(browser: Browser, base_url: str, world: World) -> Iterator[Page]:
    """A regulator's page in a browser that runs no scripts."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    yield sign_in(context.new_page(), world, Role.REGULATOR)
    context.close()


def save(page: Page, name: str, search: str = "lovelace") -> None:
    """Search the list, and save that."""
    page.goto(f"{LIST}?search={search}")
    page.get_by_role("link", name="Views", exact=True).click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Save view").click()


def test_is_saved_opened_and_deleted(regulator: Page) -> None:
    save(regulator, "Ada")
    expect(regulator.get_by_role("status")).to_have_text("“Ada” was saved.")

    regulator.get_by_role("link", name="Ada", exact=True).click()
    expect(regulator.locator("tbody tr")).to_have_count(1)
    assert regulator.url.endswith(f"{LIST}?search=lovelace")

    regulator.get_by_role("link", name="Views", exact=True).click()
    regulator.get_by_role("button", name="Delete the view Ada").click()
    expect(regulator.get_by_role("status")).to_have_text("“Ada” was deleted.")
    expect(regulator.get_by_text("You have no saved views of this list yet.")).to_be_visible()


def test_is_a_link_that_somebody_else_opens(
    regulator: Page, browser: Browser, base_url: str, world: World
) -> None:
    save(regulator, "Ada")
    regulator.get_by_role("link", name="Ada", exact=True).click()

    context = browser.new_context(base_url=base_url)
    theirs = sign_in(context.new_page(), world, Role.EMPLOYER_ADMIN)
    theirs.goto(regulator.url)
    expect(theirs.get_by_role("link", name="Lovelace, Ada")).to_be_visible()
    theirs.get_by_role("link", name="Views", exact=True).click()
    expect(theirs.get_by_text("You have no saved views of this list yet.")).to_be_visible()
    context.close()


def test_works_without_scripts_and_asks_before_it_is_replaced(plain: Page) -> None:
    save(plain, "Mine")
    save(plain, "Mine", "price")
    expect(plain.get_by_text("You have a view “Mine” already. Replace it?")).to_be_visible()
    expect(plain.get_by_label("Name")).to_have_attribute("aria-invalid", "true")

    plain.get_by_role("button", name="Replace").click()
    plain.get_by_role("link", name="Mine", exact=True).click()
    expect(plain.get_by_role("row", name="Price, Eve")).to_be_visible()


def test_has_a_page_that_anybody_can_use(regulator: Page) -> None:
    save(regulator, "Ada " + "very long name " * 5)
    where = f"{LIST}views/?search=lovelace&flt0_program_status_equals=active&page_size=20"
    look_at(regulator, regulator.goto(where))
