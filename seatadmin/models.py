"""The tables. Rules that no path may go round stand here as constraints and as the cascade."""

from datetime import date, datetime
from typing import Any, ClassVar

from flask_login import UserMixin
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    event,
    func,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship, validates

from seatadmin.columns import NEVER_REUSE_IDS, Id, Instant, Key, by_value
from seatadmin.extensions import db
from seatadmin.lifecycle import ACCOUNT_FOLLOWS, AccountStatus, Kind, ProgramStatus, is_out_of_step
from seatadmin.permissions import Actor, Reach, Role
from seatadmin.text import LONGEST_EMAIL, fold, fold_email, searchable

LONGEST_SEARCH = 800


class Organization:
    """What sponsors and employers have alike: a name, compared folded, and a seat limit."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(Key)
    seat_limit: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    @validates("name")
    def _fold_name(self, _key: str, name: str) -> str:
        self.name_key = fold(name)
        return name

    def __str__(self) -> str:
        return self.name


class Sponsor(Organization, db.Model):  # type: ignore[name-defined, misc]
    """A program sponsor. It has the seat limit."""

    __tablename__ = "sponsor"
    __table_args__ = (
        UniqueConstraint("name_key"),
        CheckConstraint("seat_limit >= 0", name="seat_limit"),
        NEVER_REUSE_IDS,
    )
    scope_columns: ClassVar = {Reach.SPONSOR: "id"}

    program_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    employers: Mapped[list["Employer"]] = relationship(back_populates="sponsor")


class Employer(Organization, db.Model):  # type: ignore[name-defined, misc]
    """An employer inside one sponsor. It may have a seat limit of its own."""

    __tablename__ = "employer"
    __table_args__ = (
        UniqueConstraint("id", "sponsor_id"),  # what user and seat_count refer to
        UniqueConstraint("sponsor_id", "name_key"),
        CheckConstraint("seat_limit >= 0", name="seat_limit"),
        Index("ix_employer_name_key", "name_key", "id"),
        NEVER_REUSE_IDS,
    )
    scope_columns: ClassVar = {Reach.SPONSOR: "sponsor_id", Reach.EMPLOYER: "id"}

    sponsor_id: Mapped[int] = mapped_column(ForeignKey("sponsor.id"))
    sponsor: Mapped[Sponsor] = relationship(back_populates="employers")


class CancellationReason(db.Model):  # type: ignore[name-defined, misc]
    """Why a program was cancelled. A retired reason stays readable but is not offered."""

    __tablename__ = "cancellation_reason"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    retired: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    def __str__(self) -> str:
        return self.label


class Occupation(db.Model):  # type: ignore[name-defined, misc]
    """A suggestion for the occupation field, with its O*NET-SOC code."""

    __tablename__ = "occupation"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))

    def __str__(self) -> str:
        return self.title


class User(UserMixin, db.Model):  # type: ignore[name-defined, misc]
    """Everybody with an account: staff, and participants (the subclass)."""

    __tablename__ = "user"
    __table_args__ = (
        ForeignKeyConstraint(["employer_id", "sponsor_id"], ["employer.id", "employer.sponsor_id"]),
        CheckConstraint(
            f"kind <> '{Kind.PARTICIPANT}' OR account_status = '{AccountStatus.DEACTIVATED}'"
            f" OR program_status = '{ProgramStatus.ACTIVE}'",
            name="account_follows_program",
        ),
        CheckConstraint(
            f"CASE kind WHEN '{Kind.PARTICIPANT}' THEN role IS NULL AND program_status IS NOT NULL"
            " AND status_date IS NOT NULL AND registration_date IS NOT NULL"
            " AND employer_id IS NOT NULL AND sponsor_id IS NOT NULL"
            " ELSE role IS NOT NULL AND program_status IS NULL END",
            name="kind_is_complete",
        ),
        CheckConstraint(
            f"CASE role WHEN '{Role.REGULATOR}' THEN sponsor_id IS NULL AND employer_id IS NULL"
            f" WHEN '{Role.SPONSOR}' THEN sponsor_id IS NOT NULL AND employer_id IS NULL"
            f" WHEN '{Role.EMPLOYER_ADMIN}' THEN sponsor_id IS NOT NULL AND employer_id IS NOT NULL"
            " ELSE role IS NULL END",
            name="role_has_its_scope",
        ),
        CheckConstraint("email IS NOT NULL OR apprentice_number IS NOT NULL", name="has_a_key"),
        CheckConstraint("status_date >= registration_date", name="status_after_registration"),
        CheckConstraint(
            f"cancellation_reason IS NULL OR program_status = '{ProgramStatus.CANCELLED}'",
            name="reason_if_cancelled",
        ),
        CheckConstraint(f"plan_id IS NULL OR kind = '{Kind.PARTICIPANT}'", name="plan_of_program"),
        Index("ix_user_name", "name_key", "id"),
        NEVER_REUSE_IDS,
    )
    scope_columns: ClassVar = {Reach.SPONSOR: "sponsor_id", Reach.EMPLOYER: "employer_id"}

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[Kind] = mapped_column(by_value(Kind, "kind"))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(Key, server_default="")
    search_text: Mapped[str] = mapped_column(String(LONGEST_SEARCH), server_default="")
    email: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL))
    email_key: Mapped[str | None] = mapped_column(String(LONGEST_EMAIL), unique=True)
    account_status: Mapped[AccountStatus] = mapped_column(
        by_value(AccountStatus, "account_status"), default=AccountStatus.ACTIVE
    )
    role: Mapped[Role | None] = mapped_column(by_value(Role, "role"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("sponsor.id"))
    employer_id: Mapped[int | None] = mapped_column(Id)
    apprentice_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    occupation: Mapped[str | None] = mapped_column(String(200))
    registration_date: Mapped[date | None]
    expected_completion_date: Mapped[date | None]
    program_status: Mapped[ProgramStatus | None] = mapped_column(
        by_value(ProgramStatus, "program_status")
    )
    status_date: Mapped[date | None]
    cancellation_reason: Mapped[str | None] = mapped_column(ForeignKey("cancellation_reason.code"))
    status_note: Mapped[str | None] = mapped_column(String(1000))
    reported_on: Mapped[date | None]
    """When the sponsor told the registration agency that the program has ended."""
    plan_id: Mapped[int | None] = mapped_column(Id)
    """The change that planned what becomes of the program. Done, withdrawn or replaced: None."""
    recorded_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    sponsor: Mapped[Sponsor | None] = relationship(foreign_keys=[sponsor_id], viewonly=True)
    employer: Mapped[Employer | None] = relationship(
        primaryjoin=employer_id == Employer.id, foreign_keys=[employer_id], viewonly=True
    )
    reason: Mapped[CancellationReason | None] = relationship(viewonly=True)
    __mapper_args__: ClassVar = {
        "polymorphic_on": kind,
        "polymorphic_identity": Kind.STAFF,
        "version_id_col": version,
    }

    @validates("email")
    def _fold_email(self, _key: str, email: str | None) -> str | None:
        self.email_key = fold_email(email)
        return email or None

    @property
    def name(self) -> str:
        """First and last name, as shown and as typed to confirm a deletion."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_active(self) -> bool:
        """Whether this person may be signed in (Flask-Login asks)."""
        return self.role is not None and self.account_status is AccountStatus.ACTIVE

    @property
    def actor(self) -> Actor:
        """This member of staff as services know them."""
        if self.role is None:
            raise ValueError(f"User {self.id} is a participant and cannot act.")
        return Actor(self.id, self.role, self.sponsor_id, self.employer_id)

    def __str__(self) -> str:
        return self.name


class Participant(User):
    """An apprentice. While the account is active it uses a seat."""

    __mapper_args__: ClassVar = {"polymorphic_identity": Kind.PARTICIPANT}

    @validates("program_status")
    def _account_follows(self, _key: str, status: ProgramStatus) -> ProgramStatus:
        """Even a plain assignment keeps the cascade, and no reason outlives its cancellation."""
        if status in ACCOUNT_FOLLOWS:
            self.account_status = ACCOUNT_FOLLOWS[status]
        if status is not ProgramStatus.CANCELLED:
            self.cancellation_reason = None
        return status

    @property
    def uses_seat(self) -> bool:
        """Whether this participant holds one of the employer's and the sponsor's seats."""
        return self.account_status is AccountStatus.ACTIVE

    @property
    def out_of_step(self) -> bool:
        """Whether the account was deactivated alone."""
        return is_out_of_step(self.program_status, self.account_status)


def keys_of(first: str, last: str, email: str | None, number: str | None) -> dict[str, str]:
    """The columns by which a user is sorted and searched, from what they are called."""
    searched = (f"{first} {last} {first}", email or "", number or "")
    return {
        "name_key": fold(f"{last}, {first}"),
        "search_text": "\n".join(searchable(part) for part in searched)[:LONGEST_SEARCH],
    }


@event.listens_for(User, "before_insert", propagate=True)
@event.listens_for(User, "before_update", propagate=True)
def _keep_keys(_mapper: Any, _connection: Any, user: User) -> None:
    keys = keys_of(user.first_name, user.last_name, user.email, user.apprentice_number)
    for column, value in keys.items():
        setattr(user, column, value)
