"""What has served its purpose goes: old sign-ins, links, failures, answers and uploads.

Most of it is also removed in passing, when the same person signs in or uploads again. This is for
those who never come back.
"""

from sqlalchemy.orm import Session

from seatadmin.services import links, requests, sessions, throttle
from seatadmin.services.imports import uploads


def tidy(session: Session) -> dict[str, int]:
    """Remove it all; returns how many of each. The caller commits."""
    return {
        "sign-ins": sessions.forget(session),
        "password links": links.forget(session),
        "counters of failed sign-ins": throttle.forget(session),
        "answers to requests": requests.forget(session),
        "uploads": uploads.forget_old(session),
    }
