"""An export …"""

from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask_login import login_user
from playwright.sync_api import Browser, Page, expect

from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.permissions import Role
from seatadmin.views import progress
from tests.browser.world import World, sign_in


def test_is_saved_under_an_id_by_which_its_share_is_asked_for(page: Page, world: World) -> None:
    sign_in(page, world, Role.SPONSOR)
    page.goto("/admin/participant/?search=e")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export CSV").click()

    asked = parse_qs(urlsplit(saved.value.url).query)
    assert (asked["search"], len(asked["request_id"])) == (["e"], 1)
    assert saved.value.suggested_filename.endswith(".csv")


def test_shows_how_far_it_is_and_stops_when_it_is_over(
    page: Page, world: World, app: Flask
) -> None:
    sign_in(page, world, Role.SPONSOR)
    page.clock.install()
    page.goto("/admin/participant/")
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")  # nothing is sent
    link = page.get_by_role("link", name="Export CSV")
    link.click()
    asked = parse_qs(urlsplit(link.get_attribute("href")).query)
    bar = page.get_by_role("progressbar", name="Exporting rows")

    with app.test_request_context(f"/?request_id={asked['request_id'][0]}"):
        login_user(db.session.get(User, world.staff[Role.SPONSOR]))
        with progress.told() as report:
            report(3, 12, "Exporting rows")
            page.clock.run_for(1_100)
            expect(bar).to_have_js_property("value", 3)
            expect(bar).to_have_js_property("max", 12)
    page.clock.run_for(600)
    expect(bar).to_have_count(0)


def test_is_a_plain_download_without_scripts(browser: Browser, base_url: str, world: World) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = sign_in(context.new_page(), world, Role.SPONSOR)
    page.goto("/admin/participant/")
    with page.expect_download() as saved:
        page.get_by_role("link", name="XLSX").click()

    assert "request_id" not in saved.value.url
    assert saved.value.suggested_filename.endswith(".xlsx")
    context.close()
