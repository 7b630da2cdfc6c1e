"""`flask create-user` …"""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeKind
from seatadmin.models import User
from seatadmin.permissions import Role
from seatadmin.services import links
from seatadmin.services.passwords import verify
from tests.factories import EmployerFactory, SponsorFactory, regulator

PASSWORD = "three apprentices in a boat"


@pytest.fixture
def app(app: Flask) -> Flask:
    """With two sponsors; both have an employer Acme, the first alone a Solo."""
    with app.app_context():
        north, south = SponsorFactory(name="Nórth  Trust"), SponsorFactory(name="South Trust")
        EmployerFactory(name="Acme", sponsor=north)
        EmployerFactory(name="Solo", sponsor=north)
        EmployerFactory(name="Acme", sponsor=south)
        regulator(email="taken@example.org")
        db.session.commit()
    return app


def create(app: Flask, email: str, *options: str, password: str = PASSWORD) -> Any:
    args = ["create-user", email, "--password-stdin", *options]
    return app.test_cli_runner().invoke(args=args, input=f"{password}\n")


def found(app: Flask, email: str) -> User | None:
    with app.app_context():
        return db.session.scalar(select(User).where(User.email_key == email))


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--role", "regulator"], (Role.REGULATOR, None, None)),
        (["--role", "sponsor", "--sponsor", "south trust"], (Role.SPONSOR, "South Trust", None)),
        (
            ["--role", "employer_admin", "--sponsor", "NORTH TRUST", "--employer", "acme"],
            (Role.EMPLOYER_ADMIN, "Nórth  Trust", "Acme"),
        ),
        (
            ["--role", "employer_admin", "--employer", "Solo"],
            (Role.EMPLOYER_ADMIN, "Nórth  Trust", "Solo"),
        ),
    ],
)
def test_makes_one_who_can_sign_in(
    app: Flask, options: Sequence[str], place: tuple[Any, ...]
) -> None:
    answer = create(app, "Ada.Lovelace@Example.org", *options)

    assert answer.exit_code == 0, answer.output
    with app.app_context():
        user = db.session.scalar(select(User).where(User.email_key == "ada.lovelace@example.org"))
        assert user is not None
        names = [part and part.name for part in (user.sponsor, user.employer)]
        assert (user.role, *names) == place
        assert user.name == "Ada Lovelace"
        assert user.is_active
        assert verify(user.password_hash, PASSWORD)
        change = db.session.execute(select(Change)).scalar_one()
        assert (change.kind, change.actor_id) == (ChangeKind.CREATE, None)


@pytest.mark.parametrize(
    ("email", "options", "name"),
    [
        ("maria@example.org", [], "Maria Regulator"),
        ("maria_de-la.cruz@example.org", [], "Maria De-la Cruz"),
        ("x@example.org", ["--first-name", "José", "--last-name", "Núñez"], "José Núñez"),
    ],
)
def test_takes_the_name_from_the_options_or_the_address(
    app: Flask, email: str, options: Sequence[str], name: str
) -> None:
    create(app, email, "--role", "regulator", *options)

    user = found(app, email)
    assert user is not None
    assert user.name == name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--role", "regulator", "--sponsor", "South Trust"], "belongs to no sponsor"),
        (["--role", "regulator", "--employer", "Solo"], "belongs to no employer"),
        (["--role", "sponsor"], "needs the name of its sponsor"),
        (["--role", "sponsor", "--sponsor", "East"], "no such sponsor"),
        (
            ["--role", "sponsor", "--sponsor", "South Trust", "--employer", "Acme"],
            "belongs to no employer",
        ),
        (["--role", "employer_admin"], "needs the name of its employer"),
        (["--role", "employer_admin", "--sponsor", "South Trust"], "needs the name of its empl"),
        (["--role", "employer_admin", "--employer", "Acme"], "Several sponsors"),
        (
            ["--role", "employer_admin", "--sponsor", "South Trust", "--employer", "Solo"],
            "no such employer",
        ),
    ],
)
def test_refuses_a_role_without_the_organization_that_it_needs(
    app: Flask, options: Sequence[str], message: str
) -> None:
    answer = create(app, "new@example.org", *options)

    assert answer.exit_code == 1
    assert message in answer.output
    assert found(app, "new@example.org") is None


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("TAKEN@example.org", PASSWORD, "Another person already has it."),
        ("nobody", PASSWORD, "is not an e-mail address"),
        ("", PASSWORD, "Give an e-mail address"),
        ("new@example.org", "short", "15 characters"),
        ("new@example.org", "seat-admin-demo-2026", "easy to guess"),
        ("new.person@example.org", "New Person 2026!", "easy to guess"),
        ("new@example.org", "", "15 characters"),
    ],
)
def test_refuses_a_taken_or_wrong_address_and_a_weak_password(
    app: Flask, email: str, password: str, message: str
) -> None:
    answer = create(app, email, "--role", "regulator", password=password)

    assert answer.exit_code == 1
    assert message in answer.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_prints_a_link_by_which_the_person_chooses_the_password(app: Flask) -> None:
    args = ["create-user", "new@example.org", "--role", "regulator", "--link"]
    app.config["PUBLIC_URL"] = "https://seats.example.org"

    answer = app.test_cli_runner().invoke(args=args)

    assert answer.exit_code == 0, answer.output
    site, _, token = answer.output.split()[-1].rpartition("/password/")
    assert site == "https://seats.example.org"
    with app.app_context():
        user = links.owner(db.session, token)
        assert (user.email, user.password_hash) == ("new@example.org", None)
        actions = db.session.scalars(select(Change.action).order_by(Change.id)).all()
        assert actions == ["create", "password_link"]
    app.config["PUBLIC_URL"] = ""


@pytest.mark.parametrize(
    "args",
    [
        ["--role", "admin", "--password-stdin"],
        ["--role", "sponsor"],
        ["--role", "regulator", "--password-stdin", "--link"],
    ],
)
def test_refuses_an_unknown_role_and_a_password_in_sight(app: Flask, args: list[str]) -> None:
    answer = app.test_cli_runner().invoke(args=["create-user", "new@example.org", *args])

    assert answer.exit_code == 2
