"""How staff come to a password: the links by which they choose one."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from seatadmin.columns import Instant
from seatadmin.extensions import db


class PasswordLink(db.Model):  # type: ignore[name-defined, misc]
    """The one link of a person. It is good for the account as it was when the link was made."""

    __tablename__ = "password_link"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token, which only the link itself holds."""

    user_version: Mapped[int]
    """Any change of the account since (deactivated, moved, a new password) makes the link void."""

    expires_at: Mapped[datetime] = mapped_column(Instant)
