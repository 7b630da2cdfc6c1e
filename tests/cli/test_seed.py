"""`flask seed` and `flask demo` …"""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app import create_app
from seatadmin.extensions import db
from seatadmin.models import Participant, User
from seatadmin.services.passwords import verify

SMALL = ["seed", "--participants", "20", "--sponsors", "2", "--employers", "3"]


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=list(args))


def participants(app: Flask) -> int | None:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Participant))


def test_fills_an_empty_database_and_says_with_what(app: Flask) -> None:
    answer = run(app, *SMALL)

    assert answer.exit_code == 0, answer.output
    assert "20 participants of 3 employers and 2 sponsors" in answer.output
    assert participants(app) == 20


def test_refreshes_the_statistics(app: Flask) -> None:
    run(app, *SMALL)

    with app.app_context():
        on_postgresql = db.engine.dialect.name == "postgresql"
        known = (
            "SELECT reltuples FROM pg_class WHERE relname = 'user'"
            if on_postgresql
            else "SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_user_employer_name'"
        )
        assert str(db.session.scalar(text(known))).startswith("23" if on_postgresql else "23 ")


def test_makes_the_demo_sign_ins_with_the_password_of_the_settings(app: Flask) -> None:
    run(app, *SMALL)

    with app.app_context():
        regulator = db.session.execute(
            select(User).where(User.email == "regulator@example.org")
        ).scalar_one()
    assert verify(regulator.password_hash, app.config["DEMO_PASSWORD"])


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (["-1", "1", "1"], "cannot be negative"),
        (["1", "0", "1"], "One sponsor"),
        (["1", "3", "2"], "needs an employer"),
    ],
)
def test_refuses_a_world_that_cannot_be(app: Flask, size: list[str], message: str) -> None:
    names = ("--participants", "--sponsors", "--employers")

    answer = run(app, "seed", *(f"{name}={value}" for name, value in zip(names, size, strict=True)))

    assert answer.exit_code == 1
    assert message in answer.output


def test_refuses_a_database_that_holds_something(app: Flask) -> None:
    run(app, *SMALL)

    answer = run(app, *SMALL)

    assert answer.exit_code == 1
    assert "not empty" in answer.output
    assert participants(app) == 20


def test_shows_the_sign_ins_of_the_demo_and_makes_it_once(app: Flask) -> None:
    first, second = run(app, "demo"), run(app, "demo")

    assert "Made 1,200 participants of 24 employers and 5 sponsors" in first.output
    assert "Made" not in second.output
    for answer in (first, second):
        assert answer.exit_code == 0
        for told in ("regulator@", "sponsor@", "employer@", app.config["DEMO_PASSWORD"]):
            assert told in answer.output
    assert participants(app) == 1_200


def test_shows_no_sign_ins_that_do_not_exist(app: Flask) -> None:
    with app.app_context():
        user = User(first_name="R", last_name="G", email="own@example.org", role="regulator")
        db.session.add(user)
        db.session.commit()

    answer = run(app, "demo")

    assert (answer.exit_code, answer.output) == (0, "")
    assert participants(app) == 0


@pytest.mark.parametrize("command", [SMALL, ["demo"]])
def test_has_no_place_in_production(app: Flask, database: Any, command: list[str]) -> None:
    production = create_app(
        {
            "SEATADMIN_ENV": "production",
            "SECRET_KEY": "violet-kettles-cross-the-harbor!",
            "DATABASE_URL": database.url,
        }
    )

    answer = run(production, *command)
    with production.app_context():
        db.engine.dispose()

    assert answer.exit_code == 1
    assert "production" in answer.output
    assert participants(app) == 0
