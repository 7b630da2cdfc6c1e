"""Reading beside a writer: the list alone, while a batch runs, and while an import runs."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bench.batches import Batch, cancel, planned
from bench.client import Client
from bench.data import Store
from bench.goals import Result
from bench.imports import imported, roster
from bench.raw import connected
from bench.serving import serving
from bench.settings import Environment
from bench.timing import Timing
from bench.timing import ms as milliseconds

PAGE = "/admin/participant/"
ALONE, AT_MOST = 3.0, 100_000
"""Seconds of reading alone; rows of the batch (the largest that the data has up to here)."""


def measure(store: Store, size: str) -> Iterator[Result]:
    """The import is a process of its own; the batch is another request to the same process."""
    with roster(store, size) as (place, path), serving(place) as server:
        reader, writer = Client(server.port).sign_in(), Client(server.port).sign_in()
        alone = reading(reader, lambda: time.sleep(ALONE))
        yield from _compared("import", reading(reader, lambda: imported(place, path)), alone)
        batch = _largest(place)
        busy = reading(reader, lambda: cancel(writer, batch))
        yield from _compared(f"cancel of {batch.count:,}", busy, alone)


def reading(reader: Client, work: Callable[[], object]) -> Timing:
    """Read the list again and again until `work`, beside it, is done."""
    samples = []
    with ThreadPoolExecutor(1) as beside:
        under_way = beside.submit(work)
        while not under_way.done():
            samples.append(reader.get(PAGE).seconds)
        under_way.result()
    return Timing.of(samples)


def _largest(place: Environment) -> Batch:
    with connected(place) as raw:
        small_enough = [batch for batch in planned(raw) if batch.count < 2 * AT_MOST]
    return max(small_enough, key=lambda batch: batch.count)


def _compared(name: str, busy: Timing, alone: Timing) -> Iterator[Result]:
    detail = f"{busy} ms, the longest {milliseconds(busy.worst)}; alone {alone}"
    yield Result("beside", f"list beside {name}, p50", busy.p50 / alone.p50, detail)
    yield Result("beside", f"list beside {name}, p95", busy.p95 / alone.p95, detail)
