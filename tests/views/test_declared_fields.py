"""Only what a form offers is written; nobody changes the own role, scope or status."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Boolean, Date, DateTime, Integer, func, select

from seatadmin.extensions import db
from seatadmin.models import User
from tests.factories import PASSWORD, regulator
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

FORMS = {
    "participant": {"first_name", "last_name", "email", "employer", "apprentice_number"}
    | {"occupation", "registration_date", "expected_completion_date"}
    | {"program_status", "status_date", "cancellation_reason", "status_note"},
    "user": {"first_name", "last_name", "email", "role", "sponsor", "employer"},
    "sponsor": {"name", "program_number", "seat_limit"},
    "employer": {"name", "sponsor", "seat_limit"},
}
"""What each form declares, as the interface does."""

NEW = {
    "participant": {
        "first_name": "A",
        "last_name": "B",
        "email": "{n}@b.org",
        "employer": "{north}",
    },
    "user": {"first_name": "A", "last_name": "B", "email": "{n}@b.org", "role": "regulator"},
    "sponsor": {"name": "New {n}"},
    "employer": {"name": "New {n}", "sponsor": "{acme}"},
}
ONLY_WHEN_EDITED = {"program_status", "status_date", "cancellation_reason", "status_note"}
UNIQUE = {"id", "name", "name_key", "email", "email_key", "search_text", "recorded_at", "version"}

Contents = Callable[[], dict[str, list[Any]]]


def forged(declared: set[str]) -> Iterator[tuple[str, str]]:
    """Every column of every table that the form does not declare, with a value that would fit."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if column.name in declared | {"version", "request_id"}:
                continue
            yield column.name, _value(column)
            yield f"{table.name}.{column.name}", _value(column)
            yield f"{table.name}-{column.name}", _value(column)


def _value(column: Any) -> str:
    kinds = {Integer: "1", Date: "2001-02-03", DateTime: "2001-02-03T04:05", Boolean: "1"}
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    by_name = {"kind": "participant", "account_status": "deactivated", "role": "employer_admin"}
    return by_name.get(column.name, "forged")


@pytest.fixture
def targets(world: World) -> dict[str, int]:
    return {
        "participant": world.active["north"],
        "user": world.north_admin,
        "sponsor": world.acme,
        "employer": world.north,
    }


@pytest.mark.parametrize("name", FORMS)
def test_a_form_writes_no_column_that_it_does_not_declare(
    regulator: Person, targets: dict[str, int], contents: Contents, name: str
) -> None:
    """Saved as it stands, with every other column beside it: nothing has changed."""
    path = f"/admin/{name}/edit/?id={targets[name]}"
    form, before = regulator.get(path).form, contents()
    assert form.keys() - {"version"} == FORMS[name]

    answer = regulator.post(path, **{**dict(forged(FORMS[name])), **form})

    assert answer.status == 302, answer
    assert contents() == before


@pytest.mark.parametrize("name", FORMS)
def test_a_new_row_has_no_value_that_the_form_does_not_declare(
    regulator: Person, world: World, stored: Stored, name: str
) -> None:
    """It is the same as one that was made without the other columns."""
    ids: dict[str, Any] = {"north": world.north, "acme": world.acme}
    path, rows = f"/admin/{name}/new/", []
    assert regulator.get(path).form.keys() - {"version"} == FORMS[name] - ONLY_WHEN_EDITED
    for n, beside in (("plain", {}), ("forged", dict(forged(FORMS[name] - ONLY_WHEN_EDITED)))):
        given = {key: value.format(n=n, **ids) for key, value in NEW[name].items()}
        made = regulator.post(path, as_json=True, **{**beside, **given})
        assert made.status == 200, made
        table = db.metadata.tables["user" if name == "participant" else name]
        with stored() as session:
            row = session.execute(select(table).where(table.c.id == made.json["id"])).one()
        rows.append({k: v for k, v in row._mapping.items() if k not in UNIQUE})
    assert rows[0] == rows[1]


def test_acts_write_no_column_beside_what_they_carry(
    regulator: Person, world: World, stored: Stored
) -> None:
    before, after = [], []
    ids = (world.active["north"], world.active["south"])
    for id, rows in ((ids[0], before), (ids[1], after)):
        beside = (
            dict(forged({"action", "reason", "note", "effective_date"})) if rows is after else {}
        )
        done = regulator.act("/admin/participant/", "suspend", id, **beside)
        assert done.json["changed"] == 1
        with stored() as session:
            row = session.execute(select(User.__table__).where(User.id == id)).one()._mapping
        own = UNIQUE | {"employer_id", "last_name", "apprentice_number"}
        rows.append({key: value for key, value in row.items() if key not in own})
    assert before == after
    assert before[0]["status_date"] == date.today()


def test_nobody_changes_the_own_role_scope_or_status(
    app: Flask, world: World, contents: Contents
) -> None:
    for id, wish in (
        (world.regulator, {"role": "sponsor", "sponsor": world.acme}),
        (world.acme_staff, {"role": "regulator"}),
        (world.acme_staff, {"role": "employer_admin", "employer": world.north}),
        (world.acme_staff, {"role": "sponsor", "sponsor": world.birch}),
        (world.acme_staff, {"role": "sponsor", "sponsor_id": world.birch, "sponsor": ""}),
        (world.north_admin, {"role": "sponsor", "sponsor": world.acme}),
        (world.north_admin, {"role": "employer_admin", "employer": world.south}),
    ):
        person, before = Person(app, id), contents()
        answer = person.post(f"/admin/user/edit/?id={id}", version=1, **wish)
        assert answer.status in (200, 403), (wish, answer)
        for act in ("deactivate", "reactivate"):
            done = person.act("/admin/user/", act, id)
            assert done.status == 403 or done.json["changed"] == 0, (wish, act)
        assert _without_tries(contents()) == _without_tries(before), wish


def test_the_last_active_regulator_stays_under_two_requests_at_once(
    app: Flask, world: World, stored: Stored
) -> None:
    """Two regulators deactivate each other, or take the other's role, at the same moment."""
    with stored() as session:
        other = regulator(password_hash=None).id
        session.commit()
    for ask in (_deactivate, _demote, _deactivate):
        people = {world.regulator: Person(app, world.regulator), other: Person(app, other)}
        for person in people.values():
            assert person.token
        start = Barrier(2, timeout=30)
        pairs = [(world.regulator, other), (other, world.regulator)]

        def run(
            pair: tuple[int, int], ask: Any = ask, people: Any = people, start: Any = start
        ) -> Answer:
            start.wait()
            return ask(people[pair[0]], pair[1], world)

        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(run, pairs))
        assert all(answer.status < 500 for answer in answers), answers
        with stored() as session:
            active = select(func.count()).where(
                User.role == "regulator", User.account_status == "active"
            )
            assert session.scalar(active) == 1, answers
            for id in (world.regulator, other):
                user = session.get(User, id)
                user.role, user.sponsor_id, user.account_status = "regulator", None, "active"
            session.commit()


def _deactivate(person: Person, id: int, _world: World) -> Answer:
    return person.act("/admin/user/", "deactivate", id)


def _demote(person: Person, id: int, world: World) -> Answer:
    path = f"/admin/user/edit/?id={id}"
    version = person.get(path).form.get("version", 1)
    return person.post(path, as_json=True, version=version, role="sponsor", sponsor=world.acme)


def _without_tries(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Refusals are noted."""
    return {name: rows for name, rows in found.items() if not name.startswith("change")}


def test_a_password_is_nothing_that_the_form_of_users_writes(
    regulator: Person, world: World, stored: Stored
) -> None:
    path = f"/admin/user/edit/?id={world.north_admin}"
    saved = regulator.post(path, **regulator.get(path).form, password=PASSWORD, present=PASSWORD)
    assert saved.status == 302
    with stored() as session:
        assert session.get(User, world.north_admin).password_hash is None
