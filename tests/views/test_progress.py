"""The share of work that is done …"""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask_login import login_user

from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.views import progress
from tests.views.browsing import Person
from tests.views.conftest import World

PATH = "/admin/import/progress/"
ID = "3f0c0f5e-2a6b-4e0e-9a8e-1d5a4a1c9f11"


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(app, "instance_path", str(tmp_path))
    return tmp_path / "progress"


def test_is_told_to_whoever_holds_the_id_of_the_request_and_to_nobody_else(
    app: Flask, regulator: Person, sponsor_staff: Person, world: World, folder: Path
) -> None:
    with ExitStack() as work:
        with app.test_request_context(f"/?request_id={ID}"):
            login_user(db.session.get(User, world.acme_staff))
            report = work.enter_context(progress.told())
            report(1, 4, "Reading")
            report(2, 4, "Writing")
        mine, others = (one.get(PATH, id=ID).json for one in (sponsor_staff, regulator))
    assert mine == {"done": 2, "total": 4, "what": "Writing"}
    assert others == {}
    assert sponsor_staff.get(PATH, id=ID).json == {}
    assert list(folder.iterdir()) == []


def test_of_killed_workers_is_swept_away_and_none_is_written_without_an_id(
    sponsor_staff: Person, world: World, folder: Path
) -> None:
    folder.mkdir()
    (folder / "abandoned").write_text("{}")
    os.utime(folder / "abandoned", times=(0, time.time() - progress.ABANDONED - 1))
    sponsor_staff.act("/admin/participant/", "cancel", world.active["north"])
    assert (folder / "abandoned").exists()
    sponsor_staff.act("/admin/participant/", "cancel", world.active["south"], request_id=ID)
    assert list(folder.iterdir()) == []


def test_that_cannot_be_written_stops_no_work(
    sponsor_staff: Person, world: World, folder: Path
) -> None:
    folder.write_text("a file where the folder should be")
    answer = sponsor_staff.act(
        "/admin/participant/", "cancel", world.active["north"], request_id=ID
    )
    assert answer.json["changed"] == 1
