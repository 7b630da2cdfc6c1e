"""Links by which staff choose a password: whoever starts a reset never sees the password.

A link holds a random token; the table keeps the token's digest. A link is dead once it is used,
replaced by a newer one, too old, or the account was changed after it was made.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from seatadmin.credentials import PasswordLink
from seatadmin.ledger import ChangeKind
from seatadmin.models import User
from seatadmin.permissions import Actor, Permission, require
from seatadmin.services import changes, users


class NoLink(ValueError):
    """A link that cannot be made for this person; the message says why."""


class DeadLink(LookupError):
    """A link that opens nothing, for whatever reason."""

    def __init__(self) -> None:
        super().__init__("This link is no longer good.")


def make(session: Session, actor: Actor, id: int, lasting: timedelta) -> tuple[User, str]:
    """A new link for a member of staff: the person, and the token. The caller commits.

    Links made before are dead. Raises `NotPermitted`, `NotFound`, `NoLink`.
    """
    require(actor, Permission.STAFF_EDIT)
    user = users.locked(session, actor, id)
    if user.id == actor.id:
        raise NoLink("Your own password is changed with the present one.")
    if not user.is_active:
        raise NoLink(f"The account of {user.name} is deactivated: reactivate it first.")
    session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    token = secrets.token_urlsafe(32)
    link = PasswordLink(
        user_id=user.id,
        digest=_digest(token),
        user_version=user.version,
        expires_at=datetime.now(UTC) + lasting,
    )
    session.add(link)
    changes.record_about(session, actor, ChangeKind.PERMISSION, "password_link", user)
    return user, token


def owner(session: Session, token: str) -> User:
    """Whose link this is. Changes nothing. Raises `DeadLink`."""
    alive = (
        select(User)
        .join(PasswordLink, PasswordLink.user_id == User.id)
        .where(
            PasswordLink.digest == _digest(token),
            PasswordLink.user_version == User.version,
            PasswordLink.expires_at > datetime.now(UTC),
        )
    )
    user = session.scalars(alive.execution_options(populate_existing=True)).one_or_none()
    if user is None or not user.is_active:
        raise DeadLink
    return user


def use(session: Session, token: str, password: str) -> User:
    """Give the link's owner this password and end all of that person's sign-ins.

    The caller commits; of two who use one link in the same moment only one comes through. Raises
    `DeadLink`, `WeakPassword`.
    """
    mine = select(User.id).join(PasswordLink).where(PasswordLink.digest == _digest(token))
    session.execute(mine.with_for_update(of=User, key_share=True))
    user = owner(session, token)
    users.set_password(session, user.actor, user, password)
    session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))
    return user


def forget(session: Session) -> int:
    """Remove the links that have expired; returns how many. The caller commits."""
    gone = session.execute(delete(PasswordLink).where(PasswordLink.expires_at < datetime.now(UTC)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
