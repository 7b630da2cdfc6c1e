"""Every page, for every role, light and dark and on a phone …

A crawl from the first page. What one address with other values shows is one page; each act is one.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Response

from seatadmin.permissions import Role
from tests.browser.looking import look_at
from tests.browser.world import World, sign_in

LEAST = {Role.REGULATOR: 25, Role.SPONSOR: 23, Role.EMPLOYER_ADMIN: 15}
"""So many pages there are: a crawl that stops early has seen nothing."""

REFUSED = {
    "/admin/sponsor/": 403,
    "/admin/participant/details/?id=987654321": 404,
    "/admin/participant/?search=nobody+at+all": 200,
}


def test_is_titled_accessible_and_fits(page: Page, world: World, base_url: str, role: Role) -> None:
    sign_in(page, world, role)
    seen = [look_at(page, answer) for answer in crawl(page, base_url)]
    assert len(seen) >= LEAST[role], seen


def test_is_so_when_there_is_nothing_to_see_too(page: Page, world: World) -> None:
    look_at(page, page.goto("/login"))
    sign_in(page, world, Role.EMPLOYER_ADMIN)
    for path, status in REFUSED.items():
        look_at(page, page.goto(path), status)


def crawl(page: Page, base_url: str) -> Iterator[Response]:
    """Open each page that can be reached by links, once."""
    waiting, known = ["/admin/"], {_kind_of("/admin/")}
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
