"""A flood of tries to sign in is stopped before it reaches the database or a costly password.

Here every try of an address counts, right or wrong; what slows down guessing at one account is
`services.throttle`. Only the pages that ask for it are counted: no other one pays for it.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, abort, current_app, request
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from seatadmin.views import browsers
from seatadmin.views.gate import SAFE

FLOOD = RateLimitItemPerMinute(300)
"""Of one address at one page."""

PATIENCE = 60.0
"""Seconds until a Redis that was lost is asked again."""

_log = logging.getLogger("seatadmin.flood")


class Flood:
    """Counts tries in memory, or in a Redis that several processes share."""

    def __init__(self, uri: str, options: Mapping[str, Any]) -> None:
        storage: Any = storage_from_string(uri, wrap_exceptions=True, **options)
        self._shared = MovingWindowRateLimiter(storage)
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared_from = 0.0

    def lets_through(self, page: str, address: str) -> bool:
        """Count a try, unless there were too many in the last minute.

        Without its Redis each process counts for itself: the sign-in goes on.
        """
        if time.time() >= self._shared_from:
            try:
                return self._shared.hit(FLOOD, page, address)
            except StorageError:
                _log.warning("Redis cannot be reached: tries to sign in are counted by process")
                self._shared_from = time.time() + PATIENCE
        return self._own.hit(FLOOD, page, address)


def init_app(app: Flask) -> None:
    """Count the tries at `app`."""
    if app.config["RATELIMIT_ENABLED"]:
        config = app.config
        flood = Flood(config["RATELIMIT_STORAGE_URI"], config["RATELIMIT_STORAGE_OPTIONS"])
        app.extensions["flood"] = flood


def stop() -> None:
    """Answer 429 to a form of an address that sent too many."""
    flood: Flood | None = current_app.extensions.get("flood")
    if request.method in SAFE or flood is None:
        return
    if not flood.lets_through(request.endpoint or "", browsers.address()):
        abort(429)
