"""docs/reliability.md: a row per drill and database; a run replaces its own."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from drills.outcome import Drill, Outcome
from drills.settings import REPORT, ROOT, SCALE

TITLE = """# Reliability

What happens to Seat Admin when something breaks: faults made on purpose, on {machine}. Written by
`make drill`; each row tells when and at which scale it was run (`SCALE=quick`, `session`, `full`).
Every drill has a control, the same fault without what protects from it, and the control must fail:
a drill whose control passes proves nothing. Failures stay in the table until a run replaces them.

| drill | database | result | what must hold | what was found | its control | run |
|---|---|---|---|---|---|---|
"""


def keep(name: str, database: str, drill: Drill, outcome: Outcome) -> None:
    """Put a result into the table."""
    rows = dict(_rows(REPORT.read_text())) if REPORT.exists() else {}
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    run = f"{when} UTC, commit {_commit()}, `SCALE={SCALE} make drill ARGS={name}`"
    cells = (
        f"{name}: {drill.fault}",
        database,
        outcome.verdict,
        drill.must,
        outcome.found,
        outcome.control,
        run,
    )
    rows[cells[0], database] = "| " + " | ".join(map(_cell, cells)) + " |"
    text = TITLE.format(machine=_machine()) + "\n".join(rows[key] for key in sorted(rows)) + "\n"
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text)


def _rows(text: str) -> list[tuple[tuple[str, str], str]]:
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
        if len(cells) > 5 and cells[1] not in ("drill", "---"):
            found.append(((cells[1], cells[2]), line))
    return found


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"


def _machine() -> str:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = int(memory[1]) / 1_048_576 if memory else 0
    return (
        f"{os.cpu_count()} cores, {gigabytes:.0f} GB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}"
    )
