"""Sign-ins as rows: begun, looked up at every request, too old by the database's clock, ended.

A sign-in is known by a random token in the person's cookie; the table keeps the token's digest.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from seatadmin.access import UserSession, Why
from seatadmin.columns import Instant
from seatadmin.lifecycle import AccountStatus
from seatadmin.models import User
from seatadmin.permissions import Actor, Role

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when somebody was last there."""

HALF_FOR = timedelta(minutes=10)
"""How long a sign-in waits for its second factor."""

KEPT_FOR = timedelta(days=90)
"""For how long a sign-in that is over is remembered."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sign-in lasts without being used, and at most."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in member of staff, as a request needs to know them."""

    token: str
    session_id: int
    id: int
    first_name: str
    last_name: str
    role: Role
    sponsor_id: int | None
    employer_id: int | None
    stale: bool
    """Whether it is time to note that the person is still there."""

    is_authenticated = is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.token

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def actor(self) -> Actor:
        """This person as services know them."""
        return Actor(self.id, self.role, self.sponsor_id, self.employer_id)


def begin(
    session: Session, user_id: int, *, address: str = "", agent: str = "", complete: bool = True
) -> str:
    """A new sign-in of this person; returns its token. The caller commits.

    One that is not `complete` waits for the second factor and opens nothing. What the person's
    sign-ins of long ago left is removed.
    """
    token = secrets.token_urlsafe(32)
    forgotten = session.scalar(select(func.now())) - KEPT_FOR  # type: ignore[operator]
    mine = UserSession.user_id == user_id
    session.execute(delete(UserSession).where(mine, UserSession.created_at < forgotten))
    session.add(
        UserSession(
            token_digest=_digest(token),
            user_id=user_id,
            complete=complete,
            address=address,
            agent=agent,
        )
    )
    session.flush()
    return token


def end_all(session: Session, user_id: int, why: Why, keep: int | None = None) -> int:
    """End every sign-in of a person but the one with the id `keep`; returns how many ended.

    It works at the next request of each. The caller commits. Loss of access (deactivated, another
    role or organization) needs no call: a trigger of the database ends those.
    """
    others = update(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.ended_at.is_(None),
        UserSession.id != (keep or 0),
    )
    ended = session.execute(others.values(ended_at=func.now(), ended_why=why))
    return int(ended.rowcount)  # type: ignore[attr-defined]


def end(session: Session, user_id: int, id: int, why: Why) -> bool:
    """End one sign-in of this person; False when there is none such. The caller commits."""
    mine = select(UserSession).where(UserSession.id == id, UserSession.user_id == user_id)
    found = session.scalars(
        mine.where(UserSession.ended_at.is_(None)).with_for_update()
    ).one_or_none()
    if found is None:
        return False
    found.ended_at, found.ended_why = func.now(), why
    session.flush()
    return True


_now = func.now(type_=Instant())
_PERSON = select(
    UserSession.id,
    UserSession.created_at,
    UserSession.last_seen_at,
    _now.label("now"),
    User.id.label("user_id"),
    User.first_name,
    User.last_name,
    User.role,
    User.sponsor_id,
    User.employer_id,
).join(User, User.id == UserSession.user_id)
_OPEN = (
    UserSession.token_digest == bindparam("digest"),
    UserSession.complete == bindparam("complete"),
    UserSession.ended_at.is_(None),
    User.account_status == AccountStatus.ACTIVE,
    User.role.is_not(None),
)
_FIND = _PERSON.where(*_OPEN)


def find(session: Session, token: str, limits: Limits, *, complete: bool = True) -> Person | None:
    """Whoever this token belongs to, read anew in one statement: whatever ended works at once.

    None for a token that is unknown, ended or too old, and for whoever may not be signed in.
    """
    given = {"digest": _digest(token), "complete": complete}
    row = session.connection().execute(_FIND, given).one_or_none()
    if row is None or _too_old(row, limits if complete else Limits(HALF_FOR, HALF_FOR)):
        return None
    return Person(
        token,
        row.id,
        row.user_id,
        row.first_name,
        row.last_name,
        row.role,
        row.sponsor_id,
        row.employer_id,
        stale=row.now - row.last_seen_at >= SEEN_EVERY,
    )


def forget(session: Session) -> int:
    """Remove everybody's sign-ins of long ago; returns how many. The caller commits."""
    forgotten = session.scalar(select(func.now())) - KEPT_FOR  # type: ignore[operator]
    gone = session.execute(delete(UserSession).where(UserSession.created_at < forgotten))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def listed(session: Session, user_id: int, limits: Limits) -> Sequence[Any]:
    """The person's sign-ins that still count, the latest seen first."""
    rows = select(UserSession, _now.label("now")).where(
        UserSession.user_id == user_id, UserSession.complete, UserSession.ended_at.is_(None)
    )
    found = session.execute(rows.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc()))
    return [
        one for one, now in found if not _is_over(one.created_at, one.last_seen_at, now, limits)
    ]


def seen(connection: Connection, id: int) -> None:
    """Note that the person is still there, in a transaction of its own that waits for nobody.

    While somebody else writes (SQLite) or holds the row (PostgreSQL) it is left to a later
    request: a page never waits for it. The time never goes back. The caller commits.
    """
    still = UserSession.last_seen_at < func.now()
    noted = update(UserSession).where(UserSession.id == id, still).values(last_seen_at=func.now())
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
    else:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10ms'")
    try:
        connection.execute(noted)
    except OperationalError:
        connection.rollback()  # busy: as said above
    finally:
        if is_sqlite:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={waits}")


def _too_old(row: Any, limits: Limits) -> bool:
    return _is_over(row.created_at, row.last_seen_at, row.now, limits)


def _is_over(begun: datetime, last_seen: datetime, now: datetime, limits: Limits) -> bool:
    """Whether a sign-in is too old, or begun by a clock so far ahead that it would not get old.

    `now` is the database's. On SQLite that is the worker's own clock, so all three are compared.
    """
    age = now - begun
    return not -limits.idle <= age < limits.longest or now - last_seen >= limits.idle


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
