"""Where one is signed in: the page, ending, and what a sign-in says of the browser."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from seatadmin.access import UserSession
from seatadmin.ledger import Change
from tests.databases import SQLiteDatabase
from tests.factories import PASSWORD
from tests.views.browsing import Answer, Person
from tests.views.conftest import Sent, Stored, World

OWN = "/admin/sessions/"
ACME = "acme@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
EDGE = f"{CHROME} Edg/140.0.0.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def signed_in(app: Flask, agent: str = FIREFOX, address: str = "192.0.2.77") -> Person:
    """Acme's staff, signed in by the form."""
    person = Person(app)
    person.client.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
    assert person.post("/login", email=ACME, password=PASSWORD).status == 302
    del person.token
    return person


def row_of(page: Answer, agent: str) -> int:
    (id,) = (id for id, cells in page.rows.items() if cells["agent"].startswith(agent))
    return id


def test_every_browser_is_listed_and_this_one_is_marked(app: Flask, world: World) -> None:
    signed_in(app, IPHONE, "2001:db8:1:2:3:4:5:6")
    person = signed_in(app)

    rows = list(person.get(OWN).rows.values())

    assert [(row["agent"], row["address"]) for row in rows] == [
        ("Firefox on Linux (this one)", "192.0.2.x"),
        ("Safari on iPhone", "2001:db8:1::/48"),
    ]
    assert all("UTC" in row["created_at"].words for row in rows)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (EDGE, "Edge on Windows"),
        (IPHONE, "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "A browser"),
        ("<script>alert(1)</script>" * 100, "A browser"),
    ],
)
def test_a_browser_is_told_in_words_of_ours(
    app: Flask, world: World, agent: str, words: str
) -> None:
    page = signed_in(app, agent).get(OWN)

    (row,) = page.rows.values()
    assert row["agent"] == f"{words} (this one)"


def test_one_of_them_is_ended(app: Flask, world: World, stored: Stored) -> None:
    phone, laptop = signed_in(app, IPHONE), signed_in(app)
    id = row_of(laptop.get(OWN), "Safari")

    done = laptop.post(f"{OWN}end/", id=id)

    assert "1 sign-in ended" in laptop.follow(done).messages
    assert phone.get("/admin/").status == 302
    assert laptop.get("/admin/").status == 200
    with stored() as session:
        assert session.get(UserSession, id).ended_why == "ended"
        told = session.execute(select(Change.kind, Change.action).order_by(Change.id)).all()
    assert told == [("sign_in", "sign_in")] * 2 + [("sign_in", "end_sign_in")]


def test_all_others_are_ended(app: Flask, world: World) -> None:
    others, mine = [signed_in(app, IPHONE) for _ in range(2)], signed_in(app)

    answer = mine.post(f"{OWN}end/", as_json=True, others="1")

    assert answer.json == {"ended": 2}
    assert [other.get("/admin/").status for other in others] == [302, 302]
    assert mine.get("/admin/").status == 200


def test_this_one_may_be_ended_too(app: Flask, world: World) -> None:
    person = signed_in(app)

    done = person.post(f"{OWN}end/", id=row_of(person.get(OWN), "Firefox"))

    assert (person.follow(done).location or "").startswith("/login")


def test_those_of_others_are_as_if_they_were_not(
    app: Flask, regulator: Person, world: World, contents: Any
) -> None:
    person = signed_in(app)
    id, before = row_of(person.get(OWN), "Firefox"), contents()

    answers = [regulator.post(f"{OWN}end/", id=one) for one in (id, 987_654, "x", "", "9" * 40)]

    assert {answer.status for answer in answers} == {404}
    assert contents() == before
    assert person.get("/admin/").status == 200


def test_a_repeat_ends_nothing_more(app: Flask, world: World) -> None:
    signed_in(app, IPHONE)
    person = signed_in(app)
    page = person.get(OWN)
    fields = {"others": "1", "request_id": page.request_id}

    first, second = (person.post(f"{OWN}end/", as_json=True, **fields) for _ in range(2))

    assert first.json == second.json == {"ended": 1}


def test_signing_out_ends_it_on_the_server(app: Flask, world: World, stored: Stored) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    person = signed_in(app)
    copy = person.client.get_cookie("session")
    assert copy is not None

    person.post("/logout")
    person.client.set_cookie("session", copy.value)

    assert person.get("/admin/").status == 302
    with stored() as session:
        assert session.scalars(select(UserSession.ended_why)).all() == ["signed_out"]


def test_signing_in_again_ends_the_one_before(app: Flask, world: World, stored: Stored) -> None:
    person = signed_in(app)

    person.post("/login", email=ACME, password=PASSWORD)

    with stored() as session:
        rows = select(UserSession.ended_why).order_by(UserSession.id)
        assert session.scalars(rows).all() == ["replaced", None]


def test_the_page_that_is_left_open_ends_by_itself(
    app: Flask, world: World, stored: Stored
) -> None:
    person = signed_in(app)
    with stored() as session:
        session.scalars(select(UserSession)).one().last_seen_at -= timedelta(minutes=31)
        session.commit()

    assert person.get("/admin/").status == 302


def test_being_there_is_noted_after_the_answer_at_most_once_a_minute(
    app: Flask, world: World, stored: Stored, sent: Sent
) -> None:
    person = signed_in(app)
    with sent() as statements:
        person.get("/admin/")
    assert not [one for one in statements if "UPDATE" in one]
    with stored() as session:
        session.scalars(select(UserSession)).one().last_seen_at -= timedelta(minutes=29)
        session.commit()

    with sent() as statements:
        person.get("/admin/")
    assert [one.split()[:2] for one in statements if "UPDATE" in one] == [
        ["UPDATE", "user_session"]
    ]
    with sent() as statements:
        person.get("/admin/")
    assert not [one for one in statements if "UPDATE" in one]


def test_a_known_browser_gets_in_while_others_guess(app: Flask, world: World) -> None:
    """From the same address even: a lock-out is no weapon."""
    known = signed_in(app)
    known.post("/logout")
    del known.token
    guesser = Person(app)
    guesser.client.environ_base |= {"REMOTE_ADDR": "192.0.2.77"}
    guesses = [guesser.post("/login", email=ACME, password="x").status for _ in range(8)]
    assert guesses == [200] * 6 + [429] * 2

    assert known.post("/login", email=ACME, password=PASSWORD).status == 302


def test_another_address_gets_in_while_one_guesses(app: Flask, world: World) -> None:
    guesser = Person(app)
    assert [guesser.post("/login", email=ACME, password="x").status for _ in range(7)][-1] == 429

    signed_in(app, address="203.0.113.5")


def test_a_forged_device_is_unknown(app: Flask, world: World) -> None:
    guesser = Person(app)
    for value in ("x", "", "W10.x.y", "é"):
        guesser.client.set_cookie("device", value)
        guesser.post("/login", email=ACME, password="x")
    assert [guesser.post("/login", email=ACME, password="x").status for _ in range(3)][-1] == 429


def test_production_binds_its_cookies_to_the_host(tmp_path: Any) -> None:
    app = create_app(
        {
            "SEATADMIN_ENV": "production",
            "SECRET_KEY": "2f7d1c9be4a8056361c4f0e97ab853d2f7d1c9be",
            "DATABASE_URL": SQLiteDatabase(tmp_path).url,
        }
    )
    answer = app.test_client().get("/login")
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    answer.close()

    assert name.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert not [one for one in attributes if one.startswith("Domain")]
