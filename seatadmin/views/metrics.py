"""`/metrics` for Prometheus: off unless METRICS is set, and only for who may read it.

Several workers add up through files in PROMETHEUS_MULTIPROC_DIR (see docs/operations.md). The
library is imported for the first line that is counted, after that answer has been sent.
"""

import hmac
import os
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from itertools import islice
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request

from seatadmin.extensions import db
from seatadmin.services import recount
from seatadmin.views.logs import Line

MOST_SPONSORS = 1_000
"""Of how many sponsors seats are told: a series each, and a watcher pays by the series."""

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

STATUS_WHY = {
    400: "unreadable",
    403: "not_permitted",
    404: "not_found",
    405: "not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid",
}

metrics = Blueprint("metrics", __name__)


def watchers(app: Flask) -> tuple[Any, ...]:
    """Who counts each request of `app`: nobody, unless METRICS is set."""
    return (lambda line: _counters().count(line),) if app.config["METRICS"] else ()


@metrics.get("/metrics")
def show() -> Response:
    """Counters since the start, and the seats of sponsors as they are now."""
    if not current_app.config["METRICS"] or not _may_read():
        abort(404)
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    text = generate_latest(_counters().registry()) + generate_latest(_SeatsNow())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    """With the token, or from an allowed address. An address that a proxy only claims is none."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if "X-Forwarded-For" in request.headers and not current_app.config["PROXY_COUNT"]:
        return False
    try:
        sender = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(sender in network for network in current_app.config["METRICS_FROM"])


class _Counters:
    """What this process has seen."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        own = self._own = CollectorRegistry()
        name = "seatadmin"
        self._requests = Counter(
            "requests", "Answers.", ("route", "method", "status"), namespace=name, registry=own
        )
        self._seconds = Histogram(
            "request_seconds",
            "Until the last byte was sent.",
            ("route", "method"),
            namespace=name,
            registry=own,
            buckets=BUCKETS,
        )
        self._statements = Counter(
            "statements", "SQL statements.", ("route",), namespace=name, registry=own
        )
        self._refusals = Counter(
            "refusals", "Requests and rows refused.", ("why",), namespace=name, registry=own
        )
        self._throttled = Counter(
            "throttled", "Too many attempts.", ("route",), namespace=name, registry=own
        )

    def count(self, line: Line) -> None:
        """Add one request. An address without a route is counted under one name."""
        route = line.route or "none"
        self._requests.labels(route, line.method, line.status).inc()
        self._seconds.labels(route, line.method).observe(line.seconds)
        self._statements.labels(route).inc(line.statements)
        if line.status == 429:
            self._throttled.labels(route).inc()
        elif why := STATUS_WHY.get(line.status):
            self._refusals.labels(why).inc()
        for why, rows in line.refused.items():
            self._refusals.labels(why).inc(rows)

    def registry(self) -> Any:
        """Of all workers, where they share a folder; else of this one."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return self._own
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        every = CollectorRegistry()
        MultiProcessCollector(every)
        return every


@cache
def _counters() -> _Counters:
    return _Counters()


class _SeatsNow:
    """Reads the kept counts when it is asked, so that every worker tells the same."""

    def collect(self) -> Iterator[Any]:
        """Used and allowed seats of sponsors, by id."""
        from prometheus_client.core import GaugeMetricFamily

        used = GaugeMetricFamily("seatadmin_seats_used", "Seats in use.", labels=["sponsor"])
        limit = GaugeMetricFamily("seatadmin_seats_limit", "Seats allowed.", labels=["sponsor"])
        for id, _name, usage in islice(recount.usage_by_sponsor(db.session), MOST_SPONSORS):
            used.add_metric([str(id)], usage.used)
            if usage.limit is not None:
                limit.add_metric([str(id)], usage.limit)
        yield from (used, limit)
