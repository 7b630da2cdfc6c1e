"""The look …"""

from flask import Flask
from playwright.sync_api import Page, expect

from seatadmin.extensions import db
from seatadmin.models import Participant
from tests.browser.looking import TOO_WIDE, beyond
from tests.browser.world import World
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory

DARK = "rgb(14, 19, 26)"
LIGHT = "rgb(245, 246, 248)"


def test_follows_the_system_until_one_chooses_and_is_remembered(regulator: Page) -> None:
    html = regulator.locator("html")
    expect(html).to_have_css("background-color", LIGHT)
    regulator.emulate_media(color_scheme="dark")
    expect(html).to_have_css("background-color", DARK)

    toggle = regulator.get_by_role("button", name="Dark theme")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(html).to_have_css("background-color", LIGHT)
    regulator.goto("/admin/participant/")
    expect(html).to_have_css("background-color", LIGHT)
    regulator.get_by_role("button", name="Dark theme").click()
    regulator.reload()
    assert "data-theme" not in regulator.content()[:100], "what the system wants is no choice"


def test_does_not_flash(regulator: Page) -> None:
    """The server sends the chosen theme: no script has to run first."""
    regulator.get_by_role("button", name="Dark theme").click()
    answer = regulator.goto("/admin/participant/")
    assert answer is not None
    assert '<html lang="en" data-theme="dark">' in answer.text()


def test_has_a_menu_that_folds_and_stays_folded(regulator: Page) -> None:
    wide = regulator.get_by_role("navigation", name="Main").bounding_box()
    regulator.get_by_label("Narrow menu").check(force=True)
    regulator.goto("/admin/user/")
    narrow = regulator.get_by_role("navigation", name="Main").bounding_box()
    assert wide is not None
    assert narrow is not None
    assert narrow["width"] < wide["width"] / 2
    expect(regulator.get_by_role("link", name="Participants")).to_be_visible()


def test_shows_rows_as_cards_with_labels_on_a_phone(regulator: Page) -> None:
    regulator.set_viewport_size({"width": 390, "height": 844})
    regulator.goto("/admin/participant/")
    employer = regulator.locator("tbody tr").first.locator("[data-field=employer]")
    named = employer.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert named == '"Employer"'
    box = regulator.locator("tbody tr").first.bounding_box()
    assert box is not None
    assert box["width"] < 390 < box["height"] * 3


def test_sorts_cards_on_a_phone(regulator: Page) -> None:
    regulator.set_viewport_size({"width": 320, "height": 640})
    regulator.goto("/admin/participant/")
    heads = regulator.locator("thead")
    heads.get_by_role("link", name="Since").click()
    regulator.wait_for_url("**/?sort=status_date")  # and for its styles

    expect(heads.locator("[aria-sort=ascending]")).to_have_text("Since")
    assert regulator.evaluate("document.documentElement.scrollWidth") <= 320


def test_has_room_for_long_names_and_addresses(regulator: Page, world: World, app: Flask) -> None:
    with app.app_context():
        row = db.session.get(Participant, world.people["ada"])
        row.last_name, row.email = "Wolfeschlegelstein" * 5, f"{'ada' * 35}@example.org"
        db.session.commit()
    for page in ("", f"details/?id={world.people['ada']}", f"edit/?id={world.people['ada']}"):
        regulator.goto(f"/admin/participant/{page}")
        for width in (320, 390, 640, 993, 1280):
            regulator.set_viewport_size({"width": width, "height": 900})
            inside = "document.documentElement.scrollWidth"
            assert regulator.evaluate(inside) <= width, (page, width)
            assert beyond(regulator) == [], (page, width)


def test_has_no_list_wider_than_its_frame_whatever_words_are_in_it(
    regulator: Page, app: Flask
) -> None:
    """Just above and below each width at which the list changes."""
    with app.app_context():
        sponsor = SponsorFactory(name="Red River Manufacturing Apprenticeship Trust")
        employer = EmployerFactory(name="Westport Construction Group", sponsor=sponsor)
        words = {"employer": employer, "occupation": "Pharmacy Technician"}
        names = {"first_name": "Stephanie-Alexandra", "last_name": "Hernandez"}
        ParticipantFactory(cancelled=True, cancellation_reason="left_employment", **words, **names)
        ParticipantFactory(suspended=True, **words)
        ParticipantFactory(out_of_step=True, **words)
        db.session.commit()
    regulator.goto("/admin/participant/")
    for width in (993, 1039, 1040, 1248, 1249, 1280, 1440, 1441):
        regulator.set_viewport_size({"width": width, "height": 900})
        assert regulator.evaluate(TOO_WIDE) == [], width
    number = regulator.locator("tbody tr").first.locator("[data-field=apprentice_number]")
    expect(number).to_have_css("white-space", "nowrap")


def test_prints_the_list_without_its_controls(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    regulator.set_viewport_size({"width": 720, "height": 900})  # a sheet of paper
    regulator.emulate_media(media="print")
    expect(regulator.locator("tbody tr").first).to_have_css("display", "table-row")
    assert regulator.evaluate("document.documentElement.scrollWidth") <= 720
    for control in (".side", ".top", ".filters", ".batch", ".kebab", "[name=rowid]"):
        expect(regulator.locator(control).first).to_be_hidden()
