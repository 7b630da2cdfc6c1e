"""Measured each by itself: the header's count of seats, weight of a page, start, seed, growth."""

import gzip
import time
from collections.abc import Callable, Iterator
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from bench.client import Client
from bench.data import Store, seconds
from bench.goals import Result
from bench.pages import addresses
from bench.raw import connected
from bench.samples import samples
from bench.serving import FLOOR, serving
from bench.settings import EMAIL, SIZES, Environment
from bench.timing import Task, round_robin
from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.services.seats import own_usage

KB = 1_000
STARTS, HEADER_ROUNDS = 5, 300
SMALL, LARGE = "10k", 1_000_000
"""What large sizes are compared with, and from how many participants on a size is large."""

GROWING = ("list by", "deep by", "filter", "search", "seat usage")
BARE_COUNT = """SELECT (SELECT sum(active) FROM seat_count),
    sum(seat_limit), count(seat_limit), count(*) FROM sponsor"""


def header(place: Environment) -> Iterator[Result]:
    """The count that every page shows, beside the same sums as one bare statement."""
    app = create_app(place.variables())
    with app.app_context(), connected(place) as raw:
        actor = db.session.scalars(select(User).where(User.email == EMAIL)).one().actor
        session: Session = db.session
        tasks = {
            "product": _timed(lambda: own_usage(session, actor)),
            "floor": _timed(lambda: raw.run(BARE_COUNT).fetchone()),
        }
        timings = round_robin(tasks, HEADER_ROUNDS)
        session.close()
        db.engine.dispose()
    ours, floor = timings["product"], timings["floor"]
    detail = f"{ours} ms, bare SQL {floor}"
    yield Result("header", "count of seats, without a page", ours.p50 / floor.p50, detail)


def weight(place: Environment) -> Iterator[Result]:
    """Bytes of a list page as it is, and as it travels."""
    with serving(place) as server:
        staff = Client(server.port).sign_in()
        page = staff.get("/admin/participant/?page_size=50", **{"Accept-Encoding": "gzip"})
    packed = page.headers.get("Content-Encoding") == "gzip"
    body = gzip.decompress(page.body) if packed else page.body
    small = len(page.body) if packed else len(gzip.compress(body, 6))
    told = "by the product" if packed else "level 6, as a proxy would: the product sends it plain"
    yield Result("weight", "list of 50", len(body) / KB)
    yield Result("gzip", "list of 50, gzip", small / KB, told)


def start(place: Environment) -> Iterator[Result]:
    """From starting gunicorn to the first page."""
    ours, floor = [], []
    for _ in range(STARTS):
        with serving(place) as product, serving(place, FLOOR, "/") as hello:
            ours.append(product.seconds_to_first_page)
            floor.append(hello.seconds_to_first_page)
    detail = f"the floor's own {median(floor):.2f} s"
    yield Result("start", "start until /login answers", median(ours), detail)


def seeding(store: Store, size: str) -> Iterator[Result]:
    """How long making large data took, when it was made, as for a million."""
    took = seconds(store.ready(size))
    if took is not None and SIZES[size] >= LARGE:
        whole = took * LARGE / SIZES[size]
        yield Result("seed", f"seed of {size}", whole, f"{took:.0f} s in all")


def growth(store: Store, size: str) -> Iterator[Result]:
    """A large size's pages as times of the smallest one's, in turn."""
    if SIZES[size] < LARGE:
        return
    small, large = store.ready(SMALL), store.ready(size)
    with serving(small) as few, serving(large) as many:
        tasks: dict[str, Task] = {}
        for name, server, place in ((SMALL, few, small), (size, many, large)):
            staff = Client(server.port).sign_in()
            for _, page, path in addresses(samples(place)):
                if page.startswith(GROWING):
                    tasks[f"{name} {page}"] = _getting(staff, path)
        timings = round_robin(tasks)
    for task in tasks:
        page = task.removeprefix(f"{SMALL} ")
        if page != task:
            before, after = timings[task], timings[f"{size} {page}"]
            detail = f"{after} ms, {SMALL} {before}"
            yield Result(
                "growth", f"{size} against {SMALL}: {page}", after.p50 / before.p50, detail
            )


def _getting(client: Client, path: str) -> Task:
    return lambda: client.get(path).seconds


def _timed(work: Callable[[], object]) -> Task:
    def task() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return task
