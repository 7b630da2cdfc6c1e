"""A command without a database …"""

from pathlib import Path

import pytest

from app import create_app
from tests.databases import sqlite_url

NOBODY_LISTENS = "postgresql://seat_admin@127.0.0.1:1/seatadmin"


@pytest.mark.parametrize("command", ["doctor", "audit verify", "tidy"])
def test_that_is_out_of_reach_says_so_once(command: str) -> None:
    app = create_app({"SEATADMIN_ENV": "testing", "DATABASE_URL": NOBODY_LISTENS})

    result = app.test_cli_runner().invoke(args=command.split())

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: The database cannot be read")
    assert result.output.count("Connection refused") <= 1


@pytest.mark.parametrize("command", ["seats", "seats verify", "demo"])
def test_says_so_in_a_line_and_what_to_do(tmp_path: Path, command: str) -> None:
    app = create_app({"SEATADMIN_ENV": "testing", "DATABASE_URL": sqlite_url(tmp_path)})

    result = app.test_cli_runner().invoke(args=command.split())

    assert result.exit_code == 1
    assert "check DATABASE_URL, and run `flask db upgrade`" in result.output
    assert "Traceback" not in result.output
