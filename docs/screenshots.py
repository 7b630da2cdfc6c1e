"""The pictures of the README and the docs. `python -m docs.screenshots` takes them anew.

A demo world of its own in a temporary folder, the same every time, shown in Chromium: wide and
narrow, light and dark, and printed. What the docs show goes to `docs/images/`, every picture to
`docs/images/every/`, where whoever changes the look reads them through.
"""

import csv
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import flask_migrate
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from seatadmin.extensions import db
from seatadmin.permissions import Role
from seatadmin.services import seeding

ROOT = Path(__file__).parent.parent
SHOWN = ROOT / "docs" / "images"
EVERY = SHOWN / "every"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WORLD = "seed --participants 3000 --sponsors 6 --employers 40 --random-seed 7"

DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
SMALLEST, PAPER = ViewportSize(width=320, height=640), ViewportSize(width=720, height=1000)

OF_THE_DOCS = {
    "seat-usage-desk-light",
    "participants-desk-light",
    "dialog-desk-light",
    "profile-desk-dark",
    "participants-phone-light",
}
LIST = "/admin/participant/"


def seat_usage(page: Page) -> None:
    """The first page."""
    page.goto("/admin/")


def participants(page: Page) -> None:
    """The list, three rows of it ticked."""
    page.goto(f"{LIST}?flt0_program_status_equals=active&sort=name")
    for box in page.locator("[name=rowid]").all()[1:4]:
        box.check()
    page.evaluate("innerWidth > 500 || document.querySelector('.table-frame').scrollIntoView()")


def filtered(page: Page) -> None:
    """The list with its panel of filters open."""
    page.goto(f"{LIST}?flt0_program_status_equals=active&flt1_account_status_equals=active")
    page.get_by_text("More filters").click()


def nobody(page: Page) -> None:
    """The list when nobody matches."""
    page.goto(f"{LIST}?search=nobody+at+all")


def row_menu(page: Page) -> None:
    """What the three dots open."""
    page.goto(f"{LIST}?flt0_program_status_equals=active")
    page.locator(".kebab").nth(2).click()


def dialog(page: Page) -> None:
    """What an act asks."""
    participants(page)
    page.get_by_role("group", name="Actions").get_by_role("button", name="Cancel").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Reason").select_option("left_employment")
    page.evaluate("scrollTo(0, 0)")


def profile(page: Page) -> None:
    """A participant who left."""
    page.goto(f"{LIST}?flt0_program_status_equals=cancelled&flt1_out_of_step_equals=0")
    page.locator("tbody [data-field=name] a").first.click()


def out_of_step(page: Page) -> None:
    """A participant with the wrong account status."""
    page.goto(f"{LIST}?flt0_out_of_step_equals=1")
    page.locator("tbody [data-field=name] a").first.click()


def planning(page: Page) -> None:
    """What an act on a later day asks."""
    participants(page)
    page.get_by_role("group", name="Actions").get_by_role("button", name="Cancel").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Date it takes effect").fill(_later())
    asked.get_by_label("Reason").select_option("laid_off")
    asked.get_by_role("button", name="Plan to cancel").wait_for()
    page.evaluate("scrollTo(0, 0)")


def planned(page: Page) -> None:
    """Somebody who leaves on a known day."""
    page.goto(f"{LIST}?flt0_planned_equals=1")
    if not page.locator("tbody [data-field=name] a").count():
        planning(page)
        page.get_by_role("button", name="Plan to cancel").click()
        page.get_by_role("status").wait_for()
        page.goto(f"{LIST}?flt0_planned_equals=1")
    page.locator("tbody [data-field=name] a").first.click()


def plan(page: Page) -> None:
    """The plan itself."""
    planned(page)
    page.get_by_role("link", name="Planned", exact=True).click()


def edit(page: Page) -> None:
    """The form of a participant."""
    page.goto(f"{LIST}?flt0_program_status_equals=active")
    page.locator("tbody [data-field=name] a").first.click()
    page.get_by_role("link", name="Edit").first.click()


def importing(page: Page) -> None:
    """What a roster would change."""
    page.goto("/admin/import/")
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": _roster(page)}
    page.get_by_label("File").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Show what would change").click()
    page.wait_for_url("**/preview/**")


def find(page: Page) -> None:
    """The palette."""
    page.goto("/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("mar")
    page.get_by_role("option", name="Mar").first.wait_for()


def changes(page: Page) -> None:
    """The audit."""
    page.goto("/admin/change/")


def users(page: Page) -> None:
    """Everybody."""
    page.goto("/admin/user/")


def sessions(page: Page) -> None:
    """Where one is signed in."""
    page.goto("/admin/sessions/")


PICTURES: tuple[Callable[[Page], None], ...] = (
    seat_usage,
    participants,
    filtered,
    nobody,
    row_menu,
    dialog,
    profile,
    out_of_step,
    edit,
    importing,
    find,
    changes,
    users,
    sessions,
    planning,
    planned,
    plan,
)
PRINTED = (seat_usage, participants, profile)
LOOKS = (
    ("desk-light", DESK, "light", PICTURES),
    ("desk-dark", DESK, "dark", PICTURES),
    ("phone-light", PHONE, "light", PICTURES),
    ("phone-dark", PHONE, "dark", PICTURES),
    ("smallest-light", SMALLEST, "light", PICTURES),
    ("print", PAPER, "light", PRINTED),
)


def main() -> None:
    """Take all pictures, or those whose name holds a word that is given."""
    words = sys.argv[1:]
    EVERY.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(Path(folder)) as (app, address),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
            chromium_sandbox=False,
        )
        for name in _take(browser, app, address, words):
            print(name)
        browser.close()


def _take(browser: Browser, app: Flask, address: str, words: list[str]) -> Iterator[str]:
    for look, size, scheme, pictures in LOOKS:
        context = browser.new_context(
            base_url=address,
            viewport=size,
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            has_touch=size in (PHONE, SMALLEST),
        )
        page = context.new_page()
        _sign_in(page, app)
        for show in pictures:
            name = f"{show.__name__.replace('_', '-')}-{look}"
            if words and not any(word in name for word in words):
                continue
            show(page)
            page.wait_for_load_state()
            page.emulate_media(media="print" if look == "print" else "screen")
            page.screenshot(path=EVERY / f"{name}.png", full_page=look == "print")
            page.emulate_media(media="screen")
            if name in OF_THE_DOCS:
                shutil.copyfile(EVERY / f"{name}.png", SHOWN / f"{name}.png")
            yield name
        context.close()


def _later() -> str:
    return (date.today() + timedelta(days=30)).isoformat()


def _sign_in(page: Page, app: Flask) -> None:
    with app.app_context():
        emails = {role: email for email, role in seeding.demo_emails(db.session)}
    page.goto("/login")
    page.get_by_label("E-mail").fill(emails[Role.SPONSOR])
    page.get_by_label("Password").fill(app.config["DEMO_PASSWORD"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def _roster(page: Page) -> bytes:
    """Rows as they were exported: one unchanged, some changed, a new one, and two wrong ones."""
    answer = page.request.get(f"{LIST}export/csv/?flt0_program_status_equals=active")
    rows = list(csv.DictReader(io.StringIO(answer.text().lstrip("\ufeff"))))[:8]
    for row in rows[1:4]:
        row["occupation"] = "Industrial Machinery Mechanic"
    rows[4] |= {"program_status": "cancelled", "cancellation_reason": "left_employment"}
    rows[5] |= {"employer": "Nowhere Works"}
    rows[6] |= {"registration_date": "31 June"}
    rows[7] |= {"apprentice_number": "2026-0001", "first_name": "Ida", "last_name": "Tarbell"}
    rows[7] |= {"email": "ida.tarbell@example.org"}
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@contextmanager
def _served(folder: Path) -> Iterator[tuple[Flask, str]]:
    """The app with a demo world, and its address."""
    settings = {"SEATADMIN_ENV": "testing", "SECRET_KEY": "pictures"}
    app = create_app(settings | {"DATABASE_URL": f"sqlite:///{folder / 'pictures.db'}"})
    with app.app_context():
        flask_migrate.upgrade()
    made = app.test_cli_runner().invoke(args=WORLD.split())
    if made.exit_code:
        raise SystemExit(made.output)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


if __name__ == "__main__":
    main()
