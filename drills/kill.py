"""kill -9 at random moments: of the worker in a batch, of commands that import or do a plan."""

import csv
import random
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select

from drills.client import Answer, Client
from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import Server, serving
from drills.settings import ROOT, number
from seatadmin.extensions import begin_write
from seatadmin.lifecycle import SUSPEND
from seatadmin.models import User
from seatadmin.permissions import SYSTEM
from seatadmin.services import status
from seatadmin.services.scope import Selection

ACTIVE = "SELECT count(*) FROM \"user\" WHERE kind = 'participant' AND account_status = 'active'"
CHANGES = "SELECT count(*) FROM change WHERE kind = 'transition'"
ITEMS = "SELECT count(*) FROM change_item"
WAITING = 'SELECT count(*) FROM "user" WHERE plan_id IS NOT NULL'
IN_TURN = ("suspend", "reinstate")
"""All are suspended, then reinstated, then suspended again: each moment begins with its rows."""


def run(place: Place) -> Outcome:
    """Half of the moments in a batch, a quarter in an import, a quarter in a plan; the control."""
    rows, moments = number("kill.rows"), number("kill.moments")
    place.seeded(100, 1, 2)
    chance, wrong, told = random.Random(7), [], []
    _import_all(place, rows)
    commands = max(1, moments // 4)
    with serving(place) as server:
        wrong += _batches(place, server, chance, moments - 2 * commands, told)
    wrong += _imports(place, chance, rows, commands, told)
    wrong += _plans(place, chance, rows, commands, told)
    wrong += place.examined()
    half = _half_way(place)
    found = (
        f"{moments - 2 * commands} batches, {commands} imports and {commands} plans of {rows:,}"
        " rows:"
        f" {told.count('none')} had done nothing, {told.count('all')} all; every one was finished"
        f" once by its repetition; {faults(wrong)}"
    )
    return Outcome(not wrong, found, *half)


def _batches(
    place: Place, server: Server, chance: random.Random, moments: int, told: list[str]
) -> list[str]:
    client, wrong = Client(server.port).signed_in(), []
    longest = _seconds_of_one(client)
    for turn in range(moments):
        name = IN_TURN[turn % 2]
        before, items, changes = place.one(ACTIVE), place.one(ITEMS), place.one(CHANGES)
        request_id = str(uuid.uuid4())
        _killed(server, client, name, request_id, chance.uniform(0.05, longest))
        moved = abs(place.one(ACTIVE) - before)
        recorded = place.one(ITEMS) - items
        told.append("all" if recorded else "none")
        if moved != recorded:
            wrong.append(f"batch {turn}: {moved} rows moved, {recorded} recorded")
        server.wait()
        again = _until_answered(client, name, request_id)
        if again.status != 200 or again.json.get("changed", 0) == 0:
            wrong.append(f"batch {turn}: repeated: {again.status} {again.text[:100]}")
        if (made := place.one(CHANGES) - changes) != 1:
            wrong.append(f"batch {turn}: {made} changes for one request")
        if place.one(ITEMS) - items != again.json.get("changed"):
            wrong.append(f"batch {turn}: not as many recorded as told")
    return wrong


FILTER = {"suspend": "active", "reinstate": "suspended"}


def _act(client: Client, name: str, request_id: str | None = None) -> Answer:
    chosen = {"flt0_program_status_equals": FILTER[name]}
    return client.act(
        name, request_id=request_id, effective_date=date.today().isoformat(), **chosen
    )


def _seconds_of_one(client: Client) -> float:
    """How long an undisturbed batch takes: there, and back."""
    began = time.monotonic()
    for name in IN_TURN:
        answer = _act(client, name)
        if answer.status != 200:
            raise RuntimeError(f"{name}: {answer.status} {answer.text[:500]}")
    return (time.monotonic() - began) / 2


def _killed(server: Server, client: Client, name: str, request_id: str, after: float) -> None:
    with ThreadPoolExecutor(1) as beside:
        beside.submit(_act, client, name, request_id)
        time.sleep(after)
        server.kill_workers()


def _until_answered(client: Client, name: str, request_id: str) -> Answer:
    for _ in range(20):
        answer = _act(client, name, request_id)
        if answer.status not in (0, 503):
            break
        time.sleep(0.5)
    return answer


def _imports(
    place: Place, chance: random.Random, rows: int, moments: int, told: list[str]
) -> list[str]:
    wrong, participants = [], "SELECT count(*) FROM \"user\" WHERE kind = 'participant'"
    longest = 0.0
    for turn in range(moments + 1):
        path = _roster(place, rows, f"turn{turn}")
        before = place.one(participants)
        words = ("import-participants", str(path))
        if turn == 0:
            longest = _undisturbed(place, *words)
            continue
        _cut_short(place, chance.uniform(0.5, longest), *words)
        new = place.one(participants) - before
        told.append("all" if new else "none")
        if new not in (0, rows):
            wrong.append(f"import {turn}: {new} of {rows} rows")
        place.flask(*words)
        if place.one(participants) - before != rows:
            wrong.append(f"import {turn}: repeated, but not {rows} rows")
    return wrong


def _plans(
    place: Place, chance: random.Random, rows: int, moments: int, told: list[str]
) -> list[str]:
    wrong, longest = [], 0.0
    for turn in range(moments + 1):
        _plan(place, rows)
        before, items, changes = place.one(ACTIVE), place.one(ITEMS), place.one(CHANGES)
        words = ("apply-due",)
        if turn == 0:
            longest = _undisturbed(place, *words)
            continue
        _cut_short(place, chance.uniform(0.5, longest), *words)
        done, recorded = before - place.one(ACTIVE), place.one(ITEMS) - items
        told.append("all" if done else "none")
        if done not in (0, rows) or done != recorded:
            wrong.append(f"plan {turn}: {done} of {rows} rows done, {recorded} recorded")
        place.flask(*words)
        ends = (before - place.one(ACTIVE), place.one(CHANGES) - changes, place.one(WAITING))
        if ends != (rows, 1, 0):
            wrong.append(f"plan {turn}: repeated: done, changes, still waiting: {ends}")
    return wrong


def _undisturbed(place: Place, *words: str) -> float:
    """How many seconds a command takes."""
    began = time.monotonic()
    place.flask(*words)
    return time.monotonic() - began


def _cut_short(place: Place, seconds: float, *words: str) -> None:
    process = place.flask_process(*words)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _plan(place: Place, rows: int) -> None:
    """Plan yesterday, as it were, that so many are suspended today."""
    first = select(User.id).where(User.program_status.in_(SUSPEND.sources)).order_by(User.id)
    selection = Selection(matching=User.id.in_(first.limit(rows)))
    with place.session() as session:
        begin_write(session)
        asked = status.order(session, SYSTEM, SUSPEND, selection)
        status.perform(session, replace(asked, planned=True))
        session.commit()


def _import_all(place: Place, rows: int) -> None:
    place.flask("import-participants", str(_roster(place, rows, "first")))


def _roster(place: Place, rows: int, name: str) -> Path:
    path = place.folder / f"{name}.csv"
    with place.engine.connect() as connection:
        employer = connection.exec_driver_sql("SELECT name FROM employer ORDER BY id").scalar()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("apprentice_number", "first_name", "last_name", "employer"))
        writer.writerows((f"{name}-{row}", "Ann", f"Number {row}", employer) for row in range(rows))
    return path


def _half_way(place: Place) -> tuple[str, bool]:
    """A writer that commits every 500 rows, killed likewise."""
    process = subprocess.Popen(
        [sys.executable, "-m", "drills.piecemeal", place.url], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()  # the first piece is in
    process.send_signal(signal.SIGKILL)
    process.communicate()
    noted = "status_note = 'piecemeal'"
    done = place.one(f'SELECT count(*) FROM "user" WHERE {noted}')
    rows = place.one("SELECT count(*) FROM \"user\" WHERE kind = 'participant'")
    return f"a writer that commits piece by piece: {done:,} of {rows:,} rows done", 0 < done < rows


DRILL = Drill(
    "kill -9 at random moments of a batch (the worker), an import or a plan (the commands)",
    "all or nothing; audited as changed; the same request_id, or the next run, finishes it once",
    run,
)
