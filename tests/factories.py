"""Rows for tests, made through the models: flushed, never committed.

A factory invents what a test is not about, and everything it makes fits together: a cancelled
participant has a deactivated account, a date and a reason. It does not invent a role.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

import factory
from argon2 import PasswordHasher

from seatadmin.extensions import db
from seatadmin.lifecycle import ACCOUNT_FOLLOWS, AccountStatus, ProgramStatus
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import Role

PASSWORD = "three apprentices in a boat"
"""The password of everybody who was made with `signs_in=True`."""

REGISTERED = date(2024, 3, 1)
"""When participants were registered, unless a test says otherwise."""

ENDED = REGISTERED + timedelta(days=100)
"""When a program that is not active stopped, unless a test says otherwise."""


class Factory(factory.alchemy.SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session = db.session
        sqlalchemy_session_persistence = "flush"


class SponsorFactory(Factory):
    """A sponsor without a seat limit."""

    class Meta:
        model = Sponsor

    name = factory.Sequence("Sponsor {}".format)
    program_number = factory.Sequence("P-{:05}".format)


class EmployerFactory(Factory):
    """An employer without a seat limit, of the `sponsor` given or a new one."""

    class Meta:
        model = Employer

    name = factory.Sequence("Employer {}".format)
    sponsor = factory.SubFactory(SponsorFactory)


class StaffFactory(Factory):
    """A member of staff. Give the `role`; the organization it needs is given or new.

    `signs_in=True` sets `PASSWORD`; without it there is none.
    """

    class Meta:
        model = User

    class Params:
        signs_in = factory.Trait(password_hash=factory.LazyFunction(lambda: password_hash()))

    first_name = "Robin"
    last_name = factory.Sequence("Staff {}".format)
    email = factory.Sequence("staff.{}@example.org".format)

    @classmethod
    def _adjust_kwargs(  # type: ignore[override]
        cls,
        *,
        role: Role,
        sponsor: Sponsor | None = None,
        employer: Employer | None = None,
        **columns: Any,
    ) -> dict[str, Any]:
        if role is Role.SPONSOR:
            sponsor = sponsor or SponsorFactory()
        if role is Role.EMPLOYER_ADMIN:
            employer = employer or EmployerFactory(**({"sponsor": sponsor} if sponsor else {}))
            sponsor = employer.sponsor
        columns |= {"sponsor_id": sponsor and sponsor.id, "employer_id": employer and employer.id}
        return {"role": role, **columns}


class ParticipantFactory(Factory):
    """A participant of the `employer` given or a new one: active, or what a trait says.

    Giving a `program_status` does the same as its trait. No seat limit is looked at.
    """

    class Meta:
        model = Participant

    class Params:
        suspended = factory.Trait(program_status=ProgramStatus.SUSPENDED)
        completed = factory.Trait(program_status=ProgramStatus.COMPLETED)
        cancelled = factory.Trait(program_status=ProgramStatus.CANCELLED)
        out_of_step = factory.Trait(account_status=AccountStatus.DEACTIVATED)

    first_name = "Ada"
    last_name = factory.Sequence("Apprentice {}".format)
    email = factory.Sequence("apprentice.{}@example.org".format)
    apprentice_number = factory.Sequence("A-{:06}".format)
    occupation = "Electrician"
    registration_date = REGISTERED
    program_status = ProgramStatus.ACTIVE
    account_status = factory.LazyAttribute(
        lambda row: ACCOUNT_FOLLOWS.get(row.program_status, AccountStatus.ACTIVE)
    )
    status_date = factory.LazyAttribute(
        lambda row: (
            max(ENDED, row.registration_date)
            if row.program_status in ACCOUNT_FOLLOWS
            else row.registration_date
        )
    )
    cancellation_reason = factory.LazyAttribute(
        lambda row: "left_employment" if row.program_status is ProgramStatus.CANCELLED else None
    )

    @classmethod
    def _adjust_kwargs(  # type: ignore[override]
        cls, *, employer: Employer | None = None, **columns: Any
    ) -> dict[str, Any]:
        employer = employer or EmployerFactory()
        return {"employer_id": employer.id, "sponsor_id": employer.sponsor_id, **columns}


@cache
def password_hash() -> str:
    """The hash of `PASSWORD`: slow on purpose, so it is made once."""
    return PasswordHasher().hash(PASSWORD)


def regulator(**columns: Any) -> User:
    """A regulator."""
    return StaffFactory(role=Role.REGULATOR, **columns)


def sponsor_staff(sponsor: Sponsor | None = None, **columns: Any) -> User:
    """A sponsor's member of staff."""
    return StaffFactory(role=Role.SPONSOR, sponsor=sponsor, **columns)


def employer_admin(employer: Employer | None = None, **columns: Any) -> User:
    """An employer administrator."""
    return StaffFactory(role=Role.EMPLOYER_ADMIN, employer=employer, **columns)
