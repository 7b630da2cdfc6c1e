"""What has served its purpose goes: sign-ins long over, dead links, forgotten failures, uploads.

Each of these is also removed in passing, when the same person signs in or uploads again. This is
for those who never come back.
"""

from sqlalchemy.orm import Session

from seatadmin.services import links, sessions, throttle
from seatadmin.services.imports import uploads


def tidy(session: Session) -> dict[str, int]:
    """Remove it all; returns how many of each. The caller commits."""
    return {
        "sign-ins": sessions.forget(session),
        "password links": links.forget(session),
        "counters of failed sign-ins": throttle.forget(session),
        "uploads": uploads.forget_old(session),
    }
