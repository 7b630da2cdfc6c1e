"""`flask load-occupations` …"""

from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from seatadmin.extensions import db
from seatadmin.models import Occupation
from seatadmin.services.occupations import SHIPPED, read


def test_loads_the_shipped_list_and_then_a_file(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("code,title\n47-2111.00,Electricians\n99-9999.00,Seat Warmer\n")
    runner = app.test_cli_runner()
    shipped = len(read(SHIPPED))

    first = runner.invoke(args=["load-occupations"])
    second = runner.invoke(args=["load-occupations", str(file)])

    assert (first.exit_code, first.output) == (0, f"{shipped} new, 0 changed.\n")
    assert (second.exit_code, second.output) == (0, "1 new, 1 changed.\n")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Occupation)) == shipped + 1


def test_refuses_a_file_that_is_none(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("a,b\n1,2\n")
    runner = app.test_cli_runner()

    wrong = runner.invoke(args=["load-occupations", str(file)])
    absent = runner.invoke(args=["load-occupations", str(tmp_path / "absent.csv")])

    assert wrong.exit_code == 1
    assert "code and title" in wrong.output
    assert absent.exit_code == 2
