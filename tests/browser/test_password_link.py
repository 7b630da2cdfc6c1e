"""A link for a password …"""

from playwright.sync_api import Browser, Page

from seatadmin.permissions import Role
from tests.browser.looking import look_at
from tests.browser.world import World, sign_in

CHOSEN = "violet kettles cross the harbor"


def test_goes_from_the_regulator_to_whoever_chooses_it(
    page: Page, world: World, base_url: str, browser: Browser
) -> None:
    sign_in(page, world, Role.REGULATOR)
    look_at(page, page.goto(f"/admin/user/details/?id={world.staff[Role.SPONSOR]}"))
    with page.expect_response("**/admin/password/link/") as made:
        page.get_by_role("button", name="Make a link to reset the password").click()
    look_at(page, made.value, 201)
    link = page.get_by_label("Link").input_value()

    guest = browser.new_context(base_url=base_url).new_page()
    look_at(guest, guest.goto(link))
    guest.get_by_label("New password", exact=True).fill("password password 1")
    guest.get_by_label("New password, once more").fill("password password 1")
    with guest.expect_response(link) as refused:
        guest.get_by_role("button", name="Set password").click()
    look_at(guest, refused.value)
    assert "easy to guess" in guest.locator("main").inner_text()
    guest.get_by_label("New password", exact=True).fill(CHOSEN)
    guest.get_by_label("New password, once more").fill(CHOSEN)
    guest.get_by_role("button", name="Set password").click()
    guest.wait_for_url("**/login")
    guest.get_by_label("E-mail").fill(world.emails[Role.SPONSOR])
    guest.get_by_label("Password").fill(CHOSEN)
    guest.get_by_role("button", name="Sign in").click()
    guest.wait_for_url("**/admin/")

    look_at(guest, guest.goto("/admin/password/"))
    look_at(guest, guest.goto(link), 404)
    guest.context.close()
