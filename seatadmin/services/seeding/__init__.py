"""Made-up worlds, believable and of any size: for demonstrations, tests and measurements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from seatadmin.counts import SeatMonth
from seatadmin.ledger import Change, ChangeItem, ChangeKind, Subject
from seatadmin.models import Employer, Sponsor, User
from seatadmin.permissions import REACH, Reach, Role
from seatadmin.services import chain, changes, occupations, passwords
from seatadmin.services.progress import Report, counted, silent
from seatadmin.services.seeding.bulk import load, refresh_statistics, roomy
from seatadmin.services.seeding.names import TRADES
from seatadmin.services.seeding.plan import Plan, Size, WrongSize, plan
from seatadmin.services.seeding.rows import COLUMNS, Participants
from seatadmin.services.seeding.story import YEAR, Story, Workplace
from seatadmin.services.seeding.unindexed import unindexed

__all__ = [
    "DEMO",
    "NotEmpty",
    "Size",
    "Summary",
    "WrongSize",
    "demo_emails",
    "is_untouched",
    "refresh_statistics",
    "seed",
]

DEMO = Size(participants=1_200, sponsors=5, employers=24, random_seed=2026)
"""The world of `make run`."""

DEMO_STAFF = {
    Role.REGULATOR: ("Rosa", "Alvarez", "regulator@example.org"),
    Role.SPONSOR: ("Samuel", "Okafor", "sponsor@example.org"),
    Role.EMPLOYER_ADMIN: ("Emily", "Tanaka", "employer@example.org"),
}
"""Who signs in to try it: first name, last name, e-mail."""


class NotEmpty(ValueError):
    """The database already holds something: made-up rows are not mixed with it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made."""

    participants: int
    sponsors: int
    employers: int
    changes: int


def seed(
    session: Session, size: Size, password: str, today: date, report: Report = silent
) -> Summary:
    """Fill an empty database. The caller commits, then calls `refresh_statistics`.

    The same size on the same day makes the same world, on either database. `password` is that of
    the demo sign-ins; `report` is told the rows of each table, then the indexes. Raises
    `WrongSize`, `NotEmpty`, `WeakPassword`.
    """
    planned = plan(size)
    if not is_untouched(session):
        raise NotEmpty("The database is not empty: sample data goes into a new one.")
    occupations.load_shipped_if_none(session)
    employers = _add_organizations(session, planned)
    staff = _add_staff(session, employers[0], password, today)
    newest = max(user.id for user in staff.values())
    people = Participants(newest + 1, size.participants, size.random_seed)
    rng = Random(f"stories {size.random_seed}")  # noqa: S311
    workplaces = _workplaces(planned, employers, staff)
    stories = (Story(rng, workplace, today.toordinal()) for workplace in workplaces)
    _load_participants(session, people, stories, planned, report)
    return Summary(size.participants, size.sponsors, size.employers, len(people.events))


def is_untouched(session: Session) -> bool:
    """Whether there is no user and no sponsor yet."""
    return not any(session.scalar(select(table.id).limit(1)) for table in (User, Sponsor))


def demo_emails(session: Session) -> list[tuple[str, Role]]:
    """E-mail and role of the demo sign-ins that exist."""
    emails = [email for _, _, email in DEMO_STAFF.values()]
    rows = select(User.email, User.role).where(User.email.in_(emails)).order_by(User.id)
    return [(email, role) for email, role in session.execute(rows) if email and role]


def _add_organizations(session: Session, planned: Plan) -> list[Employer]:
    sponsors = [
        Sponsor(name=each.name, seat_limit=each.seat_limit, program_number=f"P-{number:05}")
        for number, each in enumerate(planned.sponsors, start=1)
    ]
    session.add_all(sponsors)
    session.flush()
    employers = [
        Employer(name=each.name, seat_limit=each.seat_limit, sponsor_id=sponsors[each.sponsor].id)
        for each in planned.employers
    ]
    session.add_all(employers)
    session.flush()
    return employers


def _add_staff(
    session: Session, employer: Employer, password: str, today: date
) -> dict[Role, User]:
    """The three demo sign-ins, who were there before anything else happened."""
    kept = passwords.hash_known(password)
    began = datetime.combine(today - timedelta(days=5 * YEAR), time(9), UTC)
    return {
        role: _add_member(session, role, employer, kept, began + timedelta(minutes=minute))
        for minute, role in enumerate(DEMO_STAFF)
    }


def _add_member(
    session: Session, role: Role, employer: Employer, password_hash: str, at: datetime
) -> User:
    first, last, email = DEMO_STAFF[role]
    reach = REACH[role]
    user = User(
        first_name=first,
        last_name=last,
        email=email,
        role=role,
        password_hash=password_hash,
        sponsor_id=None if reach is Reach.ALL else employer.sponsor_id,
        employer_id=employer.id if reach is Reach.EMPLOYER else None,
        recorded_at=at,
    )
    session.add(user)
    change = Change(at=at, kind=ChangeKind.CREATE, action="create", subject=Subject.USER)
    session.add(change)
    session.flush()
    session.add(
        ChangeItem(
            change_id=change.id,
            subject_id=user.id,
            sponsor_id=user.sponsor_id,
            employer_id=user.employer_id,
            new_account_status=user.account_status,
            fields={"role": [None, role.value]},
        )
    )
    changes.seal(session, change)
    return user


def _workplaces(
    planned: Plan, employers: list[Employer], staff: dict[Role, User]
) -> Iterator[Workplace]:
    """Every employer. The first sponsor records its own changes, the agency those of others."""
    first = employers[0].sponsor_id
    for employer, each in zip(employers, planned.employers, strict=True):
        recorder = staff[Role.SPONSOR if employer.sponsor_id == first else Role.REGULATOR]
        trade = planned.sponsors[each.sponsor].trade
        yield Workplace(employer.id, employer.sponsor_id, recorder.id, TRADES[trade], each.numbers)


def _load_participants(
    session: Session,
    people: Participants,
    stories: Iterable[Story],
    planned: Plan,
    report: Report,
) -> None:
    """Load the participants, which makes their log, then the log."""
    first_change = (session.scalar(select(func.max(Change.id))) or 0) + 1
    tables = {
        "user": people.rows(stories, planned.deck),
        "change": people.changes(first_change),
        "change_item": people.items(first_change),
        "change_scope": people.scopes(first_change),
    }
    with roomy(session):
        with unindexed(session, list(tables), report):
            for table, rows in tables.items():
                watched = counted(rows, people.count(table), f"Filling {table}", report)
                load(session, table, COLUMNS[table], watched)
        recorded = range(first_change, first_change + len(people.events))
        chain.seal_pending(session, recorded, lambda links: _load_seals(session, links))
        session.execute(delete(SeatMonth))  # the trigger took all seats for this month's
        load(session, "seat_month", COLUMNS["seat_month"], people.months())


def _load_seals(session: Session, links: chain.Links) -> None:
    load(session, "change_seal", list(links[0]), (tuple(link.values()) for link in links))
