"""One line per request, and its id: taken from whoever asks, or made, and sent back.

The line is written when the whole answer has been sent, so that it costs the reader no time and
tells a long export's true time. It names the route, not the address, in which people's names may
stand, and a person's id.
"""

import logging
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.wsgi import ClosingIterator

from seatadmin import logs

SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LINE = "seatadmin.line"

_log = logging.getLogger(f"{logs.OURS}.request")


class _Sent(threading.local):
    """Statements that this thread has sent to a database, ever: a request sends all in one."""

    count = 0


_sent = _Sent()


@dataclass(slots=True)
class Line:
    """What is known of a request once it is answered."""

    request_id: str
    method: str
    began: float = field(default_factory=time.perf_counter)
    statements: int = field(default_factory=lambda: -_sent.count)
    status: int = 500
    route: str | None = None
    user: int | None = None
    refused: Counter[str] = field(default_factory=Counter)
    """Why rows were refused, and how many for each reason."""

    seconds: float = 0.0

    def close(self) -> None:
        """The answer is sent."""
        self.seconds = time.perf_counter() - self.began
        self.statements += _sent.count


Watcher = Callable[[Line], None]


def init_app(app: Flask, *watchers: Watcher) -> None:
    """Log every request of `app`, and show its line to each watcher."""
    app.before_request_funcs.setdefault(None, []).insert(0, _note_route)
    app.after_request(_note_person)
    app.log_exception = _log_fault  # type: ignore[method-assign, assignment]
    app.wsgi_app = _Watched(app.wsgi_app, (_write, *watchers))  # type: ignore[method-assign]


def refused(reasons: Iterable[str]) -> None:
    """Count rows that the present request was refused for, by reason."""
    request.environ[_LINE].refused.update(reasons)


class _Watched:
    """The application inside; outside, the clock and the id."""

    def __init__(self, inner: Any, watchers: tuple[Watcher, ...]) -> None:
        self._inner, self._watchers = inner, watchers

    def __call__(self, environ: Any, start_response: Any) -> Any:
        method = environ["REQUEST_METHOD"]
        line = Line(_id(environ), method if method in METHODS else "other")
        environ[_LINE] = line

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            line.status = int(status[:3])
            return start_response(status, [*headers, ("X-Request-ID", line.request_id)], *rest)

        def done() -> None:
            line.close()
            for watcher in self._watchers:
                watcher(line)

        try:
            return ClosingIterator(self._inner(environ, start), done)
        except BaseException:
            done()
            raise


def _id(environ: Any) -> str:
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if SANE.fullmatch(given) else uuid.uuid4().hex


def _note_route() -> None:
    rule = request.url_rule
    request.environ[_LINE].route = rule.rule if rule else None


def _note_person(response: Response) -> Response:
    """If the request has looked who it comes from: nothing is read for the log's sake."""
    request.environ[_LINE].user = getattr(g.get("_login_user"), "id", None)
    return response


def _write(line: Line) -> None:
    told = {
        "request_id": line.request_id,
        "method": line.method,
        "route": line.route,
        "status": line.status,
        "ms": round(line.seconds * 1000, 1),
        "statements": line.statements,
        "user": line.user,
    }
    _log.log(logging.ERROR if line.status >= 500 else logging.INFO, "request", extra=told)


def _log_fault(fault: Any) -> None:
    """In the place of Flask's own, which tells the address."""
    line = request.environ[_LINE]
    _log.error("fault", exc_info=fault, extra={"request_id": line.request_id})


@event.listens_for(Engine, "before_cursor_execute")
def _count(*_execution: Any) -> None:
    _sent.count += 1
