"""Signing in: the same answer, in the same time, whatever is wrong."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.ledger import ChangeKind, Subject
from seatadmin.models import User
from seatadmin.permissions import SYSTEM, Actor
from seatadmin.services import changes, passwords
from seatadmin.text import fold_email


def named(session: Session, email: str) -> User | None:
    """Whoever has this address, whether or not they may sign in. Nobody has a blank one."""
    if not (key := fold_email(email)):
        return None
    return session.scalars(select(User).where(User.email_key == key)).one_or_none()


def is_right(user: User | None, password: str) -> bool:
    """Whether `user` signs in with this password.

    An unknown address, a participant, a deactivated account and a wrong password cost the same
    work and are not told apart.
    """
    known = passwords.verify(user.password_hash if user else None, password)
    return bool(user and known and user.is_active)


def record(session: Session, actor: Actor, action: str = "sign_in") -> None:
    """Note in the audit that somebody signed in (or out: `action`). The caller commits."""
    changes.record_event(session, actor, ChangeKind.SIGN_IN, action, Subject.USER)


def refused(session: Session, user: User | None, action: str = "sign_in") -> None:
    """Note in the audit that somebody was refused who signed in as `user`. The caller commits.

    Of an address that nobody has, nothing is kept: it may be a password in the wrong field.
    """
    if user is None:
        changes.record_event(session, SYSTEM, ChangeKind.REFUSAL, action, Subject.USER)
    else:
        changes.record_about(session, SYSTEM, ChangeKind.REFUSAL, action, user)
