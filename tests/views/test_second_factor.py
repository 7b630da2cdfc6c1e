"""The second factor: setting it up, being asked for it, losing it."""

import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from seatadmin.access import UserSession
from seatadmin.ledger import Change
from seatadmin.permissions import Role
from seatadmin.services.second_factor import STEP
from tests.factories import PASSWORD
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

ACME = "acme@example.org"
OWN = "/admin/second-factor/"


@pytest.fixture(autouse=True)
def _at_the_start_of_a_step() -> Iterator[None]:
    """No code grows old while a test looks at it: a step has just begun."""
    with time_machine.travel(time.time() // STEP * STEP, tick=True):
        yield


@pytest.fixture
def enforced(app: Flask) -> Iterator[None]:
    """Sponsors must give a second factor."""
    app.config["SECOND_FACTOR_ROLES"] = frozenset({Role.SPONSOR})
    yield
    app.config["SECOND_FACTOR_ROLES"] = frozenset()


def secret_of(page: Answer) -> tuple[pyotp.TOTP, list[str]]:
    """The app that was given the page's key, and the recovery codes."""
    key, *codes = (node.text for node in page.page if node.tag == "code")
    return pyotp.TOTP(key.replace(" ", "")), codes


def set_up(person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Switch it on, as the pages lead; the code of the step before leaves the present one."""
    started = person.post(f"{OWN}start/", password=PASSWORD)
    app, codes = secret_of(person.follow(started))
    done = person.post(f"{OWN}confirm/", code=code_before(app))
    assert "is on" in person.follow(done).messages
    return app, codes


def code_before(app: pyotp.TOTP) -> str:
    return app.at(int(time.time()), counter_offset=-1)


def sign_in(person: Person, email: str = ACME) -> Answer:
    return person.post("/login?next=/admin/user/", email=email, password=PASSWORD)


def half_way(app: Flask, email: str = ACME) -> Person:
    """Somebody who gave the right password and no code yet."""
    person = Person(app)
    answer = sign_in(person, email)
    assert (answer.status, answer.location) == (302, "/login/code?next=/admin/user/")
    del person.token
    return person


def test_it_is_set_up_after_the_password(sponsor_staff: Person, world: World) -> None:
    assert "off" in sponsor_staff.get(OWN).text
    wrong = sponsor_staff.post(f"{OWN}start/", password="wrong")
    assert "Wrong password" in sponsor_staff.follow(wrong).messages
    assert sponsor_staff.get(f"{OWN}confirm/").location == OWN

    started = sponsor_staff.post(f"{OWN}start/", password=PASSWORD)
    page = sponsor_staff.follow(started)
    app, codes = secret_of(page)
    assert len(codes) == 10
    assert page.page.having(role="img", **{"aria-label": "QR code of the key"})
    assert " style=" not in page.text
    assert secret_of(sponsor_staff.get(f"{OWN}confirm/"))[0].secret == app.secret

    wrong = sponsor_staff.post(f"{OWN}confirm/", code="000000")
    assert "wrong" in sponsor_staff.follow(wrong).messages
    done = sponsor_staff.post(f"{OWN}confirm/", code=app.now())
    assert "is on" in sponsor_staff.follow(done).messages
    assert sponsor_staff.get(f"{OWN}confirm/").location == OWN
    assert codes[0] not in sponsor_staff.get(OWN).text


def test_it_is_asked_for_after_the_password(app: Flask, sponsor_staff: Person) -> None:
    otp, _ = set_up(sponsor_staff)
    person = half_way(app)

    page = person.get("/login/code")
    assert (page.status, "Enter your code" in page.text) == (200, True)
    done = person.post("/login/code?next=/admin/user/", code=otp.now())

    assert (done.status, done.location) == (302, "/admin/user/")
    assert person.follow(done).status == 200


def test_half_a_sign_in_opens_nothing(app: Flask, sponsor_staff: Person, world: World) -> None:
    otp, _ = set_up(sponsor_staff)
    person = half_way(app)

    for path in ("/admin/", "/admin/participant/", "/admin/sessions/", OWN, f"{OWN}confirm/"):
        assert (person.get(path).location or "").startswith("/login?next="), path
    for path in (f"{OWN}off/", f"{OWN}start/", "/admin/sessions/end/"):
        answer = person.post(path, password=PASSWORD, others="1")
        assert (answer.location or "").startswith("/login?next="), path
    with person.client.session_transaction() as cookie:
        person.carry(cookie["half"])
    assert person.get("/admin/").status == 302
    assert otp.now()


def test_each_sign_in_has_an_id_of_its_own(
    app: Flask, sponsor_staff: Person, stored: Stored
) -> None:
    otp, _ = set_up(sponsor_staff)
    person = half_way(app)
    with person.client.session_transaction() as cookie:
        half = cookie["half"]

    person.post("/login/code", code=otp.now())

    with person.client.session_transaction() as cookie:
        assert "half" not in cookie
        assert cookie["_user_id"] != half
    with stored() as session:
        rows = select(UserSession.complete, UserSession.ended_why).order_by(UserSession.id)
        assert session.execute(rows).all()[1:] == [(False, "replaced"), (True, None)]


def test_a_code_opens_once(app: Flask, sponsor_staff: Person) -> None:
    otp, _ = set_up(sponsor_staff)
    code = otp.now()
    first, second = half_way(app), half_way(app)

    assert first.post("/login/code", code=code).status == 302
    refused = second.post("/login/code", code=code)

    assert (refused.status, "used already" in refused.messages) == (200, True)
    assert second.get("/admin/").status == 302


def test_a_recovery_code_opens_once(app: Flask, sponsor_staff: Person) -> None:
    _, codes = set_up(sponsor_staff)
    first, second = half_way(app), half_way(app)

    assert first.post("/login/code", code=codes[0].lower()).status == 302
    assert second.post("/login/code", code=codes[0]).status == 200
    assert "9 of your recovery codes" in first.get(OWN).text


def test_guessing_codes_is_slowed_down(app: Flask, sponsor_staff: Person) -> None:
    otp, _ = set_up(sponsor_staff)
    guesser = half_way(app)

    answers = [guesser.post("/login/code", code=f"guess {number}") for number in range(8)]

    assert [answer.status for answer in answers] == [200] * 6 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert guesser.post("/login/code", code=otp.now()).status == 429
    assert "Too many attempts" in answers[-1].messages


def test_a_wrong_code_is_noted_and_so_is_the_sign_in(
    app: Flask, sponsor_staff: Person, stored: Stored
) -> None:
    otp, _ = set_up(sponsor_staff)
    person = half_way(app)
    person.post("/login/code", code="000000x")
    person.post("/login/code", code=otp.now())

    with stored() as session:
        told = session.execute(select(Change.kind, Change.action).order_by(Change.id)).all()
    assert told == [
        ("permission", "second_factor_on"),
        ("refusal", "second_factor"),
        ("sign_in", "sign_in"),
    ]


def test_it_is_switched_off_after_the_password(app: Flask, sponsor_staff: Person) -> None:
    set_up(sponsor_staff)
    sponsor_staff.post(f"{OWN}off/", password="wrong")
    assert sign_in(Person(app)).location == "/login/code?next=/admin/user/"

    done = sponsor_staff.post(f"{OWN}off/", password=PASSWORD)

    assert "is off" in sponsor_staff.follow(done).messages
    assert sign_in(Person(app)).location == "/admin/user/"


def test_guessing_the_password_again_is_slowed_down(sponsor_staff: Person) -> None:
    for _ in range(6):
        sponsor_staff.follow(sponsor_staff.post(f"{OWN}start/", password="guess"))

    answer = sponsor_staff.post(f"{OWN}start/", password=PASSWORD)

    assert "Too many attempts" in sponsor_staff.follow(answer).messages


@pytest.mark.usefixtures("enforced")
def test_where_a_role_must_have_it_nothing_opens_before_it_is_set_up(
    app: Flask, world: World
) -> None:
    person = half_way(app)
    assert person.get("/admin/").status == 302
    otp, codes = secret_of(person.get("/login/code"))

    wrong = person.post("/login/code", code="000000x")
    assert wrong.status == 200
    assert secret_of(wrong)[0].secret == otp.secret
    done = person.post("/login/code?next=/admin/user/", code=otp.now())

    assert done.location == "/admin/user/"
    assert person.follow(done).status == 200
    assert "Switch it off" not in person.get(OWN).text
    del person.token
    refused = person.post(f"{OWN}off/", password=PASSWORD)
    assert "Your role" in person.follow(refused).messages
    assert half_way(app).post("/login/code", code=codes[0]).status == 302
    assert sign_in(Person(app), "regulator@example.org").location == "/admin/user/"


def test_who_lost_it_is_helped_by_staff_above(
    app: Flask, regulator: Person, sponsor_staff: Person, world: World
) -> None:
    set_up(sponsor_staff)
    half = half_way(app)
    page = regulator.get(f"/admin/user/details/?id={world.acme_staff}")
    assert "Reset the second factor" in page.text

    done = regulator.post(f"{OWN}reset/", id=world.acme_staff)

    assert done.location == f"/admin/user/details/?id={world.acme_staff}"
    page = regulator.follow(done)
    assert "is off" in page.messages
    assert "Reset the second factor" not in page.text
    assert sponsor_staff.get("/admin/").status == 302
    assert (half.get("/login/code").location or "").startswith("/login?")
    assert sign_in(Person(app)).location == "/admin/user/"


def test_nobody_resets_the_own_one(sponsor_staff: Person, world: World, contents: Any) -> None:
    set_up(sponsor_staff)
    before = contents()

    assert sponsor_staff.post(f"{OWN}reset/", id=world.acme_staff).status == 404

    assert contents() == before


def test_without_the_password_nobody_comes_to_the_code(app: Flask, world: World) -> None:
    person = Person(app)
    assert person.get("/login/code?next=/admin/user/").location == "/login?next=/admin/user/"
    assert person.post("/login/code", code="123456").location == "/login?next=/admin/"
