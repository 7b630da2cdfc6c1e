"""Views that people have saved: a question to a list, under a name."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from seatadmin.columns import NEVER_REUSE_IDS, Id
from seatadmin.extensions import db

LONGEST_NAME = 80
LONGEST_QUERY = 4000


class SavedView(db.Model):  # type: ignore[name-defined, misc]
    """One person's name for a search, filters, order, columns and page size of one list."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "endpoint", "name"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    endpoint: Mapped[str] = mapped_column(String(40))
    """Of the list."""
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(String(LONGEST_QUERY))
    """The last part of the list's address, without its question mark."""

    def __str__(self) -> str:
        return self.name
