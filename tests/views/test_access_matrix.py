"""Who gets in where: role, verb and target, as the customer ordered, against the real endpoints.

A line is a request, then what a regulator, Acme's staff, Birch's staff and North's administrator
get for a target of North (Acme), of South (Acme), of East (Birch), and for one that does not exist;
one answer stands for all four. What is written in braces is the target's.

    200  a page, and nothing has changed        302  done, and the answer leads on
    201  done, and the page shows it this once
    csv  a file, noted in the audit             ok   done, as the JSON answer says
    403  not permitted, whatever the target     404  no such thing in what this person can see
    no   answered, but nothing has changed      same answered as done; there was nothing to do
    why  answered why not, nothing has changed

What is answered by 404 or by no is answered in the very words in which an absent target is.
"""

# ruff: noqa: E501  (a line of the table is one order)

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from seatadmin.access import UserSession
from seatadmin.lifecycle import REINSTATE, SUSPEND
from seatadmin.models import Employer
from seatadmin.permissions import SYSTEM
from seatadmin.saved import SavedView
from seatadmin.services import sessions, status
from seatadmin.services.scope import Selection
from tests.factories import ParticipantFactory
from tests.installation import Installation
from tests.views.conftest import ABSENT, World, made
from tests.views.standing import Asked, Standing

ORDERED = """
GET /admin/ | 200 | 200 | 200 | 200
GET /admin/find/ q=o | 200 | 200 | 200 | 200

GET /admin/participant/ | 200 | 200 | 200 | 200
GET /admin/participant/details/ id={active} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 200 404 404 404
GET /admin/participant/edit/ id={active} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 200 404 404 404
POST /admin/participant/edit/?id={active} version=1 first_name=Zoe | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 302 404 404 404
POST /admin/participant/edit/?id={active} version=1 program_status=cancelled cancellation_reason=health | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 302 404 404 404
POST /admin/participant/edit/?id={suspended} version=1 program_status=active | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403 404 404 404
POST /admin/participant/edit/?id={mover} version=1 employer={employer} | same 302 302 no | same 302 no no | 404 | same
GET /admin/participant/new/ | 200 | 200 | 200 | 403
POST /admin/participant/new/ first_name=A last_name=B apprentice_number={fresh} employer={employer} | 302 302 302 no | 302 302 no no | no no 302 no | 403
GET /admin/participant/delete/ id={active} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 403
POST /admin/participant/delete/ id={active} confirm={name} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403
POST /admin/participant/reported/ id={suspended} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403
POST /admin/participant/action/ action=suspend rowids={active} effective_date={later} | ok ok ok no | ok ok no no | no no ok no | ok no no no
POST /admin/participant/action/ action=reinstate rowids={suspended} effective_date={later} | ok ok ok no | ok ok no no | no no ok no | 403
POST /admin/participant/edit/?id={active} version=1 program_status=completed status_date={later} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 302 404 404 404
POST /admin/participant/withdraw/ id={to_suspend} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 302 404 404 404
POST /admin/participant/withdraw/ id={to_reinstate} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403 404 404 404
POST /admin/participant/withdraw/ id={active} | same same same 404 | same same 404 404 | 404 404 same 404 | same 404 404 404
GET /admin/participant/export/csv/ | csv | csv | csv | csv
GET /admin/participant/views/ | 200 | 200 | 200 | 200
POST /admin/participant/views/ name={fresh} | 302 | 302 | 302 | 302
POST /admin/participant/views/delete/ id={participant_view} | 404 | 404 | 404 | 302 404 404 404
GET /admin/participant/export/xml/ | 404 | 404 | 404 | 404
POST /admin/participant/action/ action=cancel rowids={active} | ok ok ok no | ok ok no no | no no ok no | ok no no no
POST /admin/participant/action/ action=suspend rowids={active} | ok ok ok no | ok ok no no | no no ok no | ok no no no
POST /admin/participant/action/ action=complete rowids={active} | ok ok ok no | ok ok no no | no no ok no | ok no no no
POST /admin/participant/action/ action=reinstate rowids={suspended} | ok ok ok no | ok ok no no | no no ok no | 403
POST /admin/participant/action/ action=reinstate rowids={cancelled} note=mistake | ok ok ok no | ok ok no no | no no ok no | 403
POST /admin/participant/action/ action=deactivate rowids={active} | ok ok ok no | ok ok no no | no no ok no | ok no no no
POST /admin/participant/action/ action=reactivate rowids={out_of_step} | ok ok ok no | ok ok no no | no no ok no | 403
POST /admin/participant/action/ action=cancel rowids={staff} | no | no | no | no
POST /admin/participant/action/ action=unheard_of rowids={active} | 404 | 404 | 404 | 404
GET /admin/participant/action/preview/ action=cancel rowids={active} | 200 200 200 no | 200 200 no no | no no 200 no | 200 no no no
POST /admin/participant/action/preview/ action=cancel rowids={active} | 200 200 200 no | 200 200 no no | no no 200 no | 200 no no no
GET /admin/participant/action/preview/ action=reinstate rowids={suspended} | 200 200 200 no | 200 200 no no | no no 200 no | 403
GET /admin/participant/action/confirm/ action=cancel rowids={active} | 200 200 200 no | 200 200 no no | no no 200 no | 200 no no no
POST /admin/participant/action/confirm/ action=cancel rowids={active} | 200 200 200 no | 200 200 no no | no no 200 no | 200 no no no
GET /admin/participant/action/confirm/ action=reactivate rowids={out_of_step} | 200 200 200 no | 200 200 no no | no no 200 no | 403
GET /admin/participant/ajax/lookup/ name=employer query=o | 200 | 200 | 200 | 200
GET /admin/participant/ajax/lookup/ name=password_hash query=a | 404 | 404 | 404 | 404
POST /admin/participant/ajax/update/ list_form_pk={active} first_name=Zoe | 403 | 403 | 403 | 403

GET /admin/user/ | 200 | 200 | 200 | 200
GET /admin/user/details/ id={staff} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 200 404 404 404
GET /admin/user/details/ id={active} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 302 404 404 404
GET /admin/user/edit/ id={staff} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 403
GET /admin/user/edit/ id={a_regulator} | 200 200 200 404 | 404 | 404 | 403
POST /admin/user/edit/?id={staff} version=1 first_name=Zoe | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403
POST /admin/user/edit/?id={staff} version=1 role=regulator | 302 302 302 404 | why why 404 404 | 404 404 why 404 | 403
POST /admin/user/edit/?id={staff} version=1 role=sponsor sponsor={sponsor} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403
GET /admin/user/new/ | 200 | 200 | 200 | 403
POST /admin/user/new/ first_name=A last_name=B email={fresh}@example.org role=regulator | 302 | no | no | 403
POST /admin/user/new/ first_name=A last_name=B email={fresh}@example.org role=sponsor sponsor={sponsor} | 302 302 302 no | 302 302 no no | no no 302 no | 403
POST /admin/user/new/ first_name=A last_name=B email={fresh}@example.org role=employer_admin employer={employer} | 302 302 302 no | 302 302 no no | no no 302 no | 403
GET /admin/user/export/csv/ | csv | csv | csv | csv
GET /admin/user/views/ | 200 | 200 | 200 | 200
POST /admin/user/views/ name={fresh} | 302 | 302 | 302 | 302
POST /admin/user/views/delete/ id={user_view} | 404 | 404 | 404 | 302 404 404 404
POST /admin/user/action/ action=deactivate rowids={staff} | ok ok ok no | ok ok no no | no no ok no | why no no no
POST /admin/user/action/ action=deactivate rowids={active} | ok ok ok no | ok ok no no | no no ok no | ok no no no
POST /admin/user/action/ action=reactivate rowids={out_of_step} | ok ok ok no | ok ok no no | no no ok no | 403
POST /admin/user/action/ action=cancel rowids={active} | 404 | 404 | 404 | 404
GET /admin/user/action/preview/ action=deactivate rowids={staff} | 200 200 200 no | 200 200 no no | no no 200 no | why no no no
POST /admin/user/action/preview/ action=reactivate rowids={out_of_step} | 200 200 200 no | 200 200 no no | no no 200 no | 403
GET /admin/user/action/confirm/ action=deactivate rowids={staff} | 200 200 200 no | 200 200 no no | no no 200 no | 200 no no no
POST /admin/user/action/confirm/ action=reactivate rowids={out_of_step} | 200 200 200 no | 200 200 no no | no no 200 no | 403
GET /admin/user/ajax/lookup/ name=employer query=o | 403 | 403 | 403 | 403
POST /admin/user/ajax/update/ list_form_pk={staff} first_name=Zoe | 403 | 403 | 403 | 403
POST /admin/user/delete/ id={staff} | 403 | 403 | 403 | 403

GET /admin/employer/ | 200 | 200 | 200 | 200
GET /admin/employer/details/ id={employer} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 200 404 404 404
GET /admin/employer/edit/ id={employer} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 403
POST /admin/employer/edit/?id={employer} version=1 seat_limit=99 | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403
GET /admin/employer/new/ | 200 | 200 | 200 | 403
POST /admin/employer/new/ name={fresh} sponsor={sponsor} | 302 302 302 no | 302 302 no no | no no 302 no | 403
GET /admin/employer/export/csv/ | csv | csv | csv | csv
GET /admin/employer/views/ | 200 | 200 | 200 | 200
POST /admin/employer/views/ name={fresh} | 302 | 302 | 302 | 302
POST /admin/employer/views/delete/ id={employer_view} | 404 | 404 | 404 | 302 404 404 404
POST /admin/employer/action/ action=delete rowids={employer} | 403 | 403 | 403 | 403
GET /admin/employer/ajax/lookup/ name=sponsor query=o | 403 | 403 | 403 | 403
POST /admin/employer/ajax/update/ list_form_pk={employer} name=Zoe | 403 | 403 | 403 | 403
POST /admin/employer/delete/ id={employer} | 403 | 403 | 403 | 403

GET /admin/sponsor/ | 200 | 200 | 200 | 403
GET /admin/sponsor/details/ id={sponsor} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 403
GET /admin/sponsor/edit/ id={sponsor} | 200 200 200 404 | 403 | 403 | 403
POST /admin/sponsor/edit/?id={sponsor} version=1 seat_limit=99 | 302 302 302 404 | 403 | 403 | 403
GET /admin/sponsor/new/ | 200 | 403 | 403 | 403
POST /admin/sponsor/new/ name={fresh} | 302 | 403 | 403 | 403
GET /admin/sponsor/export/csv/ | csv | csv | csv | 403
GET /admin/sponsor/views/ | 200 | 200 | 200 | 403
POST /admin/sponsor/views/ name={fresh} | 302 | 302 | 302 | 403
POST /admin/sponsor/views/delete/ id={sponsor_view} | 404 | 404 | 404 | 403
POST /admin/sponsor/action/ action=delete rowids={sponsor} | 403 | 403 | 403 | 403
GET /admin/sponsor/ajax/lookup/ name=sponsor query=o | 403 | 403 | 403 | 403
POST /admin/sponsor/ajax/update/ list_form_pk={sponsor} name=Zoe | 403 | 403 | 403 | 403
POST /admin/sponsor/delete/ id={sponsor} | 403 | 403 | 403 | 403

GET /admin/sessions/ | 200 | 200 | 200 | 200
POST /admin/sessions/end/ id={signed_in} | 404 | 404 | 404 | 302 404 404 404
POST /admin/sessions/end/ others=1 | same | same | same | 302
GET /admin/second-factor/ | 200 | 200 | 200 | 200
POST /admin/second-factor/start/ password=wrong | 302 | 302 | 302 | 302
GET /admin/second-factor/confirm/ | 302 | 302 | 302 | 302
POST /admin/second-factor/confirm/ code=1 | same | same | same | same
POST /admin/second-factor/off/ password=wrong | 302 | 302 | 302 | 302
POST /admin/second-factor/reset/ id={staff} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403

GET /admin/password/ | 200 | 200 | 200 | 200
POST /admin/password/ present=wrong password=x again=x | 302 | 302 | 302 | 302
POST /admin/password/link/ id={staff} | 201 201 201 404 | 201 201 404 404 | 404 404 201 404 | 403
POST /admin/password/link/ id={a_regulator} | same same same 404 | 404 | 404 | 403

GET /admin/change/ | 200 | 200 | 200 | 200
GET /admin/change/details/ id={change} | 200 200 200 404 | 200 200 404 404 | 404 404 200 404 | 200 404 404 404
POST /admin/change/withdraw/ id={plan} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 302 404 404 404
POST /admin/change/withdraw/ id={plan_of_seats} | 302 302 302 404 | 302 302 404 404 | 404 404 302 404 | 403 404 404 404
POST /admin/change/withdraw/ id={change} | same same same 404 | same same 404 404 | 404 404 same 404 | same 404 404 404
GET /admin/change/export/csv/ | csv | csv | csv | csv
GET /admin/change/views/ | 200 | 200 | 200 | 200
POST /admin/change/views/ name={fresh} | 302 | 302 | 302 | 302
POST /admin/change/views/delete/ id={change_view} | 404 | 404 | 404 | 302 404 404 404
GET /admin/change/edit/ id={change} | 403 | 403 | 403 | 403
POST /admin/change/edit/?id={change} action=nothing | 403 | 403 | 403 | 403
GET /admin/change/new/ | 403 | 403 | 403 | 403
POST /admin/change/new/ action=nothing | 403 | 403 | 403 | 403
POST /admin/change/action/ action=delete rowids={change} | 403 | 403 | 403 | 403
GET /admin/change/ajax/lookup/ name=actor query=o | 403 | 403 | 403 | 403
POST /admin/change/ajax/update/ list_form_pk={change} action=nothing | 403 | 403 | 403 | 403
POST /admin/change/delete/ id={change} | 403 | 403 | 403 | 403

GET /admin/import/ | 200 | 200 | 200 | 403
POST /admin/import/ | 200 | 200 | 200 | 403
GET /admin/import/columns/ id=x | 404 | 404 | 404 | 403
POST /admin/import/columns/ id=x | 404 | 404 | 404 | 403
GET /admin/import/preview/ id=x | 404 | 404 | 404 | 403
POST /admin/import/apply/ id=x | 404 | 404 | 404 | 403
GET /admin/import/result/ id=x | 404 | 404 | 404 | 403
GET /admin/import/refused/ id=x | 404 | 404 | 404 | 403
POST /admin/import/cancel/ id=x | 404 | 404 | 404 | 403
GET /admin/import/progress/ id=x | 200 | 200 | 200 | 200
"""

OPEN = """
GET / 302
GET /login 200
POST /login 200
POST /logout 302
GET /login/code 302
POST /login/code 302
GET /password/x 404
POST /password/x 404
GET /healthz 200
GET /readyz 200
GET /metrics 404
GET /static/js/app.js 200
GET /static/..%2fconfig.py 404
GET /admin/static/bootstrap/bootstrap4/css/bootstrap.min.css 200
GET /admin/static/..%2f..%2f__init__.py 404
"""
"""What nobody needs to be signed in for."""

SUSPENDED = {"suspended": True}
PERSONS = ("regulator", "acme_staff", "birch_staff", "north_admin")
PLACES = ("north", "south", "east", "none")


@dataclass(frozen=True)
class Line:
    """One request and its answers: person -> four codes."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...]
    codes: dict[str, list[str]]

    @property
    def writes(self) -> bool:
        return self.method == "POST" and not self.path.endswith(("/preview/", "/confirm/"))

    def __str__(self) -> str:
        fields = " ".join("=".join(pair) for pair in self.fields)
        return f"{self.method} {self.path} {fields}".strip()


def _line(text: str) -> Line:
    asked, *answers = text.split(" | ")
    method, path, *fields = asked.split()
    codes = [answer.split() for answer in answers]
    return Line(
        method,
        path,
        tuple((name, value) for name, _, value in (pair.partition("=") for pair in fields)),
        {person: code * (4 // len(code)) for person, code in zip(PERSONS, codes, strict=True)},
    )


LINES = [_line(text) for text in ORDERED.splitlines() if text]


OUTSIDERS = ("anonymous", "deactivated", "participant")


Targets = dict[str, dict[str, Any]]
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture(scope="module")
def standing(shared: Installation) -> Standing:
    """The world of the tests, once for all cells, with a browser for everybody in the table."""
    standing = Standing(shared, _made)
    world: World = standing.made[0]
    standing.let_in(
        **{person: getattr(world, person) for person in (*PERSONS, "deactivated")},
        participant=world.active["north"],
        anonymous=None,
    )
    return standing


def _made(session: Session) -> tuple[World, Targets]:
    world = made()
    return world, _targets(session, world)


def _targets(session: Session, world: World) -> Targets:
    """place -> what a line's braces stand for there."""
    movers = ("active", "suspended", "completed", "cancelled")
    found = {place: _of_place(world, place) for place in PLACES[:3]}
    for place, target in found.items():
        employer = session.get(Employer, getattr(world, place))
        changed = ParticipantFactory(employer=employer)
        asked = status.order(session, SYSTEM, SUSPEND, Selection((changed.id,)))
        target["change"] = status.perform(session, asked).change_id
        target |= _planned(session, employer)
        for endpoint in ("participant", "user", "employer", "sponsor", "change"):
            view = SavedView(user_id=target["staff"], endpoint=endpoint, name="Mine", query="")
            session.add(view)
            session.flush()
            target[f"{endpoint}_view"] = view.id
        sessions.begin(session, target["staff"])
        target["signed_in"] = session.scalar(select(func.max(UserSession.id)))
    later = found["north"]["later"]
    found["none"] = dict.fromkeys(found["north"], ABSENT) | {"name": "Nobody", "later": later}
    for place, state in zip(PLACES, movers, strict=True):
        found[place] |= {"mover": getattr(world, state)["north"], "fresh": f"fresh-{place}"}
    return found


def _planned(session: Session, employer: Employer | None) -> dict[str, Any]:
    """Somebody who is to be suspended, and somebody who is to take a seat again."""
    later = date.today() + timedelta(days=7)
    found: dict[str, Any] = {"later": later.isoformat()}
    for act, plan, traits in ((SUSPEND, "plan", {}), (REINSTATE, "plan_of_seats", SUSPENDED)):
        row = ParticipantFactory(employer=employer, **traits)
        only = Selection((row.id,))
        asked = status.order(session, SYSTEM, act, only, effective_date=later)
        found |= {f"to_{act.name}": row.id, plan: status.perform(session, asked).change_id}
    return found


def _of_place(world: World, place: str) -> dict[str, Any]:
    states = ("active", "suspended", "cancelled", "out_of_step")
    return {
        **{state: getattr(world, state)[place] for state in states},
        "name": f"Active {place.capitalize()}",
        "staff": getattr(world, f"{place}_admin"),
        "a_regulator": world.regulator,
        "employer": getattr(world, place),
        "sponsor": world.birch if place == "east" else world.acme,
    }


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_person_gets_what_was_ordered(standing: Standing, line: Line, person: str) -> None:
    targets: Targets = standing.made[1]
    for place, code in zip(PLACES, line.codes[person], strict=True):
        asked = _ask(standing, person, line, targets[place])
        _check(asked, code, writes=line.writes)
        if line.method == "GET":
            _check_head(standing, person, line, targets[place], asked)
        if code in ("404", "no"):
            same = ("mover", "fresh", "later")
            absent = targets["none"] | {key: targets[place][key] for key in same}
            _check_same(asked, _ask(standing, person, line, absent), targets[place], absent)


@pytest.mark.parametrize("person", OUTSIDERS)
def test_outsiders_are_led_to_the_sign_in(standing: Standing, person: str) -> None:
    """Nobody signed in, deactivated staff with an open session, a participant with a forged one."""
    for line in LINES:
        for place in PLACES:
            target = standing.made[1][place]
            asked = _ask(standing, person, line, target)
            led = (asked.answer.status, (asked.answer.location or "")[:12])
            assert (*led, asked.changed) == (302, "/login?next=", False), (line, place)
            if line.method == "GET":
                _check_head(standing, person, line, target, asked)


@pytest.mark.parametrize("line", OPEN.split("\n")[1:-1])
def test_what_is_open_is_open_to_everybody(standing: Standing, line: str) -> None:
    method, path, code = line.split()
    anonymous = standing.person("anonymous")
    asked = standing.ask(lambda: anonymous.get(path) if method == "GET" else anonymous.post(path))
    assert asked.answer.status == int(code)


def test_the_table_holds_every_route(standing: Standing) -> None:
    """A new address, or one that is gone, is a decision: write its line."""
    known = {(line.method, line.path.partition("?")[0]) for line in LINES}
    known |= {tuple(line.split()[:2]) for line in OPEN.split("\n")[1:-1]}
    adapter = standing.app.url_map.bind("localhost")
    reached = {(method, adapter.match(path, method)[0]) for method, path in known}
    ruled = standing.app.url_map.iter_rules()
    assert reached == {(method, rule.endpoint) for rule in ruled for method in _methods(rule)}


@pytest.mark.parametrize("person", [*PERSONS, *OUTSIDERS])
def test_other_methods_are_refused_to_everybody(standing: Standing, person: str) -> None:
    """405 whatever the target, and OPTIONS tells only which methods there are."""
    acting = standing.person(person)
    for rule in standing.app.url_map.iter_rules():
        for method in set(OTHER_METHODS) - (set(rule.methods or ()) - {"OPTIONS"}):
            told = set()
            for place in ("north", "east", "none"):
                target = standing.made[1][place]
                path = f"{_path_of(rule)}?id={target['active']}"
                send = partial(
                    acting.client.open,
                    path,
                    method=method,
                    data={"id": target["active"], "rowids": target["active"]},
                    headers={"X-CSRFToken": acting.token},
                )
                asked = standing.ask(send)
                expected = 200 if method == "OPTIONS" else 405
                assert (asked.answer.status, asked.changed) == (expected, False), (method, path)
                told.add(
                    (
                        asked.answer.stable,
                        ", ".join(sorted(asked.answer.headers["Allow"].split(", "))),
                    )
                )
            assert len(told) == 1, (method, rule)


def test_the_matrix_has_some_thousand_cells(standing: Standing) -> None:
    """Counted as they are asked above: person, address, method, target."""
    rules = list(standing.app.url_map.iter_rules())
    gets = sum(line.method == "GET" for line in LINES)
    listed = (len(PERSONS) + len(OUTSIDERS)) * len(PLACES) * (len(LINES) + gets)
    others = sum(
        len(set(OTHER_METHODS) - (set(rule.methods or ()) - {"OPTIONS"})) for rule in rules
    )
    cells = listed + (len(PERSONS) + len(OUTSIDERS)) * 3 * others
    assert cells > 10_000, cells


def _methods(rule: Rule) -> set[str]:
    return set(rule.methods or ()) - {"HEAD", "OPTIONS"}


def _path_of(rule: Rule) -> str:
    """An address of this rule."""
    path = rule.rule.replace("<export_type>", "csv").replace("<path:filename>", "x")
    return re.sub(r"<[^>]*>", "x", path)


def _ask(standing: Standing, person: str, line: Line, target: dict[str, Any]) -> Asked:
    acting = standing.person(person)
    path = line.path.format(**target)
    fields = {name: value.format(**target) for name, value in line.fields}
    if line.method == "GET":
        return standing.ask(lambda: acting.get(path, **fields))
    as_json = path.endswith("/action/")
    return standing.ask(lambda: acting.post(path, as_json=as_json, **fields))


def _check(asked: Asked, code: str, *, writes: bool) -> None:
    """Whether an answer is what the table says, and the database with it."""
    answer = asked.answer
    expected = {"ok": 200, "no": 200, "why": 200, "csv": 200, "same": 302}.get(code) or int(code)
    assert answer.status == expected, answer
    assert asked.changed == (code in ("ok", "csv", "201") or (code == "302" and writes)), answer
    if answer.headers["Content-Type"] == "application/json" and "changed" in answer.text:
        done = answer.json.get("planned", answer.json["changed"])
        assert done == (1 if code in ("ok", "200") else 0), answer
    assert (code == "csv") == answer.headers["Content-Type"].startswith("text/csv")


def _check_head(
    standing: Standing, person: str, line: Line, target: dict[str, Any], got: Asked
) -> None:
    """HEAD opens nothing that GET does not, and holds nothing."""
    acting = standing.person(person)
    fields = {name: value.format(**target) for name, value in line.fields}
    path = line.path.format(**target)
    asked = standing.ask(lambda: acting.client.head(path, query_string=fields))
    assert (asked.answer.status, asked.answer.text) == (got.answer.status, ""), line
    assert got.changed or not asked.changed


def _check_same(foreign: Asked, absent: Asked, *targets: dict[str, Any]) -> None:
    """A foreign target and an absent one are answered by the same words, after the same work.

    The same statements in the same order take the same time; stopwatches in tests lie.
    """
    given = {str(value) for target in targets for value in target.values()}
    target = re.compile(rf"\b({'|'.join(map(re.escape, sorted(given)))})\b")
    told, expected = (target.sub("#", asked.answer.stable) for asked in (foreign, absent))
    assert (foreign.answer.status, told) == (absent.answer.status, expected)
    assert foreign.statements == absent.statements
