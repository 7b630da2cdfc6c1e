"""A small world for browser tests, and reading it back.

Acme Training has North Electric, where six participants work and one is out of step.
"""

from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import Participant, User
from seatadmin.permissions import Role
from tests.factories import PASSWORD, EmployerFactory, ParticipantFactory, SponsorFactory
from tests.factories import employer_admin as employer_admin_of
from tests.factories import regulator as a_regulator
from tests.factories import sponsor_staff as sponsor_staff_of

PEOPLE = {
    "ada": ("Ada", "Lovelace"),
    "ben": ("Ben", "Marsh"),
    "cleo": ("Cleo", "Nakamura"),
    "dev": ("Dev", "Okafor"),
    "eve": ("Eve", "Price"),
    "finn": ("Finn", "Quist"),
}
LIMIT = 10


@dataclass(frozen=True)
class World:
    """Ids of people by short name (`out` is out of step), and the e-mails that sign in."""

    people: dict[str, int]
    emails: dict[Role, str]
    staff: dict[Role, int]
    employer: int


def make(app: Flask) -> World:
    """Make the world and commit it."""
    with app.app_context():
        sponsor = SponsorFactory(name="Acme Training", seat_limit=LIMIT)
        employer = EmployerFactory(name="North Electric", sponsor=sponsor)
        rows = {
            key: ParticipantFactory(first_name=first, last_name=last, employer=employer)
            for key, (first, last) in PEOPLE.items()
        }
        rows["out"] = ParticipantFactory(
            first_name="Otto", last_name="Reyes", employer=employer, out_of_step=True
        )
        staff = {
            Role.REGULATOR: a_regulator(signs_in=True, last_name="Regula"),
            Role.SPONSOR: sponsor_staff_of(sponsor, signs_in=True, last_name="Sponso"),
            Role.EMPLOYER_ADMIN: employer_admin_of(employer, signs_in=True, last_name="Emplo"),
        }
        db.session.commit()
        return World(
            people={key: row.id for key, row in rows.items()},
            emails={role: str(row.email) for role, row in staff.items()},
            staff={role: row.id for role, row in staff.items()},
            employer=employer.id,
        )


def sign_in(page: Page, world: World, role: Role) -> Page:
    """Sign in by the form, as a person does."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(world.emails[role])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
    return page


def statuses(app: Flask, *ids: int) -> list[tuple[str | None, str]]:
    """Program and account status of these users."""
    with app.app_context():
        rows = [db.session.get(User, id) for id in ids]
        return [(row.program_status, row.account_status) for row in rows if row]


def participant(app: Flask, id: int) -> Participant | None:
    """The participant as stored."""
    with app.app_context():
        return db.session.get(Participant, id)


def acts_on(app: Flask, id: int) -> list[str]:
    """What the audit holds about a user, oldest first."""
    about = select(Change.action).join(ChangeItem, ChangeItem.change_id == Change.id)
    with app.app_context():
        rows = about.where(ChangeItem.subject_id == id).order_by(Change.id)
        return list(db.session.scalars(rows))
