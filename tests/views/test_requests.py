"""`request_id`: a repeat is harmless, whenever and however often it comes."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from seatadmin.ledger import Change
from seatadmin.models import Participant
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

PARTICIPANTS = "/admin/participant/"
NEW = "/admin/participant/new/"


def changes(stored: Stored) -> int:
    with stored() as session:
        return int(session.scalar(select(func.count()).select_from(Change)) or 0)


def test_a_repeated_act_gets_the_first_answer(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    id = str(uuid.uuid4())
    first = sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"], request_id=id)
    before = contents()
    for spelled in (id, id.upper(), id.replace("-", "")):
        again = sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"], request_id=spelled)
        assert (again.status, again.json) == (first.status, first.json)
    assert contents() == before


def test_a_repeated_form_is_led_to_the_same_place_with_the_same_message(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    new = {"first_name": "A", "last_name": "B", "email": "a@b.org", "employer": world.north}
    new["request_id"] = sponsor_staff.get(NEW).request_id
    first = sponsor_staff.post(NEW, **new)
    said = sponsor_staff.follow(first).messages
    made = changes(stored)
    again = sponsor_staff.post(NEW, **new)
    assert (again.status, again.location) == (302, first.location)
    assert sponsor_staff.follow(again).messages == said
    assert changes(stored) == made


def test_the_same_id_with_other_content_is_a_conflict(
    sponsor_staff: Person, world: World, contents: Any
) -> None:
    id = str(uuid.uuid4())
    sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"], request_id=id)
    before = contents()
    others: list[tuple[str, str, dict[str, Any]]] = [
        (PARTICIPANTS, "cancel", {"rowids": world.active["south"]}),
        (PARTICIPANTS, "suspend", {"rowids": world.active["north"]}),
        (PARTICIPANTS, "cancel", {"rowids": world.active["north"], "reason": "health"}),
        ("/admin/user/", "deactivate", {"rowids": world.active["south"]}),
    ]
    for path, action, fields in others:
        answer = sponsor_staff.act(path, action, **fields, request_id=id)
        assert answer.status == 409, (path, action)
    page = sponsor_staff.post(
        f"{PARTICIPANTS}action/", action="cancel", rowids=world.active["south"], request_id=id
    )
    assert page.status == 409
    assert contents() == before


def test_ids_are_each_persons_own(sponsor_staff: Person, regulator: Person, world: World) -> None:
    id = str(uuid.uuid4())
    sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"], request_id=id)
    done = regulator.act(PARTICIPANTS, "cancel", world.active["south"], request_id=id)
    assert (done.status, done.json["changed"]) == (200, 1)


def test_a_refused_request_leaves_its_id_free(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    """Correct the field, go back in the browser, send again: that is not another change."""
    id = str(uuid.uuid4())
    new: dict[str, Any] = {"first_name": "A", "last_name": "B", "employer": world.north}
    new |= {"request_id": id, "apprentice_number": "A1"}
    assert sponsor_staff.post(NEW, **new | {"first_name": ""}).status == 200
    assert sponsor_staff.post(NEW, as_json=True, **new | {"email": "x"}).status == 422
    assert sponsor_staff.post(NEW, **new).status == 302
    act = str(uuid.uuid4())
    wrong = sponsor_staff.act(
        PARTICIPANTS, "cancel", world.active["north"], request_id=act, reason="x"
    )
    assert wrong.status == 422
    right = sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"], request_id=act)
    assert right.status == 200


def test_an_id_that_is_none_is_refused(sponsor_staff: Person, world: World, contents: Any) -> None:
    before = contents()
    for odd in ("x", "1", "0" * 40, "'", "\x00", "é" * 36):
        answer = sponsor_staff.act(PARTICIPANTS, "cancel", world.active["north"], request_id=odd)
        assert answer.status == 400, odd
    assert contents() == before


def test_scripts_may_leave_it_out(sponsor_staff: Person, world: World) -> None:
    for given in ({}, {"request_id": ""}):
        answer = sponsor_staff.act(PARTICIPANTS, "suspend", world.active["north"], **given)
        assert answer.status == 200


def test_every_form_that_changes_something_carries_one(regulator: Person, world: World) -> None:
    id = world.active["north"]
    for path in (
        NEW,
        f"/admin/participant/edit/?id={id}",
        f"/admin/participant/delete/?id={id}",
        f"/admin/participant/action/confirm/?action=cancel&rowid={id}",
        "/admin/user/new/",
        f"/admin/user/edit/?id={world.acme_staff}",
        "/admin/employer/new/",
        f"/admin/employer/edit/?id={world.north}",
        "/admin/sponsor/new/",
        f"/admin/sponsor/edit/?id={world.acme}",
    ):
        assert uuid.UUID(regulator.get(path).request_id), path
    assert regulator.get(NEW).request_id != regulator.get(NEW).request_id


def test_a_double_click_does_it_once(app: Flask, world: World, stored: Stored) -> None:
    """Eight times at the same moment, each on a connection of its own."""
    id, moment = str(uuid.uuid4()), Barrier(8)
    new = {"first_name": "A", "last_name": "B", "email": "a@b.org", "employer": world.north}
    first = Person(app, world.acme_staff)
    assert first.token
    with first.client.session_transaction() as session:
        cookie = dict(session)

    def click(_number: int) -> Answer:
        person = Person(app, world.acme_staff)
        with person.client.session_transaction() as mine:
            mine.update(cookie)
        moment.wait(30)
        return person.post(NEW, as_json=True, token=first.token, **new, request_id=id)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(click, range(8)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["id"] for answer in answers}) == 1
    with stored() as session:
        made = select(func.count()).where(Participant.email == "a@b.org")
        assert session.scalar(made) == 1
    assert changes(stored) == 1
