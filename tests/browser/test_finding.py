"""The palette …"""

import re

from playwright.sync_api import Browser, Locator, Page, expect

from seatadmin.permissions import Role
from tests.browser.looking import AXE_SCRIPT, COLORS, EVERYTHING, LAYOUT, PHONE, violations
from tests.browser.world import World, sign_in


def test_finds_a_person_by_keyboard_alone(regulator: Page, world: World) -> None:
    regulator.keyboard.press("/")
    box = palette(regulator)
    expect(box).to_be_focused()
    regulator.keyboard.type("lovel")
    expect(options(regulator)).to_have_text([re.compile("^Lovelace, Ada")])
    regulator.keyboard.press("Enter")

    expect(regulator.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")


def test_opens_by_control_k_and_walks_by_arrow_keys(regulator: Page) -> None:
    regulator.keyboard.press("Control+k")
    regulator.keyboard.type("program")
    expect(options(regulator)).to_have_count(4)
    for key, chosen in (("", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", 3)):
        if key:
            regulator.keyboard.press(key)
        option = options(regulator).nth(chosen)
        expect(option).to_have_attribute("aria-selected", "true")
        id = option.get_attribute("id") or ""
        expect(palette(regulator)).to_have_attribute("aria-activedescendant", id)
        expect(regulator.locator("[role=option][aria-selected=true]")).to_have_count(1)
    regulator.keyboard.press("ArrowDown")
    regulator.keyboard.press("Enter")

    expect(regulator.get_by_text("Only where Program status is Active")).to_be_visible()


def test_gives_the_focus_back_when_it_is_left(regulator: Page) -> None:
    link = regulator.get_by_role("link", name="Users")
    link.focus()
    regulator.keyboard.press("Control+k")
    expect(palette(regulator)).to_be_focused()
    regulator.keyboard.press("Escape")

    expect(regulator.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()


def test_is_left_by_touch_too(regulator: Page) -> None:
    regulator.set_viewport_size(PHONE)
    opener = regulator.get_by_role("button", name="Find", exact=True)
    opener.click()
    regulator.get_by_role("button", name="Close").click()
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    opener.click()
    expect(regulator.get_by_role("dialog")).to_be_visible()
    regulator.mouse.click(5, PHONE["height"] - 5)
    expect(regulator.get_by_role("dialog")).to_have_count(0)


def test_opens_again_when_one_types_on_after_leaving_it(regulator: Page) -> None:
    regulator.get_by_role("searchbox", name="Find anything").click()
    expect(options(regulator).first).to_be_visible()
    regulator.keyboard.press("Escape")
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    regulator.keyboard.type("lovel")

    expect(palette(regulator)).to_have_value("lovel")


def test_says_how_much_it_found(regulator: Page) -> None:
    regulator.keyboard.press("/")
    regulator.keyboard.type("nobody at all")

    expect(regulator.get_by_role("dialog").get_by_role("status")).to_have_text("0 found")
    regulator.keyboard.press("Enter")
    expect(palette(regulator)).to_be_focused()


def test_opens_from_the_field_in_the_head_and_keeps_what_was_typed(regulator: Page) -> None:
    field = regulator.get_by_role("searchbox", name="Find anything")
    field.focus()
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    regulator.keyboard.type("o")

    expect(palette(regulator)).to_have_value("o")


def test_is_accessible_light_dark_and_on_a_phone(regulator: Page) -> None:
    regulator.keyboard.press("/")
    regulator.keyboard.type("a")
    expect(options(regulator).first).to_be_visible()
    regulator.evaluate(AXE_SCRIPT)

    assert violations(regulator, EVERYTHING) == []
    regulator.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(regulator, COLORS) == []
    regulator.set_viewport_size(PHONE)
    assert violations(regulator, LAYOUT) == []
    assert regulator.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_is_a_page_without_scripts(browser: Browser, base_url: str, world: World) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = sign_in(context.new_page(), world, Role.EMPLOYER_ADMIN)
    page.get_by_role("searchbox", name="Find anything").fill("lovelace")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Lovelace, Ada").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    context.close()


def palette(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Find anything")


def options(page: Page) -> Locator:
    return page.get_by_role("option")
