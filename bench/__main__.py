"""`python -m bench [section …]`: SIZE is 10k, 100k (default), 1m or 10m; DB is sqlite or pg.

Without sections all are measured, and bench/RESULTS.md keeps the results.
"""

import compileall
import os
import sys
from collections.abc import Callable, Iterator, Mapping

from bench import batches, beside, exports, imports, pages, report, smaller
from bench.data import STORES, Store
from bench.goals import Result
from bench.samples import samples
from bench.settings import DATABASES, ROOT, SIZES


def _pages(store: Store, size: str) -> Iterator[Result]:
    """On a copy, because saving a form changes a row."""
    known = samples(store.ready(size))
    with store.copied(size) as place:
        yield from pages.measure(place, known)


SECTIONS: Mapping[str, Callable[[Store, str], Iterator[Result]]] = {
    "pages": _pages,
    "header": lambda store, size: smaller.header(store.ready(size)),
    "weight": lambda store, size: smaller.weight(store.ready(size)),
    "start": lambda store, size: smaller.start(store.ready(size)),
    "batches": batches.measure,
    "export": lambda store, size: exports.measure(store.ready(size)),
    "import": imports.measure,
    "beside": beside.measure,
    "growth": smaller.growth,
    "seed": smaller.seeding,
}

LARGEST = {"10m": ("header", "growth", "seed")}
"""Of the largest size, what its goal is about: its pages, beside those of the smallest."""


def main(asked: list[str]) -> None:
    """Measure, print, and keep the results of a whole run."""
    size = _one_of("SIZE", SIZES, "100k")
    database = os.environ.get("DB")
    compileall.compile_dir(ROOT / "seatadmin", quiet=2)  # as an installed product is
    names = [_one_of("DB", DATABASES, "")] if database else list(DATABASES)
    if unknown := set(asked) - set(SECTIONS):
        sys.exit(f"There is no {', '.join(unknown)}: {', '.join(SECTIONS)}.")
    for name in names:
        store = STORES[name]()
        results = [*_measured(store, size, asked or list(LARGEST.get(size, SECTIONS)))]
        text = report.part(size, name, store.ready(size), results)
        print(text, flush=True)
        if not asked:
            report.keep(text)


def _measured(store: Store, size: str, sections: list[str]) -> Iterator[Result]:
    for section in sections:
        print(f"{size} {store.name}: {section}", file=sys.stderr, flush=True)
        yield from SECTIONS[section](store, size)


def _one_of(name: str, known: Mapping[str, object] | tuple[str, ...], default: str) -> str:
    given = os.environ.get(name) or default
    if given not in known:
        sys.exit(f"{name} is one of {', '.join(known)}, not {given}.")
    return given


if __name__ == "__main__":
    main(sys.argv[1:])
