"""`python -m drills [drill …]`: SCALE is quick, session (default) or full; DB is sqlite or pg.

Prints each result, and writes it into docs/reliability.md. Ends with 1 when one did not hold.
"""

import os
import sys
import time
import traceback
from importlib import import_module

from drills import report
from drills.outcome import Drill, Outcome
from drills.places import place
from drills.settings import DATABASES, SCALE, SCALES

NAMES = (
    *("seats", "kill", "restart", "patroni", "writers"),
    *("disk", "clock", "staff", "bad", "machine"),
)


def main(asked: list[str]) -> None:
    """Run the drills asked for, or all."""
    if unknown := set(asked) - set(NAMES):
        sys.exit(f"There is no {', '.join(sorted(unknown))}: {', '.join(NAMES)}.")
    if SCALE not in SCALES:
        sys.exit(f"SCALE is one of {', '.join(SCALES)}.")
    only = os.environ.get("DB")
    broken = 0
    for name in asked or NAMES:
        drill: Drill = import_module(f"drills.{name}").DRILL
        for database in [only] if only else DATABASES:
            if database in drill.databases:
                outcome = _run(name, database, drill)
                report.keep(name, database, drill, outcome)
                broken += outcome.verdict not in ("held", "skipped")
    sys.exit(1 if broken else 0)


def _run(name: str, database: str, drill: Drill) -> Outcome:
    print(f"{name}, {database}: {drill.fault}", flush=True)
    began = time.monotonic()
    try:
        with place(database) as broken:
            outcome = drill.run(broken)
    except Exception as error:  # a drill that breaks down has not held
        traceback.print_exc()
        outcome = Outcome(False, f"The drill broke down: {error!r}"[:500], control_failed=True)
    took = time.monotonic() - began
    print(f"  {outcome.verdict} ({took:.0f} s): {outcome.found}", flush=True)
    print(f"  control: {outcome.control}", flush=True)
    return outcome


if __name__ == "__main__":
    main(sys.argv[1:])
