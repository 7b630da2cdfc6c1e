"""Twenty people write to one SQLite file."""

import sqlite3
import threading
import time

from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import serving
from drills.settings import number
from drills.writing import Writers, prepared, reconciled, statuses, times_changed

WRITERS = 20


def run(place: Place) -> Outcome:
    """Through two workers; then the control."""
    people = prepared(place)
    before, seconds = times_changed(place), number("writers.seconds")
    with serving(place, workers=2) as server, Writers([server.port], people, WRITERS) as writers:
        time.sleep(seconds)
    told = writers.told
    wrong = reconciled(place, told, before) + place.examined()
    if told.faults:
        wrong.append(f"{told.faults} answers were neither 2xx nor 503")
    found = (
        f"{WRITERS} writers for {seconds} s: {statuses(told)}; {len(told.changes):,} acknowledged"
        f" changes, all there once; slowest answer {told.slowest:.1f} s; {faults(wrong)}"
    )
    return Outcome(not wrong, found, *_impatient(place))


def _impatient(place: Place) -> tuple[str, bool]:
    """Writers that read first and do not wait for their turn."""
    path, locked = place.url.removeprefix("sqlite:///"), []

    def write() -> None:
        with sqlite3.connect(path, timeout=0, isolation_level=None) as connection:
            for _ in range(20):
                try:
                    connection.execute("BEGIN")
                    connection.execute("SELECT count(*) FROM sponsor").fetchone()
                    time.sleep(0.005)
                    connection.execute("UPDATE sponsor SET version = version + 1 WHERE id = 1")
                    connection.execute("COMMIT")
                except sqlite3.OperationalError as error:
                    locked.append(str(error))
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"without BEGIN IMMEDIATE and its wait, {len(locked)} of 400 writes fail", bool(locked)


DRILL = Drill(
    "20 writers on one SQLite file", "0 x 500, no acknowledged change lost", run, ("sqlite",)
)
