"""Guessing gets slower and slower: failures are counted in the database, for all workers alike.

Nobody can lock another person out: who fails from one address delays the account only there, and
a browser in which the person signed in before (a known device) is counted by itself.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from seatadmin.access import Attempts
from seatadmin.columns import Instant

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=12)
"""After so long without another failure, all earlier ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free; each one after that doubles the wait before the next try.

    `own` ones are forgotten when the person succeeds.
    """

    free: int
    own: bool = False

    def wait(self, failures: int) -> timedelta:
        """How long after the last of so many failures nobody may try again."""
        over = failures - self.free
        return min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else timedelta()


ACCOUNT_HERE = Limit(free=6, own=True)  # one account from one address
ADDRESS = Limit(free=60)  # one address, all accounts: an office may share one
ACCOUNT = Limit(free=50)  # one account from everywhere, known devices left out
DEVICE = Limit(free=6, own=True)  # one account in a browser that signed in to it before

Counters = Mapping[str, Limit]
"""What a try is counted by, and the limit of each."""


def counters(account: str, address: str, device: str | None) -> Counters:
    """What a try at `account` is counted by; `device` names a browser that the account knows."""
    if device:
        return {_key("device", account, device): DEVICE}
    return {
        _key("here", account, address): ACCOUNT_HERE,
        _key("address", address): ADDRESS,
        _key("account", account): ACCOUNT,
    }


def attempt(session: Session, counters: Counters) -> int:
    """Count a try as failed, before it is looked at; `forgive` takes that back.

    Returns 0, or the seconds to wait: then nothing was counted, so a wait is never prolonged by
    trying. Many tries at the same moment take turns. The caller commits, whatever the answer.
    """
    keys = sorted(counters)
    for key in keys:
        session.execute(_FIRST, {"key": key})
    now: datetime = session.scalars(select(func.now(type_=Instant()))).one()
    rows = select(Attempts).where(Attempts.key.in_(keys)).order_by(Attempts.key)
    found = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    for row in found:
        if abs(now - row.last_at) > FORGOTTEN:  # also what a clock far ahead has left
            row.failures = 0
    limited = [(row, counters[row.key]) for row in found]
    wait = max(limit.wait(row.failures) - abs(now - row.last_at) for row, limit in limited)
    if wait > timedelta():
        return int(wait.total_seconds()) + 1
    many_here = any(limit.own and row.failures >= limit.free for row, limit in limited)
    for row, limit in limited:
        if limit is ACCOUNT and many_here:
            continue  # one address alone never delays an account for the others
        row.failures, row.last_at = row.failures + 1, now
    return 0


def forgive(session: Session, counters: Counters) -> None:
    """The try was right after all: it is no failure, and here all earlier ones are forgotten.

    An address, and an account as such, keep theirs: else a guesser would sign in now and then to
    be free again. The caller commits.
    """
    own = [key for key, limit in counters.items() if limit.own]
    session.execute(delete(Attempts).where(Attempts.key.in_(own)))
    others = [key for key in counters if key not in own]
    one_less = update(Attempts).where(Attempts.key.in_(others), Attempts.failures > 0)
    session.execute(one_less.values(failures=Attempts.failures - 1))


def forget(session: Session) -> int:
    """Remove counters that count for nothing any more; returns how many. The caller commits."""
    now: datetime = session.scalars(select(func.now(type_=Instant()))).one()
    gone = session.execute(delete(Attempts).where(Attempts.last_at < now - FORGOTTEN))
    return int(gone.rowcount)  # type: ignore[attr-defined]


_FIRST = text(
    "INSERT INTO sign_in_attempts (key, failures, last_at) VALUES (:key, 0, CURRENT_TIMESTAMP)"
    " ON CONFLICT DO NOTHING"
)


def _key(*parts: str) -> str:
    """Only a digest is kept: the table tells nobody's address."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
