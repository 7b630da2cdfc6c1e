"""Tries at a password or a code: counted before they are looked at, and slowed down."""

from collections.abc import Callable
from typing import Any

from flask import flash

from seatadmin.extensions import begin_write, db
from seatadmin.services import throttle
from seatadmin.services.throttle import Counters
from seatadmin.views import browsers, errors
from seatadmin.views.gate import wants_json


def counters_of(what: str, email: str) -> Counters:
    """By what a try at `what` (an account, its code) of the person with this e-mail is counted."""
    return throttle.counters(what, browsers.address(), browsers.known_device(email))


def count(counters: Counters) -> int:
    """Count a try; returns 0, or the seconds to wait before another one. Commits."""
    begin_write(db.session)
    wait = throttle.attempt(db.session, counters)
    db.session.commit()
    return wait


def slow_down(wait: int, page: Callable[[], Any]) -> Any:
    """429, with the page on which it can be tried again, and when."""
    headers = {"Retry-After": str(wait)}
    if wants_json():
        return errors.answer(429, headers=headers)
    when = f"{wait} seconds" if wait < 100 else f"{-(-wait // 60)} minutes"
    flash(
        f"Too many attempts. Try again in {when}, or in a browser in which you signed in before.",
        "danger",
    )
    return page(), 429, headers
