"""Columns are chosen in the panel of filters …"""

from playwright.sync_api import Page, expect

LIST = "/admin/participant/"


def test_and_stand_in_the_address_only_when_they_are_not_the_usual(regulator: Page) -> None:
    regulator.goto(LIST)
    regulator.get_by_text("More filters").click()
    regulator.get_by_label("E-mail").last.check()
    regulator.get_by_role("button", name="Apply").click()
    expect(regulator.get_by_role("columnheader", name="E-mail")).to_be_visible()
    assert "&col=email" in regulator.url

    regulator.get_by_text("More filters").click()
    regulator.get_by_label("E-mail").last.uncheck()
    regulator.get_by_role("button", name="Apply").click()
    expect(regulator.get_by_role("columnheader", name="E-mail")).to_have_count(0)
    assert "col=" not in regulator.url


def test_and_are_there_on_a_phone_in_the_panel_without_scrolling_sideways(regulator: Page) -> None:
    regulator.set_viewport_size({"width": 320, "height": 700})
    regulator.goto(LIST)
    regulator.get_by_text("More filters").click()
    expect(regulator.get_by_role("group", name="Columns")).to_be_visible()
    assert regulator.evaluate("document.documentElement.scrollWidth") <= 320
