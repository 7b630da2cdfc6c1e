"""Every page, for every role, light and dark and on a phone …

A crawl from the first page. What one address with other values shows is one page; each act is one.
Pages behind a step are in `test_every_step` and `test_password_link`.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, Route, ViewportSize, expect

from seatadmin.permissions import Role
from tests.browser.looking import beyond, look_at
from tests.browser.world import World, sign_in

LEAST = {Role.REGULATOR: 31, Role.SPONSOR: 29, Role.EMPLOYER_ADMIN: 20}
"""So many pages there are: a crawl that stops early has seen nothing."""

STARTS = ["/admin/", "/admin/find/?q=e", "/admin/find/?q=nobody+at+all"]
"""No link leads to what was looked for."""

FULL = (
    "/admin/participant/?search=e&flt0_program_status_equals=active&flt1_account_status_equals="
    "active&sort=status_date&desc=1&col=name&col=email&col=occupation&col=registration_date"
)

REFUSED = {
    "/admin/sponsor/": 403,
    "/admin/participant/details/?id=987654321": 404,
    "/admin/participant/?search=nobody+at+all": 200,
    FULL: 200,
}

MAIN = (
    "/admin/",
    "/admin/participant/",
    "/admin/participant/details/?id={ada}",
    "/admin/participant/edit/?id={ada}",
    "/admin/participant/action/confirm/?action=cancel&rowid={ada}",
    "/admin/user/",
    "/admin/change/",
    "/admin/import/",
)


def test_is_titled_accessible_and_fits(page: Page, world: World, base_url: str, role: Role) -> None:
    sign_in(page, world, role)
    seen = [look_at(page, answer) for answer in crawl(page, base_url)]
    assert len(seen) >= LEAST[role], seen


def test_is_so_when_there_is_nothing_to_see_too(page: Page, world: World) -> None:
    look_at(page, page.goto("/login"))
    sign_in(page, world, Role.EMPLOYER_ADMIN)
    for path, status in REFUSED.items():
        look_at(page, page.goto(path), status)


@pytest.mark.parametrize("width", [640, 320])
def test_fits_when_it_is_enlarged(
    browser: Browser, base_url: str, world: World, width: int
) -> None:
    """A window of 1280 pixels at 200 %, and at 400 %: as many pixels, fewer and larger ones."""
    size = ViewportSize(width=width, height=width * 9 // 16)
    context = browser.new_context(
        base_url=base_url, viewport=size, device_scale_factor=1280 / width
    )
    page = sign_in(context.new_page(), world, Role.REGULATOR)
    for path in MAIN:
        page.goto(path.format_map(world.people))
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert beyond(page) == [], path
    context.close()


def test_is_usable_before_its_scripts_arrive(page: Page, world: World) -> None:
    sign_in(page, world, Role.SPONSOR)
    held: list[Route] = []
    page.route("**/static/js/**", lambda route: held.append(route))
    page.goto("/admin/participant/", wait_until="commit")
    page.get_by_label("Select Lovelace, Ada").check()
    page.get_by_role("button", name="Suspend").click(no_wait_after=True)

    expect(page.get_by_role("heading", level=1)).to_have_text("Suspend 1 program")
    page.get_by_role("button", name="Suspend 1 program").click(no_wait_after=True)
    expect(page.get_by_role("status")).to_have_text("1 suspended, 1 seat freed.")
    assert len(held) >= 3, "no page waited for them"


def test_takes_its_scripts_up_when_they_arrive(page: Page, world: World) -> None:
    sign_in(page, world, Role.SPONSOR)
    held: list[Route] = []
    page.route("**/static/js/app.js", lambda route: held.append(route))
    with page.expect_request("**/static/js/app.js"):
        page.goto("/admin/participant/", wait_until="commit")
    page.get_by_label("Select Lovelace, Ada").check()
    for route in held:
        route.continue_()

    expect(page.get_by_text("1 row selected")).to_be_visible()
    page.get_by_role("row", name="Marsh, Ben").locator(".kebab").click()
    expect(page.get_by_role("link", name="Suspend")).to_be_visible()


def crawl(page: Page, base_url: str) -> Iterator[Response]:
    """Open each page that can be reached by links, once."""
    waiting, known = list(STARTS), set(map(_kind_of, STARTS))
    while waiting:
        answer = page.goto(waiting.pop(0))
        assert answer is not None
        links = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href)")
        yield answer
        for link in links:
            kind = _kind_of(link)
            if link.startswith(base_url) and "/export/" not in link and kind not in known:
                known.add(kind)
                waiting.append(link)


def _kind_of(address: str) -> tuple[str, ...]:
    parts = urlsplit(address)
    return (parts.path, *parse_qs(parts.query).get("action", []))
