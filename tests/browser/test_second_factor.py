"""A second factor, from the person's name in the head of the page to the next sign-in …"""

import time

import pyotp
from playwright.sync_api import Browser, Page, expect

from seatadmin.permissions import Role
from tests.browser.world import World
from tests.factories import PASSWORD


def set_up(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """As the pages lead; the code of the step before leaves the present one."""
    page.get_by_role("link", name="Where you are signed in").click()
    page.get_by_role("link", name="Second factor").click()
    page.get_by_label("Your password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code of the key")).to_be_visible()
    key, *codes = page.locator("main code").all_inner_texts()
    app = pyotp.TOTP(key.replace(" ", ""))
    page.get_by_label("Code from the app").fill(app.at(int(time.time()), counter_offset=-1))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("status")).to_contain_text("is on")
    return app, codes


def sign_out(page: Page) -> None:
    """To the end: going elsewhere too early would take the click back."""
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")


def sign_in_again(page: Page, world: World, code: str) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(world.emails[Role.REGULATOR])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code from the app, or a recovery code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def test_is_set_up_and_asked_for(regulator: Page, world: World) -> None:
    app, codes = set_up(regulator)
    sign_out(regulator)

    sign_in_again(regulator, world, "000000")
    expect(regulator.get_by_role("alert")).to_contain_text("wrong")
    regulator.get_by_label("Code from the app, or a recovery code").fill(app.now())
    regulator.get_by_role("button", name="Sign in").click()

    regulator.wait_for_url("**/admin/")
    sign_out(regulator)
    sign_in_again(regulator, world, codes[0])
    regulator.wait_for_url("**/admin/")


def test_works_on_a_phone_without_scripts(browser: Browser, base_url: str, world: World) -> None:
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("E-mail").fill(world.emails[Role.REGULATOR])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    app, _ = set_up(page)
    page.get_by_role("link", name="Where you are signed in").first.click()
    page.get_by_role("row").filter(has_text="this one").get_by_role("button").click()

    expect(page).to_have_title("Sign in · Seat Admin")
    sign_in_again(page, world, app.now())
    page.wait_for_url("**/admin/")
    context.close()
