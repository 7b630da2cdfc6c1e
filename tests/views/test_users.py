"""Users: who is listed, who creates and edits whom, and what nobody can give themselves."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import User
from seatadmin.permissions import Role
from tests.factories import PASSWORD, StaffFactory
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

USERS = "/admin/user/"
NEW = "/admin/user/new/"
PERSON = {"first_name": "Robin", "last_name": "Rivers", "email": "robin@example.org"}


def edit(id: int) -> str:
    return f"/admin/user/edit/?id={id}"


def save(person: Person, id: int, /, as_json: bool = False, **changed: Any) -> Answer:
    return person.post(edit(id), as_json=as_json, **person.get(edit(id)).form | changed)


def position(stored: Stored, id: int) -> tuple[Any, Any, Any]:
    with stored() as session:
        user = session.get(User, id)
        return str(user.role), user.sponsor_id, user.employer_id


def kinds(stored: Stored, id: int) -> list[str]:
    """The kinds of a user's changes, oldest first."""
    with stored() as session:
        rows = session.scalars(
            select(Change.kind)
            .join(ChangeItem, ChangeItem.change_id == Change.id)
            .where(ChangeItem.subject_id == id, Change.subject == "user")
            .order_by(Change.id)
        )
        return [str(kind) for kind in rows]


def test_everybody_in_scope_is_listed(
    regulator: Person, sponsor_staff: Person, employer_admin: Person, world: World
) -> None:
    assert regulator.get(USERS).total == "22"
    acme = {world.acme_staff, world.north_admin, world.south_admin}
    staff = sponsor_staff.get(USERS, flt0_kind_equals="staff").rows
    assert set(staff) == acme
    assert (
        staff[world.north_admin]
        | {
            "name": "north, Sam",
            "email": "north@example.org",
            "kind": "staff",
            "role": "employer_admin",
            "sponsor": str(world.acme),
            "employer": str(world.north),
            "account_status": "active",
        }
        == staff[world.north_admin]
    )
    assert sponsor_staff.get(USERS).total == "13"
    assert employer_admin.get(USERS).total == "6"
    assert employer_admin.get(USERS, flt0_role_equals="employer_admin").ids == [world.north_admin]


def test_the_filters_of_users_combine(regulator: Person, world: World) -> None:
    query = {"flt0_account_status_equals": "deactivated", "flt1_kind_equals": "staff"}
    assert regulator.get(USERS, **query).ids == [world.deactivated]
    query = {"flt0_sponsor_equals": world.acme, "flt1_role_equals": "sponsor"}
    assert regulator.get(USERS, **query).ids == [world.acme_staff]
    query = {"flt0_employer_equals": world.east, "flt1_account_status_equals": "active"}
    assert set(regulator.get(USERS, **query).ids) == {world.active["east"], world.east_admin}


@pytest.mark.parametrize(
    ("role", "where", "expected"),
    [
        ("regulator", {}, (None, None)),
        ("regulator", {"sponsor": "{acme}", "employer": "{north}"}, (None, None)),
        ("sponsor", {"sponsor": "{acme}"}, ("{acme}", None)),
        ("sponsor", {"sponsor": "acme training"}, ("{acme}", None)),
        ("employer_admin", {"employer": "{north}"}, ("{acme}", "{north}")),
        ("employer_admin", {"employer": "{north}", "sponsor": "{acme}"}, ("{acme}", "{north}")),
    ],
)
def test_a_regulator_creates_every_role(
    regulator: Person, world: World, stored: Stored, role: str, where: Any, expected: Any
) -> None:
    ids = {"acme": world.acme, "north": world.north}
    fields = {name: value.format(**ids) for name, value in where.items()}
    answer = regulator.post(NEW, **PERSON, role=role, **fields)
    assert answer.status == 302
    page = regulator.follow(answer)
    assert page.fields["role"] == role
    (id,) = regulator.get(USERS, search="robin@example.org").ids
    wanted = tuple(value and int(value.format(**ids)) for value in expected)
    assert position(stored, id) == (role, *wanted)
    assert kinds(stored, id) == ["create"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"role": "regulator"}, "role"),
        ({"role": ""}, "role"),
        ({"role": "god"}, "role"),
        ({"role": "sponsor", "sponsor": "{birch}"}, "sponsor"),
        ({"role": "sponsor"}, "sponsor"),
        ({"role": "employer_admin"}, "employer"),
        ({"role": "employer_admin", "employer": "{east}"}, "employer"),
        ({"role": "employer_admin", "employer": "{north}", "email": ""}, "email"),
        ({"role": "employer_admin", "employer": "{north}", "email": "south@example.org"}, "email"),
        ({"role": "employer_admin", "employer": "{north}", "email": "birch@example.org"}, "email"),
        ({"role": "employer_admin", "employer": "{north}", "first_name": " "}, "first_name"),
    ],
)
def test_a_sponsor_creates_only_its_own(
    sponsor_staff: Person, world: World, contents: Any, fields: dict[str, str], at: str
) -> None:
    ids = {"birch": world.birch, "east": world.east, "north": world.north}
    typed = PERSON | {name: value.format(**ids) for name, value in fields.items()}
    before = contents()
    page = sponsor_staff.post(NEW, **typed)
    assert page.status == 200
    assert page.message_at(at), page
    refused = sponsor_staff.post(NEW, as_json=True, **typed)
    assert (refused.status, list(refused.json["errors"])) == (422, [at])
    assert contents() == before


def test_an_employer_of_another_sponsor_does_not_fit(regulator: Person, world: World) -> None:
    fields = {"role": "employer_admin", "sponsor": world.birch, "employer": world.north}
    refused = regulator.post(NEW, as_json=True, **PERSON, **fields)
    assert list(refused.json["errors"]) == ["employer"]


def test_staff_are_edited_and_moved_within_reach(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = world.north_admin
    assert save(sponsor_staff, id, first_name="Alex").status == 302
    assert save(sponsor_staff, id, employer=world.south).status == 302
    assert position(stored, id) == ("employer_admin", world.acme, world.south)
    assert save(sponsor_staff, id, role="sponsor", sponsor=world.acme).status == 302
    assert position(stored, id) == ("sponsor", world.acme, None)
    assert kinds(stored, id) == ["edit", "permission", "permission"]
    page = sponsor_staff.get("/admin/user/details/", id=id)
    assert "Permission" in page.text or "Edit" in page.text


def test_nobody_is_moved_out_of_reach(sponsor_staff: Person, world: World, contents: Any) -> None:
    before = contents()
    for fields in (
        {"role": "regulator"},
        {"role": "sponsor", "sponsor": world.birch},
        {"role": "employer_admin", "employer": world.east},
        {"employer": world.east},
        {"sponsor": world.birch},
        {"employer": ""},
    ):
        answer = save(sponsor_staff, world.north_admin, as_json=True, **fields)
        assert answer.status == 422, fields
    assert contents() == before


@pytest.mark.parametrize("person", ["regulator", "sponsor_staff"])
def test_nobody_changes_the_own_role_or_reach(
    request: pytest.FixtureRequest, world: World, contents: Any, stored: Stored, person: str
) -> None:
    with stored() as session:
        StaffFactory(role=Role.REGULATOR)
        session.commit()
    acting: Person = request.getfixturevalue(person)
    before = contents()
    for fields in (
        {"role": "sponsor", "sponsor": world.birch},
        {"role": "employer_admin", "employer": world.north},
        {"role": "regulator"},
    ):
        answer = save(acting, acting.user_id or 0, as_json=True, **fields)
        unchanged = person == "regulator" and fields == {"role": "regulator"}
        assert answer.status == (200 if unchanged else 422), fields
    assert contents() == before
    assert save(acting, acting.user_id or 0, first_name="New").status == 302


def test_the_last_active_regulator_cannot_be_demoted(
    app: Flask, regulator: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        second = StaffFactory(role=Role.REGULATOR)
        session.commit()
        other = second.id
    assert save(regulator, other, role="sponsor", sponsor=world.acme).status == 302
    page = save(regulator, world.regulator, role="sponsor", sponsor=world.acme)
    assert (page.status, bool(page.message_at("role"))) == (200, True)
    assert position(stored, world.regulator)[0] == "regulator"


def test_only_declared_fields_are_written(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    forged = {
        "kind": "participant",
        "account_status": "deactivated",
        "password_hash": "x",
        "password": PASSWORD,
        "sponsor_id": world.birch,
        "program_status": "active",
        "apprentice_number": "X-1",
        "email_key": "regulator@example.org",
    }
    assert save(sponsor_staff, world.north_admin, first_name="Alex", **forged).status == 302
    with stored() as session:
        user = session.get(User, world.north_admin)
        assert (user.kind, user.account_status, user.password_hash) == ("staff", "active", None)
        assert (user.sponsor_id, user.apprentice_number) == (world.acme, None)
        assert (user.first_name, user.email_key) == ("Alex", "north@example.org")


def test_a_stale_form_of_staff_is_a_conflict(
    regulator: Person, sponsor_staff: Person, world: World
) -> None:
    stale = sponsor_staff.get(edit(world.north_admin)).form
    save(regulator, world.north_admin, first_name="Theirs")
    conflict = sponsor_staff.post(edit(world.north_admin), **stale | {"first_name": "Mine"})
    assert (conflict.status, conflict.form["first_name"]) == (409, "Mine")
    assert "Theirs" in conflict.text


def test_a_participant_among_the_users_is_edited_as_a_participant(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    id, before = world.active["north"], contents()
    assert sponsor_staff.get(edit(id)).location == f"/admin/participant/edit/?id={id}"
    details = sponsor_staff.get("/admin/user/details/", id=id)
    assert details.location == f"/admin/participant/details/?id={id}"
    answer = sponsor_staff.post(edit(id), version=1, role="sponsor", sponsor=world.acme)
    assert answer.status == 302
    assert contents() == before
