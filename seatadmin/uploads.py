"""Rosters on their way in: what was uploaded waits here until it is imported or thrown away.

It holds personal data of people who may never become participants, so it is short-lived: see
`services.imports.uploads` for when it is erased.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from seatadmin.columns import Instant
from seatadmin.extensions import db


class Upload(db.Model):  # type: ignore[name-defined, misc]
    """A file that somebody uploaded, and how far the import of it has come."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_actor", "actor_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random: it stands in addresses."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    header: Mapped[list[str]] = mapped_column(JSON)
    """The columns that are kept, as the file names them."""
    sensitive: Mapped[list[str]] = mapped_column(JSON)
    """The columns that were thrown away unread."""
    fields: Mapped[list[str | None]] = mapped_column(JSON)
    """What each column of the header is imported as; None for one that is left out."""
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("sponsor.id"))
    """The only sponsor that the file is about."""
    create_employers: Mapped[bool]
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the dry run, and later the import, came to."""
    change_id: Mapped[int | None] = mapped_column(ForeignKey("change.id"))


class UploadPart(db.Model):  # type: ignore[name-defined, misc]
    """Some thousand rows of an upload, compressed."""

    __tablename__ = "upload_part"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportMapping(db.Model):  # type: ignore[name-defined, misc]
    """As what the columns of a sponsor's rosters were imported the last time."""

    __tablename__ = "import_mapping"

    sponsor_id: Mapped[int] = mapped_column(ForeignKey("sponsor.id"), primary_key=True)
    columns: Mapped[dict[str, str | None]] = mapped_column(JSON)
