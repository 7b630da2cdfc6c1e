"""The goals, in the order of their table, and what is compared with them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit per database, in `unit` ("x" is a ratio to the floor)."""

    task: str
    limits: Mapping[str, float]
    unit: str = "x"


@dataclass(frozen=True, slots=True)
class Result:
    """One measured task: the value that is compared with the goal, and how it came about."""

    goal: str
    task: str
    value: float
    detail: str = ""


def _goal(task: str, sqlite: float, pg: float, unit: str = "x") -> Goal:
    return Goal(task, {"sqlite": sqlite, "pg": pg}, unit)


GOALS: Mapping[str, Goal] = {
    "list": _goal("list of 50, any offered sort; deep page (90 % in), next and previous", 3, 4),
    "filter": _goal("filter: status + employer; status + sponsor; out of step; any two", 4, 4),
    "frequent": _goal("search, frequent part of a name", 6, 10),
    "rare": _goal("search, rare or absent; full e-mail; apprentice number; short", 5, 5),
    "seats": _goal("seat usage page", 3, 3),
    "header": _goal("seat count in the header", 3, 3),
    "profile": _goal("profile open; edit open; edit save", 6, 6),
    "cancel": _goal("cancel 1,000 / 10,000 / 100,000 / all of 500,000, with audit", 1.2, 1.2),
    "export": _goal("CSV of everything: wall", 1.2, 1.2),
    "export_memory": _goal("CSV of everything: growth of the worker", 20, 20, "MB"),
    "import_dry": _goal("import of 100,000 rows: dry run", 2, 2, "s"),
    "import": _goal("import of 100,000 rows: apply", 6, 6, "s"),
    "seed": _goal("seed of 1 million", 60, 60, "s"),
    "growth": _goal("10 million against 10 thousand, the same page", 1.5, 1.5),
    "weight": _goal("page of 50 rows, all controls", 25, 25, "KB"),
    "gzip": _goal("page of 50 rows, compressed", 5, 5, "KB"),
    "start": _goal("cold start to first page", 0.5, 0.6, "s"),
    "beside": _goal("list while a batch of 100,000 or an import runs, against alone", 2, 2),
}
