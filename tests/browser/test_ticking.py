"""Ticking rows …"""

from flask import Flask
from playwright.sync_api import Page, expect

from seatadmin.extensions import db
from seatadmin.models import Employer
from tests.browser.world import World, acts_on
from tests.factories import ParticipantFactory

MORE = 25


def test_reaches_a_range_with_shift(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    rows = regulator.locator("[name=rowid]")
    rows.nth(1).click()
    rows.nth(4).click(modifiers=["Shift"])
    expect(regulator.locator("[name=rowid]:checked")).to_have_count(4)
    rows.nth(2).click(modifiers=["Shift"])
    expect(regulator.get_by_text("1 row selected")).to_be_visible()


def test_offers_no_act_before_a_row_is_ticked(regulator: Page) -> None:
    regulator.goto("/admin/participant/")
    expect(regulator.get_by_role("button", name="Cancel")).to_be_disabled()
    regulator.get_by_label("Select Lovelace, Ada").check()
    expect(regulator.get_by_role("button", name="Cancel")).to_be_enabled()
    expect(regulator.get_by_label("that match")).to_be_hidden()


def test_is_forgotten_on_the_way_back(regulator: Page, world: World, app: Flask) -> None:
    """A browser would tick again by position: by then somebody else may stand there."""
    regulator.goto("/admin/participant/")
    regulator.get_by_label("Select Lovelace, Ada").check()
    regulator.get_by_label("Program status").select_option("Suspended")
    regulator.get_by_role("link", name="Lovelace, Ada").click()
    expect(regulator.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    with app.app_context():
        first = {"first_name": "Aaron", "last_name": "Abel"}
        ParticipantFactory(employer=db.session.get(Employer, world.employer), **first)
        db.session.commit()
    regulator.go_back()

    expect(regulator.get_by_label("Select Abel, Aaron")).to_be_visible()
    expect(regulator.locator("[name=rowid]:checked")).to_have_count(0)
    expect(regulator.get_by_text("Select rows to act on them.")).to_be_visible()
    expect(regulator.get_by_label("Program status")).to_have_value("")


def test_reaches_the_page_on_a_phone(regulator: Page) -> None:
    regulator.set_viewport_size({"width": 390, "height": 844})
    regulator.goto("/admin/participant/")
    regulator.get_by_label("Select every row of this page").check()

    expect(regulator.get_by_text("7 rows selected")).to_be_visible()


def test_of_the_whole_page_offers_all_that_match(regulator: Page, world: World, app: Flask) -> None:
    with app.app_context():
        employer = db.session.get(Employer, world.employer)
        new = ParticipantFactory.create_batch(MORE, last_name="Zuse", employer=employer)
        ids = [row.id for row in new]
        db.session.commit()
    regulator.goto("/admin/participant/?search=zuse&page_size=20")
    regulator.get_by_label("Select every row of this page").check()
    expect(regulator.get_by_text("20 rows selected")).to_be_visible()
    regulator.get_by_label(f"All {MORE} that match").check()
    regulator.get_by_role("button", name="Complete").click()
    asked = regulator.get_by_role("dialog")
    expect(asked).to_contain_text(f"{MORE} programs will be completed, {MORE} seats freed.")
    asked.get_by_role("button", name=f"Complete {MORE} programs").click()

    expect(regulator.get_by_role("status")).to_contain_text(f"{MORE} completed")
    assert {tuple(acts_on(app, id)) for id in ids} == {("complete",)}
    assert acts_on(app, world.people["ada"]) == []
