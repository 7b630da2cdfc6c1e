"""Staff, at a browser, …

The steps of the main job, as each role does them.
"""

from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.permissions import Role
from tests.browser.world import World, acts_on, participant, sign_in, statuses

ACTIVE = (ProgramStatus.ACTIVE, AccountStatus.ACTIVE)
SUSPENDED = (ProgramStatus.SUSPENDED, AccountStatus.DEACTIVATED)
OUT_OF_STEP = (ProgramStatus.ACTIVE, AccountStatus.DEACTIVATED)


def test_cancel_on_the_profile_with_date_and_reason(staff: Page, world: World, app: Flask) -> None:
    ada, before = world.people["ada"], seats(staff)
    staff.get_by_role("link", name="Participants").click()
    staff.get_by_role("link", name="Lovelace, Ada").click()
    staff.get_by_role("link", name="Edit", exact=True).click()
    staff.get_by_label("Program status").select_option("Cancelled")
    staff.get_by_label("Date it takes effect").fill("2024-05-01")
    staff.get_by_label("Reason").select_option("Left employment")
    staff.get_by_role("button", name="Save").click()

    expect(staff.get_by_role("status")).to_have_text("Ada Lovelace was saved.")
    expect(fact(staff, "program_status")).to_have_text("Cancelled")
    expect(fact(staff, "status_date")).to_have_text("May 1, 2024")
    expect(fact(staff, "cancellation_reason")).to_have_text("Left employment")
    expect(fact(staff, "account_status")).to_have_text("Deactivated")
    assert seats(staff) == before - 1
    stored = participant(app, ada)
    assert stored is not None
    assert (stored.program_status, stored.account_status) == (
        ProgramStatus.CANCELLED,
        AccountStatus.DEACTIVATED,
    )
    assert (stored.status_date, stored.cancellation_reason) == (date(2024, 5, 1), "left_employment")
    assert acts_on(app, ada) == ["cancel"]


def test_choose_another_status_without_the_date_and_note_of_the_one_before(
    regulator: Page, world: World
) -> None:
    regulator.goto(f"/admin/participant/edit/?id={world.people['ada']}")
    regulator.get_by_label("Program status").select_option("Suspended")
    regulator.get_by_label("Date it takes effect").fill("2024-05-01")
    regulator.get_by_label("Note").fill("A break of a month")
    regulator.get_by_role("button", name="Save").click()
    regulator.get_by_role("link", name="Edit", exact=True).click()
    date_field, note = (
        regulator.get_by_label("Date it takes effect"),
        regulator.get_by_label("Note"),
    )
    expect(date_field).to_have_value("2024-05-01")

    regulator.get_by_label("Program status").select_option("Completed")
    expect(date_field).to_have_value("")
    expect(note).to_have_value("")

    regulator.get_by_label("Program status").select_option("Suspended")
    expect(date_field).to_have_value("2024-05-01")
    expect(note).to_have_value("A break of a month")


def test_suspend_ticked_rows_with_one_click(staff: Page, world: World, app: Flask) -> None:
    before = seats(staff)
    staff.goto("/admin/participant/")
    for name in ("Lovelace, Ada", "Marsh, Ben"):
        staff.get_by_label(f"Select {name}").check()
    expect(staff.get_by_text("2 rows selected")).to_be_visible()
    staff.get_by_role("group", name="Actions").get_by_role("button", name="Suspend").click()
    asked = staff.get_by_role("dialog", name="Suspend 2 programs")
    expect(asked).to_contain_text("2 programs will be suspended, 2 seats freed.")
    asked.get_by_role("button", name="Suspend 2 programs").click()

    expect(staff.get_by_role("status")).to_have_text("2 suspended, 2 seats freed.")
    ada, ben = world.people["ada"], world.people["ben"]
    expect(cell(staff, ada, "account_status")).to_have_text("Deactivated")
    assert seats(staff) == before - 2
    assert statuses(app, ada, ben) == [SUSPENDED, SUSPENDED]
    assert acts_on(app, ada) == acts_on(app, ben) == ["suspend"]


def test_follow_a_seat_count_to_exactly_its_participants(staff: Page, world: World) -> None:
    row = staff.locator("tr[data-used]").first
    used = int(row.get_attribute("data-used") or "")
    row.locator("[data-field=used] a").click()

    expect(staff.get_by_role("heading", level=1)).to_contain_text("Participants")
    rows = staff.locator("tbody tr")
    expect(rows).to_have_count(used)
    ids = rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.id))")
    assert set(ids) == set(world.people.values()) - {world.people["out"]}


def test_are_warned_before_and_after_an_account_is_deactivated_alone(
    staff: Page, world: World, app: Flask
) -> None:
    ada = world.people["ada"]
    staff.goto(f"/admin/participant/details/?id={ada}")
    staff.get_by_role("link", name="Deactivate").click()
    asked = staff.get_by_role("dialog", name="Deactivate 1 account")
    expect(asked).to_contain_text("Not recommended for a participant")
    asked.get_by_role("button", name="Deactivate 1 account").click()

    expect(staff.get_by_role("alert")).to_contain_text("Out of step.")
    assert statuses(app, ada) == [OUT_OF_STEP]
    assert acts_on(app, ada) == ["deactivate"]


def test_repair_what_is_out_of_step_with_the_true_program_status(
    staff: Page, world: World, app: Flask
) -> None:
    otto = world.people["out"]
    staff.goto(f"/admin/participant/details/?id={otto}")
    staff.get_by_role("link", name="set the true program status").click()
    expect(staff.get_by_label("First name")).to_be_disabled()
    staff.get_by_label("Program status").select_option("Suspended")
    staff.get_by_role("button", name="Save").click()

    expect(staff.get_by_role("status")).to_be_visible()
    expect(staff.get_by_text("Out of step.", exact=True)).to_have_count(0)
    assert statuses(app, otto) == [SUSPENDED]
    assert acts_on(app, otto) == ["suspend"]


@pytest.mark.parametrize("may", [Role.REGULATOR, Role.SPONSOR], ids=str)
def test_repair_what_is_out_of_step_by_reactivating(
    page: Page, world: World, app: Flask, may: Role
) -> None:
    otto = world.people["out"]
    sign_in(page, world, may).goto(f"/admin/participant/details/?id={otto}")
    page.get_by_role("link", name="reactivate the account").click()
    page.get_by_role("button", name="Reactivate 1 account").click()

    expect(page.get_by_role("status")).to_have_text("1 reactivated, 1 seat taken.")
    expect(page.get_by_text("Out of step.", exact=True)).to_have_count(0)
    assert statuses(app, otto) == [ACTIVE]
    assert acts_on(app, otto) == ["reactivate"]


def test_of_an_employer_are_told_who_reactivates(page: Page, world: World) -> None:
    sign_in(page, world, Role.EMPLOYER_ADMIN)
    page.goto(f"/admin/participant/details/?id={world.people['out']}")
    expect(page.get_by_role("alert")).to_contain_text("ask your sponsor to reactivate")
    expect(page.get_by_role("link", name="Reactivate")).to_have_count(0)


def test_delete_only_with_the_name_typed(regulator: Page, world: World, app: Flask) -> None:
    ada = world.people["ada"]
    regulator.goto(f"/admin/participant/details/?id={ada}")
    regulator.get_by_role("link", name="Delete…").click()
    expect(regulator.get_by_text("All record of the participant is lost")).to_be_visible()
    regulator.get_by_label("Type the full name").fill("Ada")
    regulator.get_by_role("button", name="Delete for good").click()
    expect(regulator.get_by_label("Type the full name")).to_have_attribute("aria-invalid", "true")
    assert participant(app, ada) is not None

    regulator.get_by_label("Type the full name").fill("Ada Lovelace")
    regulator.get_by_role("button", name="Delete for good").click()
    expect(regulator.get_by_role("status")).to_contain_text("Ada Lovelace was deleted.")
    assert participant(app, ada) is None
    assert acts_on(app, ada) == ["delete"]


def seats(page: Page) -> int:
    """The person's own count, as the head of the page says it."""
    return int(page.locator("[data-seats-used]").get_attribute("data-seats-used") or "")


def fact(page: Page, name: str) -> Locator:
    return page.locator(f"dd[data-field={name}]")


def cell(page: Page, id: int, name: str) -> Locator:
    return page.locator(f"tr[data-id='{id}'] [data-field={name}]")
