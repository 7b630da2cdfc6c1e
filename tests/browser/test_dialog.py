"""The dialog of an act …"""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from tests.browser.world import World, acts_on, participant, statuses
from tests.factories import REGISTERED


def test_is_worked_by_keyboard_alone(regulator: Page, world: World, app: Flask) -> None:
    regulator.goto("/admin/participant/")
    regulator.get_by_label("Select Lovelace, Ada").focus()
    press(regulator, "Space")
    regulator.get_by_role("button", name="Cancel").focus()
    press(regulator, "Enter")
    expect(regulator.get_by_label("Date it takes effect")).to_be_focused()
    regulator.keyboard.type("05012024")
    regulator.get_by_role("dialog").get_by_label("Reason").focus()
    regulator.keyboard.type("Health")
    press(regulator, "Tab")
    regulator.keyboard.type("On leave for good")
    press(regulator, "Tab", "Enter")

    expect(regulator.get_by_role("status")).to_have_text("1 cancelled, 1 seat freed.")
    stored = participant(app, world.people["ada"])
    assert stored is not None
    assert (stored.status_date, stored.cancellation_reason, stored.status_note) == (
        date(2024, 5, 1),
        "health",
        "On leave for good",
    )
    assert acts_on(app, world.people["ada"]) == ["cancel"]


def test_keeps_the_focus_and_gives_it_back(regulator: Page) -> None:
    opener = opened(regulator, "Suspend")
    for _ in range(12):
        press(regulator, "Tab")
        assert regulator.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    press(regulator, "Escape")
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_changes_nothing_when_it_is_left(regulator: Page, world: World, app: Flask) -> None:
    opener = opened(regulator, "Complete")
    regulator.get_by_role("link", name="Keep as it is").click()
    expect(regulator.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    assert statuses(app, world.people["ada"]) == [(ProgramStatus.ACTIVE, AccountStatus.ACTIVE)]
    assert acts_on(app, world.people["ada"]) == []


def test_counts_again_for_another_date(regulator: Page) -> None:
    opened(regulator, "Suspend")
    asked = regulator.get_by_role("dialog")
    expect(asked).to_contain_text("1 program will be suspended")
    day = asked.get_by_label("Date it takes effect")
    day.fill((REGISTERED - timedelta(days=1)).isoformat())
    day.blur()
    expect(asked).to_contain_text("1 refused: The date lies before the registration date.")
    day.fill((date.today() + timedelta(days=3)).isoformat())
    day.blur()
    expect(asked).to_contain_text("1 program will be suspended on")
    expect(asked.get_by_role("button", name="Plan to suspend 1 program")).to_be_enabled()
    day.fill((date.today() + timedelta(days=3000)).isoformat())
    day.blur()
    expect(day).to_have_attribute("aria-invalid", "true")
    expect(asked).to_contain_text("too far for a plan")
    day.fill(REGISTERED.isoformat())
    day.blur()
    expect(asked).to_contain_text("1 program will be suspended")
    expect(day).not_to_have_attribute("aria-invalid", "true")


def test_says_whom_it_is_about(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    regulator.get_by_label("Select every row of this page").check()
    regulator.get_by_role("button", name="Suspend").click()
    asked = regulator.get_by_role("dialog")
    expect(asked).to_contain_text("Eve Price and 2 more")
    expect(asked).to_contain_text("7 programs will be suspended, 6 seats freed")


def test_shows_that_it_counts_again(regulator: Page) -> None:
    opened(regulator, "Suspend")
    answers: list[Callable[[], None]] = []
    regulator.route("**/action/confirm/", lambda route: answers.append(route.continue_))
    day = regulator.get_by_label("Date it takes effect")
    day.fill(REGISTERED.isoformat())
    day.blur()
    expect(regulator.locator("[data-figures][aria-busy=true]")).to_be_visible()
    answers.pop()()
    expect(regulator.locator("[data-figures]:not([aria-busy])")).to_be_visible()


def test_is_there_at_once_on_a_slow_network(regulator: Page) -> None:
    answers: list[Callable[[], None]] = []
    regulator.route("**/action/confirm/", lambda route: answers.append(route.continue_))
    tick_and_click(regulator, "Suspend")
    expect(regulator.get_by_role("dialog", name="One moment")).to_be_visible()
    answers.pop()()
    expect(regulator.get_by_role("dialog", name="Suspend 1 program")).to_be_visible()


def test_gives_way_to_the_page_when_its_answer_is_lost(regulator: Page) -> None:
    def lose_the_first(route: Route) -> None:
        if route.request.is_navigation_request():
            route.continue_()
        else:
            route.fulfill(body="lost")

    regulator.route("**/action/confirm/", lose_the_first)
    tick_and_click(regulator, "Suspend")
    expect(regulator.get_by_role("heading", level=1)).to_have_text("Suspend 1 program")
    expect(regulator.get_by_role("dialog")).to_have_count(0)


def opened(page: Page, act: str) -> Locator:
    """The button that opened the dialog of `act` for one participant."""
    button = tick_and_click(page, act)
    expect(page.get_by_role("dialog").get_by_label("Note")).to_be_visible()
    return button


def tick_and_click(page: Page, act: str) -> Locator:
    page.goto("/admin/participant/")
    page.get_by_label("Select Lovelace, Ada").check()
    button = page.get_by_role("group", name="Actions").get_by_role("button", name=act)
    button.click()
    return button


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
