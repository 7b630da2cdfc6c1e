"""What is refused to a signed-in person …"""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeKind, ChangePersonal
from seatadmin.services import refusals
from seatadmin.services.chain_check import breaks
from tests.databases import Database, SQLiteDatabase
from tests.views.browsing import Person
from tests.views.conftest import Stored, World


def noted(stored: Stored) -> list[tuple[Any, ...]]:
    """(who, action, subject, note) of each refusal."""
    with stored() as session:
        rows = (
            select(Change.actor_id, Change.action, Change.subject, ChangePersonal.new)
            .outerjoin(ChangePersonal, ChangePersonal.change_id == Change.id)
            .where(Change.kind == ChangeKind.REFUSAL)
            .order_by(Change.id)
        )
        found = [tuple(row) for row in session.execute(rows)]
        assert list(breaks(session)) == []
        return found


def test_is_noted_when_the_role_does_not_include_it(
    employer_admin: Person, world: World, stored: Stored
) -> None:
    assert employer_admin.get("/admin/sponsor/").status == 403

    assert noted(stored) == [(world.north_admin, "sponsor.index_view", "sponsor", None)]


def test_is_noted_once_a_minute(employer_admin: Person, stored: Stored) -> None:
    for _ in range(3):
        assert employer_admin.get("/admin/sponsor/").status == 403
    assert employer_admin.get("/admin/participant/new/").status == 403

    assert [action for _, action, *_ in noted(stored)] == [
        "sponsor.index_view",
        "participant.create_view",
    ]


def test_is_noted_so_many_times_an_hour(
    employer_admin: Person, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_AN_HOUR", 1)
    employer_admin.get("/admin/sponsor/")
    employer_admin.get("/admin/participant/new/")

    assert len(noted(stored)) == 1


def test_is_noted_when_rows_of_an_act_are_refused(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    rows = f"{world.completed['north']},{world.cancelled['north']}"
    sponsor_staff.post("/admin/participant/action/", action="suspend", rowids=rows)

    assert noted(stored) == [(world.acme_staff, "suspend", "participant", "Refused 2: ENDED 2")]


def test_is_not_noted_for_foreign_rows_nor_for_strangers(
    sponsor_staff: Person, anonymous: Person, world: World, stored: Stored
) -> None:
    path = f"/admin/participant/details/?id={world.active['east']}"
    assert sponsor_staff.get(path).status == 404
    assert anonymous.get("/admin/sponsor/").status == 302

    assert noted(stored) == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_stays_refused_when_it_cannot_be_noted(
    employer_admin: Person, stored: Stored, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes for longer than a refusal waits."""
    assert isinstance(database, SQLiteDatabase)
    monkeypatch.setattr(refusals, "PATIENCE_MS", 10)
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert employer_admin.get("/admin/sponsor/").status == 403

    other.execute("ROLLBACK")
    other.close()
    assert noted(stored) == []
