"""`flask doctor` …"""

from flask import Flask
from sqlalchemy import text

from seatadmin.extensions import db
from seatadmin.services.doctor import INVARIANTS


def test_is_content_with_a_database_that_is_seeded_and_with_an_empty_one(app: Flask) -> None:
    runner = app.test_cli_runner()
    empty = runner.invoke(args=["doctor"])
    runner.invoke(
        args=["seed", "--participants=30", "--sponsors=2", "--employers=4", "--random-seed=3"]
    )
    seeded = runner.invoke(args=["doctor"])

    for answer in (empty, seeded):
        assert answer.exit_code == 0, answer.output
        assert answer.output == f"All {len(INVARIANTS)} invariants hold.\n"


def test_lists_what_is_broken_and_exits_with_1(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["seed", "--participants=30", "--sponsors=2", "--employers=4"])
    with app.app_context():
        db.session.execute(text("UPDATE \"user\" SET search_text = '' WHERE id IN (5, 6)"))
        db.session.execute(text("UPDATE seat_count SET active = active + 1 WHERE employer_id = 3"))
        db.session.commit()

    answer = runner.invoke(args=["doctor"])

    assert answer.exit_code == 1
    assert "keys agree: " in answer.output
    assert "Broken by 2: 5, 6\n" in answer.output
    assert "seats are counted: " in answer.output
    assert "Broken by 1: 3\n" in answer.output
    assert f"2 of {len(INVARIANTS)} invariants are broken." in answer.output
