"""A made-up world …"""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from seatadmin.counts import SeatMonth
from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangeScope
from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.models import Employer, Occupation, Participant, Sponsor, User, keys_of
from seatadmin.permissions import SYSTEM
from seatadmin.services import recount, seeding
from seatadmin.services.doctor import examine
from seatadmin.services.history import Whose, months
from seatadmin.services.passwords import verify
from seatadmin.services.seeding import NotEmpty, Size, WrongSize
from seatadmin.services.seeding.names import TRADES
from seatadmin.services.seeding.plan import plan
from tests.factories import SponsorFactory
from tests.installation import Installation

PASSWORD = "a password of nobody"
TODAY = date.today()


def made(session: Session, *size: int, today: date = TODAY) -> list[Participant]:
    seeding.seed(session, Size(*size), PASSWORD, today)
    return list(session.scalars(select(Participant).order_by(Participant.id)))


@pytest.mark.parametrize(
    "size", [(0, 1, 1), (1, 1, 1), (10, 1, 1), (3, 2, 5), (10, 10, 10), (257, 3, 20)]
)
def test_has_exactly_the_size_that_was_asked_for(session: Session, size: tuple[int, ...]) -> None:
    participants, sponsors, employers = size

    people = made(session, *size)

    assert len(people) == participants
    assert len({person.email_key for person in people}) == participants
    assert len({person.apprentice_number for person in people}) == participants
    assert session.scalar(select(func.count()).select_from(Sponsor)) == sponsors
    assert session.scalar(select(func.count()).select_from(Employer)) == employers
    assert session.scalar(select(func.count(Employer.sponsor_id.distinct()))) == sponsors
    assert list(map(str, examine(session))) == []


@pytest.mark.parametrize("size", [(-1, 1, 1), (1, 0, 0), (1, 2, 1)])
def test_is_refused_where_no_sponsor_or_employer_would_be(
    session: Session, size: tuple[int, ...]
) -> None:
    with pytest.raises(WrongSize):
        made(session, *size)


def test_is_not_mixed_with_anything_else(session: Session) -> None:
    SponsorFactory()

    with pytest.raises(NotEmpty):
        made(session, 1, 1, 1)


def test_has_the_statuses_of_a_real_one(session: Session) -> None:
    statuses = Counter(
        (person.program_status, person.account_status) for person in made(session, 1000, 3, 20)
    )

    assert statuses == {
        (ProgramStatus.ACTIVE, AccountStatus.ACTIVE): 590,
        (ProgramStatus.ACTIVE, AccountStatus.DEACTIVATED): 10,
        (ProgramStatus.COMPLETED, AccountStatus.DEACTIVATED): 180,
        (ProgramStatus.CANCELLED, AccountStatus.DEACTIVATED): 160,
        (ProgramStatus.SUSPENDED, AccountStatus.DEACTIVATED): 60,
    }


def test_has_believable_dates(session: Session) -> None:
    for person in made(session, 1000, 3, 20):
        assert TODAY - timedelta(days=5 * 365) <= person.registration_date < TODAY
        planned = person.expected_completion_date - person.registration_date
        assert 365 <= planned.days <= 4 * 365
        assert person.registration_date <= person.status_date < TODAY
        assert person.status_date <= person.recorded_at.date() < TODAY


def test_gives_reasons_for_most_cancellations(session: Session) -> None:
    reasons = Counter(
        person.cancellation_reason
        for person in made(session, 2000, 3, 20)
        if person.program_status is ProgramStatus.CANCELLED
    )

    assert 0 < reasons[None] < 0.15 * reasons.total()
    assert reasons["left_employment"] > reasons["dismissed"] > 0


def test_spreads_people_unevenly_but_leaves_no_employer_out(session: Session) -> None:
    sizes = Counter(person.employer_id for person in made(session, 1000, 3, 20))

    assert len(sizes) == 20
    assert max(sizes.values()) > 3 * min(sizes.values())


def test_limits_seats_near_what_is_used(session: Session) -> None:
    made(session, 3000, 12, 40)

    usages = [usage for _, _, usage in recount.usage_by_sponsor(session)]

    assert all(0.7 * use.used <= (use.limit or 0) <= 1.3 * use.used for use in usages)
    assert {use.free is not None and use.free < 0 for use in usages} == {True, False}
    limited = session.scalar(select(func.count(Employer.seat_limit)))
    assert limited is not None
    assert 0 < limited < 20


def test_leaves_the_demo_sponsor_free_seats(session: Session) -> None:
    made(session, 1200, 5, 24)

    usage = next(usage for id, _, usage in recount.usage_by_sponsor(session) if id == 1)

    assert usage.free is not None
    assert usage.free > 0


def test_told_the_agency_of_most_endings(session: Session) -> None:
    ended = [one for one in made(session, 1000, 3, 20) if one.program_status != "active"]
    told = [one for one in ended if one.reported_on]

    assert 0.85 * len(ended) < len(told) < len(ended)
    assert all(one.status_date <= one.reported_on < TODAY for one in told)


def test_grew_over_the_months_to_what_is_used_now(session: Session) -> None:
    made(session, 3000, 3, 20)

    counted = [month.usage.used for month in months(session, Whose(SYSTEM))]

    assert counted[-1] == sum(usage.used for _, _, usage in recount.usage_by_sponsor(session))
    assert len(set(counted)) > 6
    assert min(counted) > counted[-1] // 4


def test_takes_its_occupations_from_the_list(session: Session) -> None:
    people = made(session, 200, 5, 24)
    titles = set(session.scalars(select(Occupation.title)))

    assert {person.occupation for person in people} <= titles
    assert {title for trade in TRADES.values() for title in trade} <= titles


def test_fills_the_derived_columns_as_the_models_do(session: Session) -> None:
    for person in made(session, 500, 3, 20):
        keys = keys_of(person.first_name, person.last_name, person.email, person.apprentice_number)
        assert {"name_key": person.name_key, "search_text": person.search_text} == keys
        assert person.email_key == person.email


def test_always_has_the_three_sign_ins(session: Session) -> None:
    made(session, 0, 2, 3)

    staff = list(session.scalars(select(User).where(User.role.is_not(None)).order_by(User.id)))

    assert [(user.email, user.sponsor_id, user.employer_id) for user in staff] == [
        ("regulator@example.org", None, None),
        ("sponsor@example.org", 1, None),
        ("employer@example.org", 1, 1),
    ]
    assert all(user.is_active and verify(user.password_hash, PASSWORD) for user in staff)
    assert session.scalar(select(Employer.sponsor_id).where(Employer.id == 1)) == 1


def test_was_recorded_in_the_order_of_time(session: Session) -> None:
    made(session, 1000, 3, 20)

    changes = list(session.scalars(select(Change).order_by(Change.id)))

    assert [change.at for change in changes] == sorted(change.at for change in changes)
    assert changes[-1].at.date() < TODAY
    assert all(change.actor_id for change in changes if change.kind is not ChangeKind.CREATE)


def test_was_recorded_in_batches_that_had_one_date_and_one_reason(session: Session) -> None:
    made(session, 3000, 3, 10)
    batches = select(Change, ChangeItem).join(ChangeItem, ChangeItem.change_id == Change.id)

    rows = session.execute(batches.where(Change.kind == ChangeKind.TRANSITION)).all()

    assert len({change.id for change, _ in rows}) < len(rows) / 2
    for change, item in rows:
        assert item.new_status_date == change.effective_date
        assert item.new_cancellation_reason == change.reason
        assert (item.old_program_status, item.old_account_status) == ("active", "active")
    largest = session.scalar(select(func.max(ChangeScope.subjects)))
    assert largest is not None
    assert largest > 10


def test_goes_on_with_new_ids(session: Session) -> None:
    made(session, 20, 1, 1)
    user = User(first_name="A", last_name="B", email="a@example.org", role="regulator")
    change = Change(kind=ChangeKind.EDIT, action="edit", subject="user")
    session.add_all([user, change])
    session.flush()

    assert user.id == 24
    assert change.id == session.scalar(select(func.count()).select_from(Change))


def test_leaves_every_index_trigger_and_constraint_as_it_was(session: Session) -> None:
    before = schema(session)
    made(session, 20, 1, 1)

    assert schema(session) == before
    assert len(before) > 60


@pytest.mark.postgresql
def test_is_the_same_on_both_databases(
    on_sqlite: Installation, on_postgresql: Installation
) -> None:
    first, second = contents(on_sqlite, 7), contents(on_postgresql, 7)

    assert first == second


def test_is_another_one_with_another_random_seed(on_sqlite: Installation) -> None:
    assert contents(on_sqlite, 7) == contents(on_sqlite, 7)
    assert contents(on_sqlite, 7) != contents(on_sqlite, 8)


SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
    "postgresql": """
        SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
        UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace
        ORDER BY 1, 2, 3
    """,
}


def schema(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text(SCHEMA[session.get_bind().dialect.name]))]


def contents(installation: Installation, random_seed: int) -> list[list[Any]]:
    """Every row of a small world but the hashes of passwords."""
    installation.renew()
    with installation.app.app_context():
        seeding.seed(db.session, Size(150, 3, 8, random_seed), PASSWORD, date(2026, 3, 1))
        return [
            [
                tuple(row)
                for row in db.session.execute(
                    select(*(c for c in model.__table__.c if c.name != "password_hash")).order_by(
                        model.__table__.c[0], model.__table__.c[1]
                    )
                )
            ]
            for model in (Sponsor, Employer, User, Change, ChangeItem, ChangeScope, SeatMonth)
        ]


def test_has_distinct_names_however_large() -> None:
    planned = plan(Size(0, 2_000, 6_000))

    assert len({sponsor.name for sponsor in planned.sponsors}) == 2_000
    assert len({employer.name for employer in planned.employers}) == 6_000
