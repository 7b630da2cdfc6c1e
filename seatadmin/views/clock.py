"""A worker whose clock is far off the database's changes nothing: it would write wrong dates."""

import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, request

from seatadmin.extensions import db
from seatadmin.services import clock
from seatadmin.views.errors import answer
from seatadmin.views.gate import SAFE

EVERY = 60.0
"""Seconds for which a clock that was right is taken to be right."""


def init_app(app: Flask) -> None:
    """Compare clocks before a request that may change something. Tests travel in time."""
    if not app.testing:
        app.before_request(_Comparison())


@dataclass
class _Comparison:
    """`trusted` until this moment of the monotonic clock."""

    trusted: float = 0.0

    def __call__(self) -> Any:
        if request.method in SAFE or time.monotonic() < self.trusted:
            return None
        if clock.is_wrong(db.session):
            return answer(503)
        db.session.rollback()
        self.trusted = time.monotonic() + EVERY
        return None
