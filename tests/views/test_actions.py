"""Acts on rows: previewed, confirmed, performed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem, ChangePersonal
from seatadmin.models import Participant
from tests.views.browsing import Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"


def state(stored: Stored, id: int) -> tuple[str, str, str, str | None]:
    with stored() as session:
        row = session.get(Participant, id)
        assert row is not None
        day = str(row.status_date)
        return str(row.program_status), str(row.account_status), day, row.cancellation_reason


@pytest.mark.parametrize(
    ("action", "source", "after", "freed"),
    [
        ("cancel", "active", ("cancelled", "deactivated"), 1),
        ("suspend", "active", ("suspended", "deactivated"), 1),
        ("complete", "active", ("completed", "deactivated"), 1),
        ("reinstate", "suspended", ("active", "active"), -1),
        ("deactivate", "active", ("active", "deactivated"), 1),
        ("reactivate", "out_of_step", ("active", "active"), -1),
    ],
)
def test_an_act_does_what_its_preview_said(
    sponsor_staff: Person,
    world: World,
    stored: Stored,
    contents: Any,
    action: str,
    source: str,
    after: tuple[str, str],
    freed: int,
) -> None:
    id, before = getattr(world, source)["north"], contents()
    told = sponsor_staff.get(f"{PARTICIPANTS}action/preview/", action=action, rowid=id).json
    posted = sponsor_staff.post(f"{PARTICIPANTS}action/preview/", action=action, rowid=id).json
    assert contents() == before
    done = sponsor_staff.act(PARTICIPANTS, action, id).json
    change_id = done.pop("change_id")
    assert told.pop("change_id") is posted.pop("change_id") is None
    assert told == posted == done
    assert done | {"changed": 1, "unchanged": 0, "refused": [], "seats_freed": freed} == done
    assert state(stored, id)[:2] == after
    with stored() as session:
        change = session.get(Change, change_id)
        assert change is not None
        assert (change.action, change.actor_id) == (action, world.acme_staff)
        (item,) = session.scalars(select(ChangeItem).where(ChangeItem.change_id == change_id))
        assert (item.new_program_status, item.new_account_status) == after


def test_it_takes_ids_in_every_way(sponsor_staff: Person, world: World) -> None:
    a, b = world.active["north"], world.active["south"]
    path, cancel = f"{PARTICIPANTS}action/preview/", {"action": "cancel"}
    asked: list[dict[str, Any]] = [
        {"rowid": [a, b]},
        {"rowids": f"{a},{b}"},
        {"rowids": f" {a} , {b},, "},
        {"rowid": [a], "rowids": str(b)},
        {"rowid": [a, a, b], "rowids": f"{a},{b}"},
        {"selection": "all", "flt0_account_status_equals": "active"},
    ]
    for fields in asked:
        assert sponsor_staff.get(path, **cancel, **fields).json["changed"] == 2, fields
        assert sponsor_staff.post(path, **cancel, **fields).json["changed"] == 2, fields
    done = sponsor_staff.post(f"{PARTICIPANTS}action/", as_json=True, **cancel, rowid=[a, b])
    assert done.json["changed"] == 2


def test_date_reason_and_note_are_kept(sponsor_staff: Person, world: World, stored: Stored) -> None:
    ids = (world.active["north"], world.active["south"])
    details = {"effective_date": "2024-05-06", "reason": "laid_off", "note": " a\r\nb "}
    done = sponsor_staff.act(PARTICIPANTS, "cancel", *ids, **details).json
    for id in ids:
        assert state(stored, id) == ("cancelled", "deactivated", "2024-05-06", "laid_off")
    with stored() as session:
        note = select(ChangePersonal.new).where(ChangePersonal.change_id == done["change_id"])
        assert session.scalars(note).all() == ["a\nb"]
    row = sponsor_staff.get("/admin/change/").rows[done["change_id"]]
    assert (
        row
        | {
            "kind": "transition",
            "action": "cancel",
            "subjects": "2",
            "effective_date": "2024-05-06",
            "reason": "laid_off",
        }
        == row
    )


def test_a_batch_needs_neither_date_nor_reason(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.active["north"]
    sponsor_staff.act(PARTICIPANTS, "cancel", id)
    assert state(stored, id) == ("cancelled", "deactivated", str(date.today()), None)
    assert sponsor_staff.get(PARTICIPANTS, flt0_reason_missing_equals="1").ids == [id]


def test_the_page_that_asks_first_leads_to_the_act(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    """Without JavaScript: the list's form, the page that asks, the act, and back to the list."""
    id = world.active["north"]
    asked = sponsor_staff.post(
        f"{PARTICIPANTS}action/confirm/",
        action="cancel",
        rowid=id,
        url="/admin/participant/?page_size=20",
    )
    assert asked.status == 200
    assert asked.form["rowids"] == str(id)
    form = asked.form | {"reason": "health", "effective_date": "2024-05-06"}
    done = sponsor_staff.post(f"{PARTICIPANTS}action/", **form, request_id=asked.request_id)
    assert (done.status, done.location) == (302, "/admin/participant/?page_size=20")
    assert "1 seat freed" in sponsor_staff.follow(done).messages
    assert state(stored, id) == ("cancelled", "deactivated", "2024-05-06", "health")


def test_deactivating_alone_is_said_to_be_not_recommended_before(
    sponsor_staff: Person, world: World
) -> None:
    asked = {"rowid": world.active["north"]}
    page = sponsor_staff.get(f"{PARTICIPANTS}action/confirm/", action="deactivate", **asked)
    assert "Not recommended" in page.text
    page = sponsor_staff.get(f"{PARTICIPANTS}action/confirm/", action="cancel", **asked)
    assert "Not recommended" not in page.text


def test_an_act_leads_back_only_inside_the_site(sponsor_staff: Person, world: World) -> None:
    for evil in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        answer = sponsor_staff.post(
            f"{PARTICIPANTS}action/", action="suspend", rowid=world.active["north"], url=evil
        )
        assert answer.location == PARTICIPANTS, evil
