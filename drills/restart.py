"""PostgreSQL is restarted at once, again and again, under ten clients."""

import time

from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import serving
from drills.settings import number
from drills.writing import Told, Writers, prepared, reconciled, statuses, times_changed

CLIENTS = 10


def run(place: Place) -> Outcome:
    """With what is acknowledged on the disk; then the control, without."""
    people = prepared(place)
    half = len(people) // 2
    seconds = number("restart.seconds")
    before = times_changed(place)
    told, restarts = _under_restarts(place, people[:half], seconds)
    wrong = reconciled(place, told, before) + place.examined()
    if told.faults:
        wrong.append(f"{told.faults} answers were neither 2xx nor 503")
    found = (
        f"{restarts} restarts in {seconds} s: {statuses(told)}; {len(told.changes):,} acknowledged"
        f" changes, all there once; longest without one {told.gap:.1f} s; {faults(wrong)}"
    )
    return Outcome(not wrong, found, *_forgetful(place, people[half:]))


def _under_restarts(place: Place, people: list[int], seconds: float) -> tuple[Told, int]:
    restarts, every = 0, number("restart.every")
    with serving(place, workers=2) as server, Writers([server.port], people, CLIENTS) as writers:
        end = time.monotonic() + seconds
        while time.monotonic() + every / 2 < end:
            time.sleep(every / 2)
            place.pg_ctl("-m", "immediate", "restart")
            restarts += 1
            time.sleep(every / 2)
    return writers.told, restarts


def _forgetful(place: Place, people: list[int]) -> tuple[str, bool]:
    """The same, once, with a server that acknowledges before it has written."""
    for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'"):
        with place.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting}")
    place.pg_ctl("-m", "fast", "restart")
    before = times_changed(place)
    with serving(place, workers=2) as server, Writers([server.port], people, CLIENTS) as writers:
        time.sleep(4)
        place.pg_ctl("-m", "immediate", "restart")
        time.sleep(2)
    after, told = times_changed(place), writers.told
    count = sum(
        max(0, times - (after[person] - before[person])) for person, times in told.subjects.items()
    )
    return f"with synchronous_commit off, {count} acknowledged changes are lost", count > 0


DRILL = Drill(
    "PostgreSQL `restart -m immediate` under 10 clients",
    "only 2xx and 503; every 2xx is there afterwards, once",
    run,
    ("pg",),
)
