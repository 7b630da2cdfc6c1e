"""The disk is full in the middle of a batch and of an import: a small tmpfs, filled on purpose."""

import csv
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.client import Client
from drills.outcome import Drill, Outcome, faults
from drills.places import Place, place
from drills.serving import serving
from drills.settings import FOLDER, number

SIZE = 400 * 1024 * 1024
LEFT = {"sqlite": 1_000_000, "pg": 1_000_000}
"""Bytes that the batch finds free."""

ACTIVE = "SELECT count(*) FROM \"user\" WHERE kind = 'participant' AND account_status = 'active'"


def run(_place: Place) -> Outcome:
    """On a tmpfs of its own, PostgreSQL's log of writes beside it on another disk."""
    if os.geteuid() != 0:
        return Outcome(None, "needs root, to mount a small tmpfs")
    with _small_disk() as disk:
        if disk is None:
            return Outcome(None, "a tmpfs cannot be mounted here")
        with place(_place.kind, disk / "data") as small:
            return _drill(small, disk)


def _drill(small: Place, disk: Path) -> Outcome:
    small.seeded(number("disk.participants"), 2, 10)
    roster = _roster(small)
    elsewhere = FOLDER / "wal"
    if small.server:
        _move_wal(small, elsewhere)
    wrong, told = [], []
    with serving(small) as server:
        client = Client(server.port).signed_in()
        ballast = _fill(disk, LEFT[small.kind])
        before, request_id = small.one(ACTIVE), str(uuid.uuid4())
        refused = client.act("cancel", request_id=request_id)
        reads = [
            client.get(page).status for page in ("/admin/participant/", "/admin/", "/admin/change/")
        ]
        imported = small.flask("import-participants", str(roster), check=False)
        told.append(f"batch {refused.status}, reads {reads}, import {imported[:6]}")
        if refused.status != 503:
            wrong.append(f"the batch answered {refused.status}: {refused.text[:200]}")
        if set(reads) != {200}:
            wrong.append(f"reads answered {reads}")
        if not imported.startswith("exit") or "Traceback" in imported:
            wrong.append(f"the import said {imported[-300:]}")
        ballast.unlink()
        if (left := small.one(ACTIVE)) != before:
            wrong.append(f"{before - left} rows were changed all the same")
        again = client.act("cancel", request_id=request_id)
        told.append(f"with room again: batch {again.status}")
        if again.status != 200 or again.json["changed"] < before:
            wrong.append(f"with room the batch answered {again.status}: {again.text[:200]}")
        small.flask("import-participants", str(roster))
    wrong += small.examined()
    shutil.rmtree(elsewhere, ignore_errors=True)
    control = "the same batch and import, repeated with room, are done: it was the disk"
    return Outcome(not wrong, f"{'; '.join(told)}; {faults(wrong)}", control, again.status == 200)


def _move_wal(small: Place, elsewhere: Path) -> None:
    """As operations.md wants it: without room for its log of writes the server would stop."""
    assert small.server is not None
    small.pg_ctl("-m", "fast", "stop")
    shutil.rmtree(elsewhere, ignore_errors=True)
    wal = small.server.pgdata / "pg_wal"
    shutil.copytree(wal, elsewhere)
    owner = wal.stat()
    for path in (elsewhere, *elsewhere.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    shutil.rmtree(wal)
    wal.symlink_to(elsewhere)
    small.server.start()


def _fill(disk: Path, left: int) -> Path:
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - left)
    return ballast


def _roster(small: Place) -> Path:
    path = FOLDER / "roster.csv"
    with small.engine.connect() as connection:
        employer = connection.exec_driver_sql("SELECT name FROM employer ORDER BY id").scalar()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("apprentice_number", "first_name", "last_name", "employer"))
        writer.writerows((f"D-{row}", "Ann", f"Number {row}", employer) for row in range(10_000))
    return path


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    disk = FOLDER / "disk"
    disk.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    if subprocess.run(command, check=False).returncode:
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


DRILL = Drill(
    "the disk is full during a batch and an import",
    "refused with 503, reads go on, it recovers by itself",
    run,
)
