"""The pictures of seat usage, hints and results …"""

from flask import Flask
from playwright.sync_api import Page, expect

from seatadmin.permissions import Role
from tests.browser.looking import AXE_SCRIPT, COLORS, EVERYTHING, LAYOUT, PHONE, violations
from tests.browser.world import World, acts_on, sign_in


def test_are_accessible_light_dark_and_on_a_phone(regulator: Page) -> None:
    months = regulator.get_by_role("img", name="The last 12 months")
    expect(months).to_be_visible()
    regulator.get_by_text("The same as a table").click()
    expect(regulator.get_by_role("table", name="The last 12 months")).to_contain_text("Limit")
    regulator.evaluate(AXE_SCRIPT)

    assert violations(regulator, EVERYTHING) == []
    regulator.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(regulator, COLORS) == []
    regulator.set_viewport_size(PHONE)
    assert violations(regulator, LAYOUT) == []
    assert regulator.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_are_printed(regulator: Page) -> None:
    regulator.set_viewport_size({"width": 720, "height": 900})
    regulator.emulate_media(media="print")

    expect(regulator.get_by_role("img", name="The last 12 months")).to_be_visible()
    expect(regulator.locator(".find")).to_be_hidden()
    assert regulator.evaluate("document.documentElement.scrollWidth") <= 720


def test_hint_in_the_dialog_before_and_link_to_the_change_after(
    page: Page, world: World, app: Flask
) -> None:
    sign_in(page, world, Role.EMPLOYER_ADMIN).goto("/admin/participant/")
    page.locator("[data-tick-all]").check()
    page.get_by_role("group", name="Actions").get_by_role("button", name="Suspend").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("No active participant would be left of Acme Training")
    expect(asked).to_contain_text("Your sponsor must tell the registration agency")
    page.keyboard.press("Escape")
    page.goto(f"/admin/participant/details/?id={world.people['ada']}")
    page.get_by_role("link", name="Suspend").click()
    expect(asked).not_to_contain_text("would be left")
    asked.get_by_role("button", name="Suspend 1 program").click()

    expect(page.get_by_role("status")).to_have_text("1 suspended, 1 seat freed.")
    assert acts_on(app, world.people["ada"]) == ["suspend"]
    page.get_by_role("link", name="See the change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("suspend")


def test_note_by_one_click_that_the_agency_was_told(page: Page, world: World, app: Flask) -> None:
    sign_in(page, world, Role.SPONSOR)
    page.goto(f"/admin/participant/details/?id={world.people['eve']}")
    page.get_by_role("link", name="Complete").click()
    page.get_by_role("dialog").get_by_role("button", name="Complete 1 program").click()
    expect(page.get_by_text("Not reported, due by")).to_be_visible()
    page.get_by_role("button", name="Reported", exact=True).click()

    expect(page.locator("[data-field=report]")).to_contain_text("Reported on")
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    assert acts_on(app, world.people["eve"]) == ["complete", "report"]
