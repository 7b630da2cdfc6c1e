"""Who is signed in where, second factors, and how often somebody failed to sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from seatadmin.columns import NEVER_REUSE_IDS, Id, Instant, by_value
from seatadmin.extensions import db


class Why(StrEnum):
    """Why a sign-in ended, other than by age. The database writes the last two by a trigger."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"  # by another sign-in in the same browser
    ENDED = "ended"  # on the page that lists the own sign-ins
    PASSWORD = "password"  # noqa: S105 (a word, no secret)
    SECOND_FACTOR = "second_factor"
    ROLE = "role"
    ACCOUNT = "account"


class UserSession(db.Model):  # type: ignore[name-defined, misc]
    """One sign-in. It counts while it has not ended and is not too old: see `services.sessions`.

    Only the digest of its token is kept, so that who reads this table cannot act as anybody.
    """

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_user", "user_id", "id"), NEVER_REUSE_IDS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    complete: Mapped[bool]
    """False while the second factor is still asked for: such a sign-in opens nothing."""
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    address: Mapped[str] = mapped_column(String(45))
    """Only the network, never the whole address."""
    agent: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_why: Mapped[Why | None] = mapped_column(by_value(Why, "ended_why"))


class SecondFactor(db.Model):  # type: ignore[name-defined, misc]
    """Codes from an app that somebody gives beside the password.

    The secret itself is not kept: it is made from the salt and the program's key.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str | None] = mapped_column(String(64))
    """Of the secret in use; None until the first code was given."""
    new_salt: Mapped[str | None] = mapped_column(String(64))
    """Of a secret that is being set up, and takes the other's place with its first code."""
    last_step: Mapped[int] = mapped_column(Id, server_default="0")
    """The time step of the last code that was taken: none is taken twice."""


class RecoveryCode(db.Model):  # type: ignore[name-defined, misc]
    """A code that stands in for the second factor, once."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Attempts(db.Model):  # type: ignore[name-defined, misc]
    """How often signing in failed, by account, address or device: kept as a digest of these."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_last_at", "last_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)
