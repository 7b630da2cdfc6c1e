"""A roster is imported in the browser …"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from seatadmin.permissions import Role
from tests.browser.world import World, sign_in

NUMBER = "IMP-1"


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "roster.csv"
    file.write_text(
        "Apprentice no,Given name,Surname,Company,SSN,Remark\n"
        f"{NUMBER},Ida,Tarbell,North Electric,078-05-1120,x\n"
        "IMP-2,No,Body,Nowhere,,\n"
    )
    return file


@pytest.fixture
def plain(browser: Browser, base_url: str, world: World) -> Iterator[Page]:
    """A sponsor's page in a browser that runs no scripts."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    yield sign_in(context.new_page(), world, Role.SPONSOR)
    context.close()


def go_through(page: Page) -> None:
    """From the columns to the result."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("Columns of roster.csv")
    expect(page.get_by_text("Thrown away unread")).to_contain_text("SSN")
    expect(page.get_by_label("Surname")).to_have_value("last_name")
    expect(page.get_by_label("Remark")).to_have_value("")
    page.get_by_label("Remark").select_option("Status note")
    page.get_by_role("button", name="Show what would change").click()

    expect(page.locator("[data-field=refused]")).to_have_text("1")
    expect(page.get_by_text("no employer “Nowhere”")).to_be_visible()
    page.get_by_label("Import the other lines").check()
    page.get_by_role("button", name="Import 1 line").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("roster.csv was imported")
    page.get_by_role("link", name="Look at change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("import")


def test_from_the_list_without_javascript(plain: Page, roster: Path) -> None:
    plain.goto("/admin/participant/")
    plain.locator("main").get_by_role("link", name="Import").click()
    plain.get_by_label("File").set_input_files(roster)
    plain.get_by_role("button", name="Read the file").click()
    go_through(plain)
    plain.goto(f"/admin/participant/?search={NUMBER}")
    expect(plain.get_by_role("row", name="Tarbell")).to_be_visible()


def test_by_dropping_it(page: Page, world: World, roster: Path) -> None:
    sign_in(page, world, Role.SPONSOR)
    page.goto("/admin/import/")
    text = roster.read_text()
    dropped = page.evaluate_handle(
        "text => { const t = new DataTransfer(); t.items.add(new File([text], 'roster.csv'));"
        " return t; }",
        text,
    )
    for kind in ("dragover", "drop"):
        page.dispatch_event("[data-drop]", kind, {"dataTransfer": dropped})
    page.get_by_role("button", name="Read the file").click()
    go_through(page)


def test_by_keyboard_alone(page: Page, world: World, roster: Path) -> None:
    sign_in(page, world, Role.SPONSOR)
    page.goto("/admin/import/")
    page.get_by_label("File").set_input_files(roster)
    page.get_by_label("File").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Read the file")).to_be_focused()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Show what would change")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Import the other lines").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("roster.csv was imported")


TOLD = '{"done": 30, "total": 40, "what": "Reading the file"}'

ELSEWHERE = """
const frame = Object.assign(document.createElement("iframe"), { name: "elsewhere", title: "-" });
document.body.append(frame);
document.querySelector("form[data-progress]").target = "elsewhere";
"""
"""The answer goes to a frame: while a page waits for its own, Playwright waits too."""


@pytest.fixture
def held_back(page: Page, world: World, roster: Path) -> Page:
    """A page whose file is chosen, and whose answer never comes."""
    sign_in(page, world, Role.SPONSOR)
    page.route(
        "**/admin/import/progress/**",
        lambda route: route.fulfill(content_type="application/json", body=TOLD),
    )
    page.goto("/admin/import/")
    page.get_by_label("File").set_input_files(roster)
    page.route("**/admin/import/", lambda _route: None)
    return page


def test_asking_how_far_it_is_while_the_answer_is_awaited(held_back: Page) -> None:
    with held_back.expect_request("**/admin/import/progress/?id=*"):
        held_back.get_by_role("button", name="Read the file").click(no_wait_after=True)


def test_with_the_true_share_while_it_takes_long(held_back: Page) -> None:
    held_back.evaluate(ELSEWHERE)
    held_back.get_by_role("button", name="Read the file").click()
    bar = held_back.get_by_role("progressbar", name="Reading the file")
    expect(bar).to_have_attribute("max", "40")
    assert bar.evaluate("bar => bar.value") == 30
