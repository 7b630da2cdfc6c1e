"""The three dots of a row …"""

from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.permissions import Role
from tests.browser.world import World, acts_on, sign_in, statuses

GONE = AccountStatus.DEACTIVATED


def test_deactivate_a_user_who_is_a_participant(staff: Page, world: World, app: Flask) -> None:
    staff.get_by_role("link", name="Users").click()
    dots(staff, "Lovelace, Ada").click()
    staff.get_by_role("link", name="Deactivate user").click()
    asked = staff.get_by_role("dialog")
    expect(asked).to_contain_text("Not recommended for a participant")
    asked.get_by_role("button", name="Deactivate 1 account").click()

    expect(staff.get_by_role("status")).to_have_text("1 deactivated, 1 seat freed.")
    assert statuses(app, world.people["ada"]) == [(ProgramStatus.ACTIVE, GONE)]
    assert acts_on(app, world.people["ada"]) == ["deactivate"]


def test_deactivate_a_member_of_staff_by_keyboard_alone(
    regulator: Page, world: World, app: Flask
) -> None:
    regulator.goto("/admin/user/")
    opener = dots(regulator, "Sponso, Robin")
    opener.focus()
    regulator.keyboard.press("Space")
    expect(regulator.get_by_role("link", name="Open", exact=True)).to_be_focused()
    regulator.keyboard.press("End")
    expect(regulator.get_by_role("link", name="Deactivate user")).to_be_focused()
    regulator.keyboard.press("Enter")
    expect(regulator.get_by_label("Note")).to_be_focused()
    regulator.keyboard.press("Escape")
    expect(opener).to_be_focused()

    for key in ("Enter", "End", "Enter"):
        regulator.keyboard.press(key)
    expect(regulator.get_by_label("Note")).to_be_focused()
    regulator.keyboard.press("Tab")
    regulator.keyboard.press("Enter")

    expect(regulator.get_by_role("status")).to_have_text("1 deactivated.")
    assert statuses(app, world.staff[Role.SPONSOR]) == [(None, GONE)]
    assert acts_on(app, world.staff[Role.SPONSOR]) == ["deactivate"]


def test_open_to_a_finger_too(browser: Browser, base_url: str, world: World) -> None:
    context = browser.new_context(
        base_url=base_url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = sign_in(context.new_page(), world, Role.SPONSOR)
    page.goto("/admin/participant/")
    dots(page, "Price, Eve").tap()
    link = page.get_by_role("link", name="Suspend")
    expect(link).to_be_in_viewport()
    link.tap()
    expect(page.get_by_role("dialog", name="Suspend 1 program")).to_be_visible()
    context.close()


def test_close_on_escape_a_click_elsewhere_and_when_another_opens(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    opener, other = dots(regulator, "Price, Eve"), dots(regulator, "Lovelace, Ada")
    opener.click()
    expect(opener).to_have_attribute("aria-expanded", "true")
    regulator.keyboard.press("Escape")
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(opener).to_be_focused()

    opener.click()
    other.click()
    expect(other).to_have_attribute("aria-expanded", "true")
    expect(opener).to_have_attribute("aria-expanded", "false")
    regulator.get_by_role("heading", level=1).click()
    expect(regulator.get_by_role("link", name="Open", exact=True)).to_have_count(0)


def test_offer_only_what_can_be_done(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    dots(regulator, "Reyes, Otto").click()
    expect(regulator.get_by_role("link", name="Reactivate")).to_be_visible()
    expect(regulator.get_by_role("link", name="Deactivate")).to_have_count(0)
    expect(regulator.get_by_role("link", name="Reinstate")).to_have_count(0)


def dots(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Menu of {name}")
