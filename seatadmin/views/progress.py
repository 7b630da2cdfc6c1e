"""How far the work of a request has come, for the page that waits for its answer.

The share is written to a small file, not to the database: there the work's own transaction would
have to commit first, and on SQLite nobody else can write meanwhile. Every worker of this machine
can read the file; on another machine it is not found, and the page says that work goes on, which
is all that it knows. A file bears no personal data, and goes when the work ends.
"""

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import current_app, request

from seatadmin.services.progress import Report, silent
from seatadmin.views.gate import actor

EVERY = 0.2
"""Seconds between two writes: a page asks no more often than twice a second."""

ABANDONED = 24 * 60 * 60
"""Seconds after which a file is nobody's: its worker was killed."""

NOT_SHOWN = "Progress cannot be shown, the work goes on: %s"

_log = logging.getLogger(__name__)


@contextmanager
def told() -> Iterator[Report]:
    """A callback for the work of this request; who holds its `request_id` can ask for the share."""
    id = request.values.get("request_id")
    if not id:
        yield silent
        return
    path = _path(id)
    try:
        _tidy(path.parent)
    except OSError as error:
        _log.warning(NOT_SHOWN, error)
        yield silent
        return
    try:
        yield _writer(path)
    finally:
        path.unlink(missing_ok=True)


def so_far() -> dict[str, Any]:
    """What the work under the `id` in the address has come to: done, total, what; or nothing."""
    with suppress(FileNotFoundError):
        found: dict[str, Any] = json.loads(_path(request.args.get("id", "")).read_bytes())
        return found
    return {}


def _writer(path: Path) -> Report:
    last = ("", 0.0)

    def report(done: int, total: int, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        if what == last[0] and now - last[1] < EVERY:
            return
        last = (what, now)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            fresh.write_text(json.dumps({"done": done, "total": total, "what": what}))
            fresh.replace(path)
        except OSError as error:
            _log.warning(NOT_SHOWN, error)

    return report


def _path(id: str) -> Path:
    """Nobody else's id leads to the same file, and no id leads out of the folder."""
    name = hashlib.sha256(f"{actor().id} {id}".encode()).hexdigest()
    return Path(current_app.instance_path) / "progress" / name


def _tidy(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            if time.time() - entry.stat().st_mtime > ABANDONED:
                os.unlink(entry)
