"""Every page behind a step, for every role that takes it …

The crawl of `test_every_page` follows links; these pages come after a form.
"""

import time
from datetime import date, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, Response

from seatadmin.permissions import Role
from tests.browser.looking import DESK, look_at
from tests.browser.world import World, sign_in
from tests.factories import PASSWORD

ROSTER = """Apprentice no,Given name,Surname,Company,SSN
IMP-1,Ida,Tarbell,North Electric,078-05-1120
IMP-2,No,Body,Nowhere,
"""


@pytest.mark.parametrize("role", [Role.REGULATOR, Role.SPONSOR])
def test_of_an_import_is_titled_accessible_and_fits(
    page: Page, world: World, role: Role, tmp_path: Path
) -> None:
    sign_in(page, world, role)
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER)
    look_at(page, page.goto("/admin/import/"))
    page.get_by_label("File").set_input_files(roster)
    look_at(page, pressed(page, "Read the file"))
    look_at(page, pressed(page, "Show what would change"))
    page.get_by_label("Import the other lines").check()
    look_at(page, pressed(page, "Import 1 line"))
    look_at(page, page.goto("/admin/import/"))


@pytest.mark.parametrize("role", list(Role))
def test_of_a_plan_is_titled_accessible_and_fits(page: Page, world: World, role: Role) -> None:
    sign_in(page, world, role)
    later = date.today() + timedelta(days=30)
    confirm = f"/admin/participant/action/confirm/?action=cancel&rowid={world.people['ada']}"
    look_at(page, page.goto(f"{confirm}&effective_date={later}"))
    page.get_by_label("Note").fill("As agreed")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="Plan to cancel 1 program").click()
    page.wait_for_url("**/admin/participant/**")
    look_at(page, page.goto("/admin/participant/?flt0_planned_equals=1&col=name&col=planned"))
    look_at(page, page.goto(f"/admin/participant/edit/?id={world.people['ada']}"))
    look_at(page, page.goto(f"/admin/participant/details/?id={world.people['ada']}"))
    page.get_by_role("link", name="Planned", exact=True).click()
    look_at(page, page.reload())
    look_at(page, pressed(page, "Withdraw the plan"))


@pytest.mark.parametrize("role", list(Role))
def test_of_a_second_factor_is_titled_accessible_and_fits(
    page: Page, world: World, role: Role
) -> None:
    sign_in(page, world, role)
    look_at(page, page.goto("/admin/second-factor/"))
    page.get_by_label("Your password, once more").fill(PASSWORD)
    look_at(page, pressed(page, "Set up"))
    key, *_ = page.locator("main code").all_inner_texts()
    app = pyotp.TOTP(key.replace(" ", ""))
    page.get_by_label("Code from the app").fill("000000")
    look_at(page, pressed(page, "Switch on"))
    page.get_by_label("Code from the app").fill(app.at(int(time.time()), counter_offset=-1))
    look_at(page, pressed(page, "Switch on"))
    look_at(page, page.goto("/admin/sessions/"))
    pressed(page, "Sign out")

    page.get_by_label("E-mail").fill(world.emails[role])
    page.get_by_label("Password").fill("not the password")
    look_at(page, pressed(page, "Sign in"))
    page.get_by_label("Password").fill(PASSWORD)
    look_at(page, pressed(page, "Sign in"))


def pressed(page: Page, name: str) -> Response:
    """What a form answers, on a page as wide as a desk's."""
    page.set_viewport_size(DESK)
    with page.expect_navigation() as gone:
        page.get_by_role("button", name=name, exact=True).click()
    answer = gone.value
    assert answer
    return answer
