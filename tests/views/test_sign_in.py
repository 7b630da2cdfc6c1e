"""Signing in and out, who is still signed in, and forms without their token."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import User
from seatadmin.permissions import Role
from tests.factories import PASSWORD, StaffFactory
from tests.views.browsing import Answer, Person
from tests.views.conftest import Sent, Stored, World

ACME = "acme@example.org"

NOTED = {"change_item", "sign_in_attempts"}
"""Where a refused sign-in leaves its traces, beside the refusals that `contents` leaves out."""


def sign_in(person: Person, email: str = ACME, password: str = PASSWORD, **query: str) -> Answer:
    path = "/login" + ("?next=" + query["next"] if query else "")
    return person.post(path, email=email, password=password)


def test_it_signs_in_and_out(anonymous: Person, regulator: Person, world: World) -> None:
    assert anonymous.get("/").location == "/admin/"
    led = anonymous.get("/admin/participant/?search=x&page_size=20")
    assert led.status == 302
    target = parse_qs(urlsplit(led.location or "").query)["next"]
    assert target == ["/admin/participant/?search=x&page_size=20"]
    page = anonymous.get(led.location or "")
    assert page.form.keys() == {"email", "password"}
    done = anonymous.post(led.location or "", email=ACME, password=PASSWORD)
    assert (done.status, done.location) == (302, target[0])
    del anonymous.token  # signing in starts a session of its own
    assert anonymous.follow(done).status == 200
    assert anonymous.get("/login").location == "/admin/"
    assert anonymous.get("/logout").status == 405
    assert anonymous.get("/admin/").status == 200
    assert anonymous.post("/logout").location == "/login"
    assert anonymous.get("/admin/").status == 302
    told = regulator.get("/admin/change/").rows.values()
    acme = str(world.acme_staff)
    assert [(row["kind"], row["action"], row["actor"]) for row in told] == [
        ("sign_in", "sign_out", acme),
        ("sign_in", "sign_in", acme),
    ]


def test_case_and_space_of_the_address_do_not_matter(anonymous: Person, world: World) -> None:
    assert sign_in(anonymous, " ACME@Example.org ").status == 302


def test_everything_wrong_gets_the_same_answer(
    app: Flask, world: World, contents: Any, stored: Stored
) -> None:
    """Unknown, wrong, deactivated, without a password, a participant: nothing tells them apart."""
    with stored() as session:
        hash = session.get(User, world.acme_staff).password_hash
        session.get(User, world.active["north"]).password_hash = hash
        session.commit()
    before, answers = contents(), []
    tried = (
        ("nobody@example.org", PASSWORD),
        (ACME, "wrong"),
        (ACME, ""),
        (ACME, "x" * 100_000),
        ("gone@example.org", PASSWORD),
        ("birch@example.org", ""),
        ("birch@example.org", PASSWORD),
        ("active.north@example.org", PASSWORD),
        ("", ""),
        ("acme\x00@example.net", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("é" * 5_000, PASSWORD),
    )
    for email, password in tried:
        person = Person(app)
        answer = sign_in(person, email, password)
        answers.append((answer.status, re.sub(r'value="[^"]*"', "", answer.stable)))
        assert person.get("/admin/").status == 302, email
    assert set(answers) == {answers[0]}
    assert answers[0][0] == 200
    after = contents()
    assert {name for name in after if after[name] != before[name]} == NOTED
    with stored() as session:
        kinds = session.scalars(select(Change.kind)).all()
        about = session.scalars(select(ChangeItem.subject_id).order_by(ChangeItem.change_id)).all()
    assert kinds == ["refusal"] * len(tried)
    assert about[:3] == [world.acme_staff] * 3


def test_missing_fields_are_wrong_too(anonymous: Person, world: World, stored: Stored) -> None:
    """Also where several people have no e-mail address: none of them is meant by a blank one."""
    with stored() as session:
        ids = world.active.values()
        session.execute(update(User).where(User.id.in_(ids)).values(email=None, email_key=None))
        session.commit()
    for blank in ("", " ", "\x00"):
        assert sign_in(anonymous, blank).status == 200
    assert anonymous.post("/login").status == 200
    with stored() as session:
        assert session.scalars(select(ChangeItem.subject_id)).all() == []


def test_asking_for_the_head_of_the_page_is_no_try(
    anonymous: Person, world: World, contents: Any
) -> None:
    before = contents()
    for _ in range(70):
        assert anonymous.client.head("/login").status_code == 200
    form = {"email": ACME, "password": PASSWORD}
    assert anonymous.client.head("/login", data=form).status_code == 200
    assert contents() == before
    assert anonymous.get("/admin/").status == 302


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "%2F%2Fevil.example",
        "/%09/evil.example",
        "/%0d%0aSet-Cookie:x=y",
        "%00/evil",
        " //evil.example",
        "evil.example",
        "",
    ],
)
def test_it_leads_on_only_inside_the_site(anonymous: Person, world: World, evil: str) -> None:
    answer = sign_in(anonymous, next=evil)
    assert answer.status == 302
    target = urlsplit(answer.location or "")
    assert (target.scheme, target.netloc) == ("", "")
    assert (answer.location or "").startswith("/admin/")


def test_a_session_cookie_is_kept_from_scripts_and_other_sites(
    anonymous: Person, world: World
) -> None:
    cookie = sign_in(anonymous).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_signing_in_begins_a_session_of_its_own(anonymous: Person, world: World) -> None:
    with anonymous.client.session_transaction() as session:
        session["left"] = "behind"
    sign_in(anonymous)
    with anonymous.client.session_transaction() as session:
        assert "left" not in session


def test_the_cookie_of_the_sign_in_is_good_for_forms(anonymous: Person, world: World) -> None:
    """Also where a script goes on with that cookie and keeps no later one."""
    assert sign_in(anonymous).status == 302
    kept = anonymous.client.get_cookie("session")
    assert kept is not None
    page = anonymous.client.get("/admin/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    anonymous.client.set_cookie("session", kept.value)

    answer = anonymous.client.post("/logout", data={"csrf_token": token[1]})

    assert (answer.status_code, answer.location) == (302, "/login")


def test_another_account_can_sign_in_over_the_first(regulator: Person, world: World) -> None:
    assert sign_in(regulator).status == 302
    assert regulator.get("/admin/").header == ("2", "12")


def test_guessing_is_throttled_and_another_account_is_not(
    app: Flask, anonymous: Person, world: World
) -> None:
    guesses = [sign_in(anonymous, password=f"guess {i}").status for i in range(8)]
    assert guesses == [200] * 6 + [429] * 2
    assert sign_in(anonymous).status == 429
    assert sign_in(anonymous, email=" ACME@example.org").status == 429
    assert sign_in(anonymous, email="regulator@example.org").status == 302


def test_unknown_accounts_are_throttled_alike(anonymous: Person, world: World) -> None:
    guesses = [sign_in(anonymous, email="nobody@example.org").status for _ in range(8)]
    assert guesses == [200] * 6 + [429] * 2


def test_a_flood_is_stopped_before_the_database(anonymous: Person, sent: Sent) -> None:
    answers = {sign_in(anonymous).status for _ in range(300)}
    with sent() as statements:
        assert sign_in(anonymous).status == 429

    assert answers == {200, 429}
    assert statements == []


def test_signing_in_rightly_is_not_throttled(app: Flask, world: World) -> None:
    assert {sign_in(Person(app)).status for _ in range(10)} == {302}


def test_signed_in_staff_are_not_throttled(sponsor_staff: Person, world: World) -> None:
    assert {sponsor_staff.get("/admin/").status for _ in range(80)} == {200}


def test_deactivation_works_on_the_next_request(
    regulator: Person, sponsor_staff: Person, world: World, contents: Any
) -> None:
    assert sponsor_staff.get("/admin/").status == 200
    token = sponsor_staff.token
    regulator.act("/admin/user/", "deactivate", world.acme_staff)
    before = contents()
    assert sponsor_staff.get("/admin/").status == 302
    answer = sponsor_staff.post(
        "/admin/participant/action/", token=token, action="cancel", rowid=world.active["north"]
    )
    assert (answer.status, (answer.location or "")[:6]) == (302, "/login")
    assert contents() == before
    regulator.act("/admin/user/", "reactivate", world.acme_staff)
    assert sponsor_staff.get("/admin/").status == 302
    assert sign_in(sponsor_staff).status == 302
    assert sponsor_staff.get("/admin/").status == 200


def test_a_deactivation_in_the_very_moment_of_a_change_stops_it(
    app: Flask, sponsor_staff: Person, world: World, stored: Stored
) -> None:
    """It is committed when the request is under way, and before its transaction has begun."""
    with app.app_context():
        engine = db.engine
    fields = {"token": sponsor_staff.token, "action": "cancel", "rowid": world.active["north"]}
    waiting = [update(User).where(User.id == world.acme_staff).values(account_status="deactivated")]

    def deactivate(*_of_the_connection: Any) -> None:
        if waiting:
            statement = waiting.pop()
            with engine.begin() as another:
                another.execute(statement)

    event.listen(engine, "checkout", deactivate)
    try:
        answer = sponsor_staff.post("/admin/participant/action/", **fields)
    finally:
        event.remove(engine, "checkout", deactivate)
    assert not waiting
    assert (answer.status, (answer.location or "")[:6]) == (302, "/login")
    with stored() as session:
        assert session.get(User, world.active["north"]).program_status == "active"


def test_a_change_of_role_ends_the_sign_in_and_works_from_the_next_one_on(
    regulator: Person, sponsor_staff: Person, world: World
) -> None:
    assert sponsor_staff.get("/admin/sponsor/").status == 200
    moved = regulator.post(
        f"/admin/user/edit/?id={world.acme_staff}",
        as_json=True,
        version=1,
        role="employer_admin",
        employer=world.south,
    )
    assert moved.status == 200, moved
    assert sponsor_staff.get("/admin/").status == 302
    assert sign_in(sponsor_staff).status == 302
    assert sponsor_staff.get("/admin/sponsor/").status == 403
    assert set(sponsor_staff.get("/admin/").usage("employer")) == {world.south}
    assert (
        sponsor_staff.get(f"/admin/participant/details/?id={world.active['north']}").status == 404
    )


def test_a_form_without_its_token_changes_nothing(
    app: Flask, sponsor_staff: Person, regulator: Person, world: World, contents: Any
) -> None:
    id, before = world.active["north"], contents()
    assert sponsor_staff.token
    for token in (None, "", "x", regulator.token):
        for path, fields in (
            ("/admin/participant/action/", {"action": "cancel", "rowid": id}),
            (f"/admin/participant/edit/?id={id}", {"version": 1, "first_name": "Zoe"}),
            ("/admin/participant/delete/", {"id": id, "confirm": "Active North"}),
            ("/admin/participant/new/", {"first_name": "A", "last_name": "B"}),
            ("/logout", {}),
        ):
            answer = sponsor_staff.post(path, token=token, **fields)
            assert answer.status == 400, (path, token)
    assert contents() == before
    assert sponsor_staff.get("/admin/").status == 200
    assert sign_in(Person(app), ACME).status == 302
    assert Person(app).post("/login", token=None, email=ACME, password=PASSWORD).status == 400


def test_a_token_in_a_header_does_too(sponsor_staff: Person, world: World) -> None:
    answer = sponsor_staff.client.post(
        "/admin/participant/action/",
        data={"action": "suspend", "rowid": world.active["north"]},
        headers={"X-CSRFToken": sponsor_staff.token, "Accept": "application/json"},
    )
    assert answer.get_json()["changed"] == 1


def test_a_session_that_has_ended_leads_to_the_sign_in_and_back(
    anonymous: Person, world: World
) -> None:
    """The token went with the session: that is no reason for a page about tokens."""
    answer = anonymous.client.post(
        f"/admin/participant/edit/?id={world.active['north']}",
        data={"first_name": "Zoe"},
        headers={"Referer": "http://localhost/admin/participant/?search=x"},
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/admin/participant/?search%3Dx"


def test_a_forged_session_is_nobodys(app: Flask, world: World) -> None:
    for token in ("x", "", "-1", "9" * 4000, "²", "a\x00b", str(world.regulator)):
        person = Person(app)
        person.carry(token)
        assert person.get("/admin/").status == 302, token
    assert Person(app, world.active["north"]).get("/admin/").status == 302


def test_staff_made_without_a_password_cannot_sign_in(anonymous: Person, stored: Stored) -> None:
    with stored() as session:
        StaffFactory(role=Role.REGULATOR, email="new@example.org")
        session.commit()
    assert sign_in(anonymous, "new@example.org", "").status == 200
