"""Signing in by an OpenID Connect provider."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from app import create_app
from seatadmin.extensions import db
from seatadmin.ledger import Change
from seatadmin.models import User
from seatadmin.permissions import Role
from tests.views import provider
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World
from tests.views.provider import CLIENT, SECRET, Provider

ACME = "acme@example.org"


@pytest.fixture(scope="module")
def at() -> Iterator[Provider]:
    with provider.running() as running:
        yield running


@pytest.fixture
def joined(app: Flask, at: Provider, world: World) -> Iterator[Flask]:
    """The app over the same database, joined to the provider."""
    at.claims, at.key, at.granted = {"email": ACME, "email_verified": True}, at.published, {}
    made = create_app(
        {
            "SEATADMIN_ENV": "testing",
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": "tests",
            "OIDC_ISSUER": at.url,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
        }
    )
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def person(joined: Flask) -> Person:
    return Person(joined)


def sign_in(person: Person, at: Provider, **changed: Any) -> Answer:
    """All the way; `changed` replaces what the provider sends back."""
    started = person.get("/login/provider?next=/admin/user/")
    assert started.status == 302, started
    return person.get("/login/provider/back", **(at.grant(started.location or "") | changed))


def refused(person: Person, answer: Answer) -> str:
    """Why the sign-in was refused, when it was."""
    assert (answer.status, answer.location) == (302, "/login"), answer
    assert person.get("/admin/").status == 302
    return person.follow(answer).messages


def audited(stored: Stored) -> list[tuple[str, str]]:
    with stored() as session:
        rows = session.execute(select(Change.kind, Change.action).order_by(Change.id))
        return [tuple(row) for row in rows]


def test_it_is_offered_and_leads_on(
    person: Person, at: Provider, stored: Stored, world: World
) -> None:
    assert "your organization" in person.get("/login").text

    done = sign_in(person, at)

    assert (done.status, done.location) == (302, "/admin/user/")
    assert person.follow(done).status == 200
    assert audited(stored) == [("sign_in", "sign_in")]


def test_it_asks_with_state_nonce_and_challenge_new_each_time(person: Person, at: Provider) -> None:
    asked = [
        parse_qs(urlsplit(person.get("/login/provider").location or "").query) for _ in range(2)
    ]

    assert asked[0]["client_id"] == [CLIENT]
    assert asked[0]["redirect_uri"] == ["http://localhost/login/provider/back"]
    assert asked[0]["scope"] == ["openid email"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name][0]) >= 32
        assert asked[0][name] != asked[1][name]


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"aud": None},
        {"azp": "another program"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    person: Person, at: Provider, claims: dict[str, Any]
) -> None:
    at.claims |= claims

    assert "did not work" in refused(person, sign_in(person, at))


def test_a_token_signed_by_another_key_is_refused(person: Person, at: Provider) -> None:
    at.key = RSAKey.generate_key(2048, {"kid": "one"})

    assert "did not work" in refused(person, sign_in(person, at))


@pytest.mark.parametrize("changed", [{"state": "x"}, {"state": "é"}, {"state": ""}, {"code": "x"}])
def test_an_answer_to_another_question_is_refused(
    person: Person, at: Provider, changed: dict[str, str], stored: Stored
) -> None:
    assert "did not work" in refused(person, sign_in(person, at, **changed))
    assert audited(stored) == []


def test_an_answer_is_taken_once_and_only_by_who_asked(
    joined: Flask, person: Person, at: Provider
) -> None:
    given = at.grant(person.get("/login/provider").location or "")
    other = Person(joined)
    assert "did not work" in refused(other, other.get("/login/provider/back", **given))
    assert person.get("/login/provider/back", **given).location == "/admin/"
    person.post("/logout")
    assert "did not work" in refused(person, person.get("/login/provider/back", **given))


def test_a_person_who_declined_is_told(person: Person) -> None:
    person.get("/login/provider")

    answer = person.get("/login/provider/back", error="access_denied")

    assert "did not work" in refused(person, answer)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_counts_for_nothing(
    person: Person, at: Provider, verified: Any, stored: Stored
) -> None:
    at.claims["email_verified"] = verified

    assert "did not confirm" in refused(person, sign_in(person, at))
    assert audited(stored) == [("refusal", "provider")]


@pytest.mark.parametrize(
    "email", ["nobody@example.org", "gone@example.org", "active.north@example.org", "", None, 7]
)
def test_no_account_is_made_and_only_active_staff_get_in(
    person: Person, at: Provider, email: Any, stored: Stored
) -> None:
    at.claims["email"] = email
    with stored() as session:
        before = session.scalar(select(func.count()).select_from(User))

    assert "no active account" in refused(person, sign_in(person, at))
    assert audited(stored) == [("refusal", "provider")]
    with stored() as session:
        assert session.scalar(select(func.count()).select_from(User)) == before


def test_it_matches_the_address_as_sign_in_does(person: Person, at: Provider) -> None:
    at.claims["email"] = " ACME@Example.org"

    assert sign_in(person, at).location == "/admin/user/"


def test_it_leads_on_only_inside_the_site(person: Person, at: Provider) -> None:
    started = person.get("/login/provider", next="https://evil.example/")

    done = person.get("/login/provider/back", **at.grant(started.location or ""))

    assert done.location == "/admin/"


def test_a_second_factor_is_asked_for_all_the_same(
    joined: Flask, person: Person, at: Provider
) -> None:
    joined.config["SECOND_FACTOR_ROLES"] = frozenset({Role.SPONSOR})

    answer = sign_in(person, at)

    assert answer.location == "/login/code?next=/admin/user/"
    assert person.get("/admin/").status == 302
    assert "Set up your second factor" in person.follow(answer).text


def test_a_provider_out_of_reach_leaves_the_password(
    joined: Flask, person: Person, stored: Stored
) -> None:
    joined.config["OIDC_ISSUER"] = "http://127.0.0.1:1"

    assert "did not work" in refused(person, person.get("/login/provider"))


def test_it_is_off_by_itself(anonymous: Person, world: World) -> None:
    assert anonymous.get("/login/provider").status == 404
    assert "your organization" not in anonymous.get("/login").text


def test_it_costs_nothing_at_the_start_while_it_is_off() -> None:
    loaded = (
        "import sys; from app import create_app;"
        " create_app({'SEATADMIN_ENV': 'testing', 'SECRET_KEY': 'x'});"
        " print([name for name in ('authlib', 'requests', 'joserfc') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
