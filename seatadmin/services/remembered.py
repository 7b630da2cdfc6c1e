"""What is known for some seconds in this process: what every page asks and seldom changes.

Nothing that decides anything may be kept here: only choices that are offered, and that a total is
beyond its bound.
"""

import time
from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

SECONDS = 10

MOST = 1_000
"""Answers that are kept: among their keys are words that were searched for."""

_kept: WeakKeyDictionary[Engine | Connection, dict[Hashable, tuple[float, Any]]]
_kept = WeakKeyDictionary()


def remember(session: Session, key: Hashable, answer: Any = True) -> Any:
    """Keep `answer`, and return it."""
    kept = _kept.setdefault(session.get_bind(), {})
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = (time.time(), answer)
    return answer


def remembered(session: Session, key: Hashable) -> Any:
    """What was kept in the last `SECONDS` for this key and database; None when nothing was."""
    since, answer = _kept.get(session.get_bind(), {}).get(key, (0.0, None))
    return answer if 0 <= time.time() - since < SECONDS else None  # clocks also go back


def forget() -> None:
    """Know nothing."""
    _kept.clear()
