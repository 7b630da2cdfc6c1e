"""Passwords: chosen by a link that works once, reset by an admin who never sees them, changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from seatadmin.access import UserSession
from seatadmin.ledger import Change
from seatadmin.models import User
from seatadmin.services.passwords import SHORTEST, verify
from tests.factories import PASSWORD
from tests.views.browsing import Answer, Person
from tests.views.conftest import ABSENT, Stored, World

Contents = Callable[[], dict[str, list[Any]]]

LINK, OWN = "/admin/password/link/", "/admin/password/"
CHOSEN = "violet kettles cross the harbor"


def link_to(admin: Person, id: int) -> str:
    """The path of a new link that `admin` makes."""
    answer = admin.post(LINK, id=id)
    assert answer.status == 201, answer
    (shown,) = answer.page.having(id="link")
    site, path, token = shown.attrs["value"].partition("/password/")
    assert site == "http://localhost"
    return path + token


def choose(path: str, app: Flask, password: str = CHOSEN, again: str | None = None) -> Answer:
    return Person(app).post(path, password=password, again=again or password)


def signs_in(app: Flask, email: str, password: str = CHOSEN) -> bool:
    return Person(app).post("/login", email=email, password=password).status == 302


def actions(stored: Stored) -> list[tuple[str, str, int | None]]:
    with stored() as session:
        rows = session.execute(
            select(Change.kind, Change.action, Change.actor_id)
            .where(Change.kind == "permission")
            .order_by(Change.id)
        )
        return [(str(kind), action, actor) for kind, action, actor in rows]


def test_a_new_member_of_staff_chooses_the_first_password_by_a_link(
    sponsor_staff: Person, app: Flask, world: World, stored: Stored, contents: Contents
) -> None:
    new = {"first_name": "Robin", "last_name": "Rivers", "email": "robin@example.org"}
    page = sponsor_staff.get("/admin/user/new/")
    assert not page.page.having(type="password")
    created = sponsor_staff.post(
        "/admin/user/new/", **new, role="sponsor", sponsor=world.acme, password=CHOSEN
    )
    details = sponsor_staff.follow(created)
    assert "no password yet" in details.text
    assert not signs_in(app, "robin@example.org")
    (button,) = details.page.having(action=LINK)
    (id,) = (field.attrs["value"] for field in button.having(name="id"))
    path = link_to(sponsor_staff, int(id))
    assert path.rpartition("/")[2] not in str(contents())

    form = Person(app).get(path)
    assert (form.status, form.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert form.headers["Cache-Control"] == "no-store"
    assert {node.attrs["autocomplete"] for node in form.page.having("autocomplete")} == {
        "username",
        "new-password",
    }
    done = choose(path, app)
    assert (done.status, done.location) == (302, "/login")
    assert signs_in(app, "robin@example.org")
    assert actions(stored) == [
        ("permission", "password_link", world.acme_staff),
        ("permission", "set_password", int(id)),
    ]
    assert "no password yet" not in sponsor_staff.follow(created).text


def test_looking_at_a_link_changes_nothing(
    regulator: Person, app: Flask, world: World, contents: Contents
) -> None:
    path = link_to(regulator, world.acme_staff)
    before = contents()
    for _ in range(3):
        assert Person(app).get(path).status == 200
        assert Person(app).client.head(path).status_code == 200
    assert contents() == before


@pytest.mark.parametrize(
    ("password", "again", "at", "words"),
    [
        ("short", "short", "password", f"{SHORTEST} characters"),
        ("x" * 129, "x" * 129, "password", "128 characters at most"),
        ("password password 1", "password password 1", "password", "easy to guess"),
        ("acme training acme", "acme training acme", "password", "easy to guess"),
        (CHOSEN, CHOSEN + "!", "again", "differs"),
        ("", "", "password", "characters"),
    ],
)
def test_a_weak_password_is_told_at_the_field_and_the_link_stays_good(
    regulator: Person,
    app: Flask,
    world: World,
    contents: Contents,
    password: str,
    again: str,
    at: str,
    words: str,
) -> None:
    path, before = link_to(regulator, world.acme_staff), contents()
    page = choose(path, app, password, again or " ")
    if password:
        assert page.status == 200
        assert words in page.message_at(at)
        assert password not in page.text
    assert contents() == before
    assert choose(path, app).status == 302


def test_a_link_that_is_not_good_tells_nothing(
    regulator: Person, app: Flask, world: World, contents: Contents
) -> None:
    """Used, replaced, too old, deactivated, made up: one answer, and nothing happens."""
    used, replaced = link_to(regulator, world.acme_staff), link_to(regulator, world.north_admin)
    newer = link_to(regulator, world.north_admin)
    gone = link_to(regulator, world.south_admin)
    choose(used, app)
    regulator.act("/admin/user/", "deactivate", world.south_admin)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25), tick=False):
        late = Person(app).get(newer)
    before, answers = contents(), [late]
    for path in (used, replaced, gone, "/password/x", f"/password/{'y' * 43}", "/password/%00"):
        answers += [Person(app).get(path), choose(path, app)]
    assert {(answer.status, answer.stable) for answer in answers} == {(404, late.stable)}
    assert {answer.headers["Referrer-Policy"] for answer in answers} == {"no-referrer"}
    assert contents() == before
    assert choose(newer, app).status == 302


def test_a_reset_ends_every_sign_in_of_the_person(
    regulator: Person, app: Flask, world: World
) -> None:
    old, others = Person(app, world.acme_staff), Person(app, world.north_admin)
    path = link_to(regulator, world.acme_staff)
    assert old.get("/admin/").status == 200  # until the link is used
    assert signs_in(app, "acme@example.org", PASSWORD)

    choose(path, app)

    assert old.get("/admin/").status == 302
    assert others.get("/admin/").status == 200
    assert not signs_in(app, "acme@example.org", PASSWORD)
    assert signs_in(app, "acme@example.org")


def test_a_link_is_shown_once(regulator: Person, world: World, contents: Contents) -> None:
    """The same request again leads to the person's page: nobody keeps the link."""
    again = {"id": world.acme_staff, "request_id": "4e4a3e8a-2d0e-4c6e-8f3a-0f7a5d1c2b3a"}
    first = regulator.post(LINK, **again)
    before = contents()
    second = regulator.post(LINK, **again)
    assert (first.status, second.status) == (201, 302)
    assert second.location == f"/admin/user/details/?id={world.acme_staff}"
    assert contents() == before


def test_a_link_is_made_within_the_scope(
    sponsor_staff: Person, employer_admin: Person, world: World, contents: Contents
) -> None:
    for id in (world.acme_staff, world.north_admin, world.regulator, world.birch_staff):
        assert employer_admin.post(LINK, id=id).status == 403
    before = contents()
    absent = sponsor_staff.post(LINK, id=ABSENT)
    for id in (world.regulator, world.birch_staff, world.east_admin, world.active["north"], "x"):
        answer = sponsor_staff.post(LINK, id=id)
        assert (answer.status, answer.stable) == (404, absent.stable), id
    assert contents() == before
    assert sponsor_staff.post(LINK, id=world.south_admin).status == 201


def test_nobody_makes_a_link_for_oneself_or_a_deactivated_account(
    regulator: Person, world: World, contents: Contents
) -> None:
    """Else whoever finds an open browser could take the account over."""
    for id in (world.regulator, world.deactivated):
        before = contents()
        page = regulator.follow(regulator.post(LINK, id=id))
        assert "present" in page.messages or "deactivated" in page.messages
        assert not page.page.having(action=LINK)
        assert contents() == before


def change(person: Person, present: str = PASSWORD, new: str = CHOSEN) -> Answer:
    return person.post(OWN, present=present, password=new, again=new)


def test_the_own_password_is_changed_with_the_present_one(
    app: Flask, world: World, stored: Stored
) -> None:
    here, elsewhere = Person(app, world.acme_staff), Person(app, world.acme_staff)
    page = here.get(OWN)
    assert set(page.form) == {"present", "password", "again"}

    done = here.follow(change(here))

    assert "was changed" in done.messages
    assert elsewhere.get("/admin/").status == 302
    assert signs_in(app, "acme@example.org")
    assert actions(stored) == [("permission", "set_password", world.acme_staff)]


def test_a_wrong_present_password_changes_nothing_and_is_counted(
    app: Flask, world: World, stored: Stored
) -> None:
    here = Person(app, world.acme_staff)
    told = [here.follow(change(here, present=f"a wrong one, {i}")).messages for i in range(8)]
    assert "not your present password" in told[0]
    assert "Too many attempts" in told[-1]
    assert "Too many attempts" in here.follow(change(here)).messages
    with stored() as session:
        assert verify(session.get(User, world.acme_staff).password_hash, PASSWORD)
        ended = session.scalars(select(UserSession.ended_at)).all()
    assert set(ended) == {None}
    assert actions(stored) == []


def test_the_own_password_may_not_be_weak(app: Flask, world: World, contents: Contents) -> None:
    here = Person(app, world.acme_staff)
    before = contents()
    page = change(here, new="Acme Training Acme Training")
    assert (page.status, "easy to guess" in page.message_at("password")) == (200, True)
    page = here.post(OWN, present=PASSWORD, password=CHOSEN, again="other")
    assert "differs" in page.message_at("again")
    assert contents() == before


def test_of_a_password_not_even_a_digest_is_kept(app: Flask, world: World, stored: Stored) -> None:
    """A repeat is told by its id alone: digests of what people type can be guessed."""
    here = Person(app, world.acme_staff)
    same = {"request_id": "7c1f8f3e-63a5-4a4e-9a0b-2f8b6f0d9e11"}
    first = here.post(OWN, present=PASSWORD, password=CHOSEN, again=CHOSEN, **same)
    second = here.post(OWN, present="x", password="y", again="y", **same)
    assert (first.status, second.status, first.location) == (302, 302, second.location)
    assert len(actions(stored)) == 1


def test_pages_of_the_own_account_stand_not_in_the_menu(regulator: Person) -> None:
    (menu,) = (node for node in regulator.get(OWN).page.having(id="side") if node.tag == "nav")
    entries = [node for node in menu if node.tag == "a" and "title" in node.attrs]
    assert len(entries) >= 6
    assert not [node for node in entries if node.attrs["href"].startswith(OWN)]
    assert all(next(iter(node)).tag == "svg" for node in entries)
