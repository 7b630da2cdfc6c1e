"""The audit: what was done, by whom, to which rows. Append-only, by triggers of the database."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from seatadmin.columns import NEVER_REUSE_IDS, Id, Instant, by_value
from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.permissions import Reach


class ChangeKind(StrEnum):
    """What sort of thing was done. The last three change no row."""

    TRANSITION = "transition"
    ACCOUNT = "account"
    EDIT = "edit"
    CREATE = "create"
    IMPORT = "import"
    DELETE = "delete"
    UNDO = "undo"
    PLAN = "plan"
    PERMISSION = "permission"
    EXPORT = "export"
    SIGN_IN = "sign_in"
    REFUSAL = "refusal"

    @property
    def label(self) -> str:
        """The words that a person reads."""
        return self.value.replace("_", " ").capitalize()


class Subject(StrEnum):
    """What kind of row a change is about."""

    PARTICIPANT = "participant"
    USER = "user"
    EMPLOYER = "employer"
    SPONSOR = "sponsor"
    CHANGE = "change"


class Change(db.Model):  # type: ignore[name-defined, misc]
    """One thing that one actor did, to any number of rows. Append-only."""

    __tablename__ = "change"
    __table_args__ = NEVER_REUSE_IDS
    scope_columns: ClassVar[dict[Reach, str]] = {}  # seen through change_scope: see services.scope

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[ChangeKind] = mapped_column(by_value(ChangeKind, "kind"))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[Subject] = mapped_column(by_value(Subject, "subject"))
    effective_date: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[User | None] = relationship(viewonly=True)

    def __str__(self) -> str:
        return f"Change {self.id}"


class ChangeItem(db.Model):  # type: ignore[name-defined, misc]
    """One row of a change: from, to. No foreign key to the subject, which may be deleted."""

    __tablename__ = "change_item"
    __table_args__ = (Index("ix_change_item_subject", "subject_id", "change_id"),)

    scope_columns: ClassVar = {Reach.SPONSOR: "sponsor_id", Reach.EMPLOYER: "employer_id"}

    change_id: Mapped[int] = mapped_column(ForeignKey("change.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    sponsor_id: Mapped[int | None] = mapped_column(Id)
    employer_id: Mapped[int | None] = mapped_column(Id)
    old_program_status: Mapped[str | None] = mapped_column(String(20))
    new_program_status: Mapped[str | None] = mapped_column(String(20))
    old_account_status: Mapped[str | None] = mapped_column(String(20))
    new_account_status: Mapped[str | None] = mapped_column(String(20))
    old_status_date: Mapped[date | None]
    new_status_date: Mapped[date | None]
    old_cancellation_reason: Mapped[str | None] = mapped_column(String(40))
    new_cancellation_reason: Mapped[str | None] = mapped_column(String(40))
    fields: Mapped[dict[str, list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    """Other fields that changed and are not personal: name -> [old, new]."""


class ChangeScope(db.Model):  # type: ignore[name-defined, misc]
    """Which organizations a change touched, with how many rows of each: who may see it."""

    __tablename__ = "change_scope"
    __table_args__ = (
        Index("ix_change_scope_change", "change_id"),
        Index("ix_change_scope_sponsor", "sponsor_id", "change_id"),
        Index("ix_change_scope_employer", "employer_id", "change_id"),
    )
    scope_columns: ClassVar = {Reach.SPONSOR: "sponsor_id", Reach.EMPLOYER: "employer_id"}

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("change.id"))
    sponsor_id: Mapped[int | None] = mapped_column(Id)
    employer_id: Mapped[int | None] = mapped_column(Id)
    subjects: Mapped[int]
    only_subject_id: Mapped[int | None] = mapped_column(Id)
    """The subject, when it is the only one of this organization."""


class ChangePersonal(db.Model):  # type: ignore[name-defined, misc]
    """Old and new personal values and notes of a change: erased with the person."""

    __tablename__ = "change_personal"
    __table_args__ = (
        Index("ix_change_personal_change", "change_id"),
        Index("ix_change_personal_subject", "subject_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("change.id"))
    subject_id: Mapped[int | None] = mapped_column(Id)
    field: Mapped[str] = mapped_column(String(40))
    old: Mapped[str | None] = mapped_column(String(1000))
    new: Mapped[str | None] = mapped_column(String(1000))


class ChangeSeal(db.Model):  # type: ignore[name-defined, misc]
    """A link of a sponsor's chain: what one change did there, sealed onto what was done before.

    Written by services.chain with the change, and never altered. Append-only.
    """

    __tablename__ = "change_seal"
    __table_args__ = (UniqueConstraint("change_id", "sponsor_id"),)

    sponsor_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    """0 for what concerns no sponsor."""
    sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    change_id: Mapped[int] = mapped_column(ForeignKey("change.id"))
    parts: Mapped[str] = mapped_column(String(24))
    """The first eight digits each for the change, its scopes, its items: which was altered."""
    digest: Mapped[str] = mapped_column(String(64))


class Request(db.Model):  # type: ignore[name-defined, misc]
    """A change that was asked for under a `request_id`, with its answer: repeats are harmless."""

    __tablename__ = "request"

    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
