"""The CSV of everything: its time beside bare SQL and `csv`, and what it adds to the worker."""

import csv
import os
import time
from collections.abc import Iterator
from statistics import median

from bench.client import Client
from bench.goals import Result
from bench.raw import connected
from bench.serving import serving
from bench.settings import Environment
from seatadmin.services.fields import guard

ROUNDS, CHUNK = 3, 2_000
MB = 1_000_000
EXPORT = "/admin/participant/export/csv/"
ROWS = """SELECT u.apprentice_number, u.first_name, u.last_name, u.email, s.name, e.name,
    u.occupation, u.registration_date, u.expected_completion_date, u.program_status,
    u.status_date, u.cancellation_reason, u.status_note, u.account_status
FROM "user" u JOIN employer e ON e.id = u.employer_id JOIN sponsor s ON s.id = u.sponsor_id
WHERE u.kind = 'participant'"""
IN_ORDER = f"{ROWS} ORDER BY u.name_key, u.id"


def measure(place: Environment) -> Iterator[Result]:
    """The floor reads in whatever order is quickest; the list's order is told beside it."""
    ours, bare, ordered, growth = [], [], [], []
    with serving(place) as server:
        staff = Client(server.port).sign_in()
        for _ in range(ROUNDS):
            server.forget_peak()
            before = server.memory()
            answer = staff.get(EXPORT)
            growth.append(server.memory("VmHWM") - before)
            ours.append(answer.seconds)
            bare.append(by_bare_sql(place, ROWS))
            ordered.append(by_bare_sql(place, IN_ORDER))
    floor = median(bare)
    detail = f"{median(ours):.1f} s; bare SQL {floor:.1f} s, in the list's order"
    detail += f" {median(ordered):.1f} s; {len(answer.body) / MB:,.0f} MB"
    yield Result("export", "CSV of everything", median(ours) / floor, detail)
    yield Result("export_memory", "growth while exporting", max(growth) / MB, "most of all rounds")


def by_bare_sql(place: Environment, statement: str) -> float:
    """Seconds of reading all rows and writing them as guarded CSV to nowhere."""
    began = time.perf_counter()
    with connected(place) as raw, open(os.devnull, "w", newline="") as nowhere:
        writer = csv.writer(nowhere)
        for rows in raw.rows(statement, CHUNK):
            writer.writerows(
                [guard(value) if isinstance(value, str) else value for value in row] for row in rows
            )
    return time.perf_counter() - began
