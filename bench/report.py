"""The results as Markdown: goals first, then every task; the last ones stay in RESULTS.md."""

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.goals import GOALS, Goal, Result
from bench.raw import connected
from bench.settings import RESULTS, ROOT, Environment

TITLE = """# Measured speed

Written by `make bench`; a run replaces the part of its size and database. Times of a task are
least / p50 / p95, in milliseconds, of one client that keeps its connection, beside the floor in the
same minutes. A ratio is one of p50. See `docs/decisions/` for what was chosen by these figures.
Machines with the same name differ by a factor of two: compare parts by their floors.
"""


def part(size: str, store: str, place: Environment, results: Sequence[Result]) -> str:
    """One size on one database."""
    lines = [
        f"## {size}, {store}",
        f"{_now()}, commit {_commit()}, `SIZE={size} DB={store} make bench`, on {_machine(place)}.",
        _table("| goal | limit | worst | | task |", _goals(store, results)),
        _table("| task | value | how |", _tasks(results)),
    ]
    return "\n\n".join(lines) + "\n"


def keep(text: str, path: Path = RESULTS) -> None:
    """Put a part into the results, in the place of the last one with its heading."""
    old = path.read_text() if path.exists() else TITLE
    _head, *parts = re.split(r"^(?=## )", old, flags=re.MULTILINE)
    kept = {one.splitlines()[0]: one.rstrip() + "\n" for one in parts}
    kept[text.splitlines()[0]] = text
    path.write_text("\n".join([TITLE, *(kept[heading] for heading in sorted(kept))]))


def _goals(store: str, results: Sequence[Result]) -> Iterator[str]:
    for name, goal in GOALS.items():
        found = [result for result in results if result.goal == name]
        limit = goal.limits[store]
        if found:
            worst = max(found, key=lambda result: result.value)
            verdict = "pass" if worst.value <= limit else "**over**"
            shown = f"{limit:g} {goal.unit} | {_value(worst, goal)}"
            yield f"| {goal.task} | {shown} | {verdict} | {worst.task} |"


def _tasks(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        yield f"| {result.task} | {_value(result, GOALS[result.goal])} | {result.detail} |"


def _value(result: Result, goal: Goal) -> str:
    return f"{result.value:,.{2 if result.value < 10 else 1}f} {goal.unit}"


def _table(head: str, rows: Iterator[str]) -> str:
    return "\n".join([head, re.sub(r"[^|]+", "---", head), *rows])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _commit() -> str:
    name = _git("rev-parse", "--short", "HEAD") or "unknown"
    changed = _git("status", "--porcelain", "--", "app.py", "seatadmin", "templates", "migrations")
    return f"{name} with changes" if changed else name


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip()


def _machine(place: Environment) -> str:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = int(memory[1]) / 1_048_576 if memory else 0
    return (
        f"{os.cpu_count()} cores, {gigabytes:.0f} GB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, {_database(place)}"
    )


def _database(place: Environment) -> str:
    with connected(place) as raw:
        if raw.is_sqlite:
            return f"SQLite {sqlite3.sqlite_version}"
        [(version,)] = raw.run("SHOW server_version").fetchall()
        return f"PostgreSQL {version}"
