"""The shortcuts …"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import AXE_SCRIPT, EVERYTHING, violations


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("p", "Participants"),
        ("u", "Users"),
        ("s", "Sponsors"),
        ("e", "Employers"),
        ("c", "Changes"),
    ],
)
def test_lead_to_the_lists(regulator: Page, key: str, heading: str) -> None:
    regulator.keyboard.press("g")
    regulator.keyboard.press(key)

    expect(regulator.get_by_role("heading", level=1)).to_contain_text(heading)


def test_walk_and_tick_the_rows_of_a_list(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    for key in "jjkx":
        regulator.keyboard.press(key)

    expect(regulator.get_by_role("link", name="Lovelace, Ada")).to_be_focused()
    expect(regulator.locator("tbody tr").first.locator("[name=rowid]")).to_be_checked()
    expect(regulator.get_by_text("1 row selected")).to_be_visible()
    regulator.keyboard.press("Enter")
    expect(regulator.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")


def test_make_a_new_one(regulator: Page) -> None:
    regulator.goto("/admin/employer/")
    regulator.keyboard.press("n")

    expect(regulator.get_by_role("heading", level=1)).to_have_text("New employer")


def test_are_listed(regulator: Page) -> None:
    regulator.keyboard.press("?")
    listed = regulator.get_by_role("dialog", name="Keyboard shortcuts")

    for words in ("Find anything", "Next row", "g p", "Changes"):
        expect(listed).to_contain_text(words)
    regulator.evaluate(AXE_SCRIPT)
    assert violations(regulator, EVERYTHING) == []
    listed.get_by_role("button", name="Close").click()
    expect(listed).to_have_count(0)


def test_are_no_shortcuts_while_one_types(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    search = regulator.get_by_role("searchbox", name="Search")
    search.focus()
    regulator.keyboard.type("g/p?n")

    expect(search).to_have_value("g/p?n")
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    regulator.get_by_role("combobox", name="Program status").focus()
    regulator.keyboard.press("?")
    expect(regulator.get_by_role("dialog")).to_have_count(0)


def test_can_be_switched_off_and_stay_so(regulator: Page) -> None:
    regulator.keyboard.press("?")
    single = regulator.get_by_label("Shortcuts of a single key")
    expect(single).to_be_checked()
    single.uncheck()
    regulator.keyboard.press("Escape")
    regulator.reload()
    for key in "/?gu":
        regulator.keyboard.press(key)
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    expect(regulator.get_by_role("heading", level=1)).to_contain_text("Seat usage")

    regulator.keyboard.press("Control+k")
    regulator.get_by_role("link", name="Keyboard shortcuts").click()
    single.check()
    regulator.keyboard.press("Escape")
    regulator.keyboard.press("/")
    expect(regulator.get_by_role("combobox", name="Find anything")).to_be_focused()
