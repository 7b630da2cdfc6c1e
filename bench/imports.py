"""Importing 100,000 rows by the command, dry and for good, each time on a fresh copy."""

# ruff: noqa: S608 (statements are put together from names and numbers of our own)

import csv
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import Store, flask
from bench.goals import Result
from bench.raw import Raw, connected
from bench.settings import CACHE, Environment

LINES, KNOWN, ENDED = 100_000, 80_000, 20_000
"""Lines in all; those about participants who are there; those of them whose program ends."""

ROUNDS = 3
HEAD = (
    *("apprentice_number", "first_name", "last_name", "email", "sponsor", "employer"),
    *("occupation", "registration_date", "expected_completion_date"),
    *("program_status", "status_date", "cancellation_reason", "status_note"),
)
PEOPLE = f"""SELECT u.apprentice_number, u.first_name, u.last_name, u.email, s.name, e.name,
    u.occupation, u.registration_date, u.expected_completion_date, u.program_status,
    u.status_date, u.cancellation_reason, u.status_note
FROM "user" u JOIN employer e ON e.id = u.employer_id JOIN sponsor s ON s.id = u.sponsor_id
WHERE u.kind = 'participant' ORDER BY u.id LIMIT {KNOWN}"""


def measure(store: Store, size: str) -> Iterator[Result]:
    """The whole command's time, the start of Python included."""
    dry, real, began = [], [], _processor()
    for _ in range(ROUNDS):
        with roster(store, size) as (place, path):
            dry.append(imported(place, path, "--dry-run"))
            real.append(imported(place, path))
    spent = (_processor() - began) / ROUNDS
    detail = f"{LINES:,} lines: 60 % the same, 20 % cancelled, 20 % new; both took {spent:.1f} s"
    detail += " of processor time"
    yield Result("import_dry", "import, dry run", median(dry), detail)
    yield Result("import", "import, apply", median(real), detail)


def _processor() -> float:
    """Seconds of processor that ended commands have used: what a busy machine stretches less."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def roster(store: Store, size: str) -> Iterator[tuple[Environment, Path]]:
    """A copy of the data without seat limits, and a file to import into it."""
    path = CACHE / "roster.csv"
    with store.copied(size) as place:
        with connected(place) as raw:
            raw.run("UPDATE sponsor SET seat_limit = NULL")
            raw.run("UPDATE employer SET seat_limit = NULL")
            _write(path, raw)
        yield place, path


def imported(place: Environment, path: Path, *options: str) -> float:
    """Seconds of `flask import-participants`, which must refuse no line."""
    words = ("import-participants", str(path), "--format", "json", *options)
    began = time.perf_counter()
    answer = json.loads(flask(place, *words, check=False))
    took = time.perf_counter() - began
    if answer["refused"]:
        raise RuntimeError(f"{len(answer['refused'])} lines were refused: {answer['refused'][0]}")
    return took


def _write(path: Path, raw: Raw) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        people = raw.run(PEOPLE).fetchall()
        writer.writerows(_with_some_ended(people))
        writer.writerows(_new(people, LINES - len(people)))


def _with_some_ended(people: list[tuple[Any, ...]]) -> Iterator[list[Any]]:
    ended = 0
    for number, person in enumerate(people):
        row = list(person)
        if row[9] == "active" and ended < ENDED and number % 2:
            ended += 1
            row[9:12] = ["cancelled", row[10], "left_employment"]
        yield row


def _new(people: list[tuple[Any, ...]], count: int) -> Iterator[list[Any]]:
    for number, person in enumerate(islice(cycle(people), count)):
        own = [f"NEW-{number:07}", *person[1:3], f"new.{number}@example.org"]
        yield [*own, *person[4:9], "active", "", "", ""]
