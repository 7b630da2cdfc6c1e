"""A command without a database …"""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.databases import sqlite_url

NOBODY_LISTENS = "postgresql://seat_admin@127.0.0.1:1/seatadmin"


@pytest.mark.parametrize("command", ["doctor", "audit verify", "tidy"])
def test_that_is_out_of_reach_says_so_once(
    another_app: Callable[[str], Flask], command: str
) -> None:
    result = another_app(NOBODY_LISTENS).test_cli_runner().invoke(args=command.split())

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: The database cannot be read")
    assert result.output.count("Connection refused") <= 1


@pytest.mark.parametrize("command", ["seats", "seats verify", "demo"])
def test_says_so_in_a_line_and_what_to_do(
    another_app: Callable[[str], Flask], tmp_path: Path, command: str
) -> None:
    result = another_app(sqlite_url(tmp_path)).test_cli_runner().invoke(args=command.split())

    assert result.exit_code == 1
    assert "check DATABASE_URL, and run `flask db upgrade`" in result.output
    assert "Traceback" not in result.output
