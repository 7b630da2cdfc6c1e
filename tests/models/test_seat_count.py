"""The seat count …

Kept by triggers: nothing here goes through services or models once the rows are there.
"""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from seatadmin.models import User
from tests.factories import (
    REGISTERED,
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    regulator,
)

EMPLOYERS = 3  # two of one sponsor, one of another
COUNTED = text("SELECT employer_id, active FROM seat_count")
RECOUNTED = text(
    'SELECT employer.id, count("user".id) FROM employer LEFT JOIN "user" ON employer.id ='
    " employer_id AND kind = 'participant' AND account_status = 'active' GROUP BY employer.id"
)

employers = st.integers(0, EMPLOYERS - 1)
accounts = st.sampled_from(["active", "deactivated"])
some = st.sampled_from(["TRUE", "id % 2 = 0", "id % 3 = 1", "id % 5 = 2", "id < 0"])
statements = st.one_of(
    st.tuples(st.just("insert"), st.lists(st.tuples(employers, accounts), min_size=1, max_size=6)),
    st.tuples(st.just("account_status = '{}'"), some, accounts),
    st.tuples(st.just("employer_id = {}, sponsor_id = {}"), some, employers),
    st.tuples(
        st.just(
            "employer_id = {}, sponsor_id = {}, account_status = CASE account_status"
            " WHEN 'active' THEN 'deactivated' ELSE 'active' END"
        ),
        some,
        employers,
    ),
    st.tuples(st.just("kind = 'staff', role = 'employer_admin', program_status = NULL"), some),
    st.tuples(st.just("delete"), some),
)


def counted(session: Any) -> dict[int, int]:
    return dict(session.execute(COUNTED).all())


def recounted(session: Any) -> dict[int, int]:
    return dict(session.execute(RECOUNTED).all())


def insert(session: Any, owners: list[tuple[int, int]], rows: Any, serial: int) -> None:
    """Several participants by one statement."""
    dates = {"registration_date": REGISTERED, "status_date": REGISTERED}
    values = [
        {
            "kind": "participant",
            "first_name": "Ada",
            "last_name": "King",
            "apprentice_number": f"{serial}-{turn}",
            "account_status": account,
            "program_status": "active",
            "employer_id": owners[employer][0],
            "sponsor_id": owners[employer][1],
            **dates,
        }
        for turn, (employer, account) in enumerate(rows)
    ]
    session.execute(User.__table__.insert().values(values))


def execute(session: Any, owners: list[tuple[int, int]], statement: Any, serial: int) -> None:
    what, *details = statement
    if what == "insert":
        insert(session, owners, details[0], serial)
    elif what == "delete":
        session.execute(text(f'DELETE FROM "user" WHERE {details[0]}'))  # noqa: S608
    else:
        where, *values = details
        if "employer_id" in what:
            values = list(owners[values[0]])
        session.execute(
            text(
                f'UPDATE "user" SET {what.format(*values)}'  # noqa: S608
                f" WHERE {where} AND kind = 'participant'"
            )
        )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(statements, min_size=1, max_size=8))
def test_follows_every_raw_statement(session: Any, sequence: list[Any]) -> None:
    session.rollback()
    sponsor = SponsorFactory()
    made = [EmployerFactory(sponsor=sponsor), EmployerFactory(sponsor=sponsor), EmployerFactory()]
    owners = [(employer.id, employer.sponsor_id) for employer in made]

    for serial, statement in enumerate(sequence):
        execute(session, owners, statement, serial)

        assert counted(session) == recounted(session)


def test_begins_at_nothing_with_a_new_employer(session: Any) -> None:
    employer = EmployerFactory()

    assert counted(session) == {employer.id: 0}


def test_goes_with_its_employer(session: Any) -> None:
    employer = EmployerFactory()

    session.delete(employer)
    session.flush()

    assert counted(session) == {}


def test_never_counts_staff(session: Any) -> None:
    employer = EmployerFactory()
    regulator()

    assert counted(session) == {employer.id: 0}


def test_counts_active_accounts_only(session: Any) -> None:
    employer, other = EmployerFactory(), EmployerFactory()
    for state in ({}, {}, {"suspended": True}, {"cancelled": True}, {"out_of_step": True}):
        ParticipantFactory(employer=employer, **state)
    ParticipantFactory(employer=other)

    assert Counter(counted(session)) == {employer.id: 2, other.id: 1}


@pytest.mark.parametrize("table", ["sponsor", "employer", "user"])
def test_can_trust_ids_because_none_is_given_twice(session: Any, table: str) -> None:
    make = {"sponsor": SponsorFactory, "employer": EmployerFactory, "user": regulator}[table]
    last = make()
    gone = last.id
    session.delete(last)
    session.commit()

    assert make().id > gone
