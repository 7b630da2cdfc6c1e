"""Signing in: the same answer, in the same time, whatever is wrong."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.ledger import ChangeKind, Subject
from seatadmin.models import User
from seatadmin.services import changes, passwords
from seatadmin.text import fold_email


def authenticate(session: Session, email: str, password: str) -> User | None:
    """The member of staff who signs in with these, or None.

    An unknown address, a participant, a deactivated account and a wrong password cost the same
    work and are not told apart.
    """
    user = session.scalars(select(User).where(User.email_key == fold_email(email))).one_or_none()
    known = passwords.verify(user.password_hash if user else None, password)
    return user if user and known and user.is_active else None


def record(session: Session, user: User) -> None:
    """Note in the audit that `user` signed in. The caller commits."""
    changes.record_event(session, user.actor, ChangeKind.SIGN_IN, "sign_in", Subject.USER)
