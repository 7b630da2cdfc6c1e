"""How many seats are used, and were: kept by database triggers, and written by nothing else."""

from datetime import date
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from seatadmin.columns import Id
from seatadmin.extensions import db
from seatadmin.permissions import Reach


class SeatCount(db.Model):  # type: ignore[name-defined, misc]
    """How many seats an employer uses. Kept by database triggers; nothing else writes it."""

    __tablename__ = "seat_count"
    __table_args__ = (
        ForeignKeyConstraint(
            ["employer_id", "sponsor_id"],
            ["employer.id", "employer.sponsor_id"],
            ondelete="CASCADE",
        ),
        Index("ix_seat_count_sponsor", "sponsor_id", "active"),
    )

    scope_columns: ClassVar = {Reach.SPONSOR: "sponsor_id", Reach.EMPLOYER: "employer_id"}

    employer_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    sponsor_id: Mapped[int] = mapped_column(Id)
    active: Mapped[int] = mapped_column(server_default="0")


class SeatMonth(db.Model):  # type: ignore[name-defined, misc]
    """By how many an employer's used seats grew in one month, by UTC: all of them add up to
    `SeatCount.active`. Kept by a database trigger; nothing else writes it.
    """

    __tablename__ = "seat_month"
    __table_args__ = (
        ForeignKeyConstraint(
            ["employer_id", "sponsor_id"],
            ["employer.id", "employer.sponsor_id"],
            ondelete="CASCADE",
        ),
        Index("ix_seat_month_employer", "employer_id", "month"),
        Index("ix_seat_month_sponsor", "sponsor_id", "month"),
        {"sqlite_with_rowid": False},
    )

    scope_columns: ClassVar = {Reach.SPONSOR: "sponsor_id", Reach.EMPLOYER: "employer_id"}

    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    employer_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    sponsor_id: Mapped[int] = mapped_column(Id)
    taken: Mapped[int]
    """Seats taken less seats freed: negative in a month that freed more."""
