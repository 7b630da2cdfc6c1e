"""The database refuses …

Raw SQL, because that is the path on which nothing else stands in the way.
"""

from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from tests.factories import (
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)

USER = 'UPDATE "user" SET {} WHERE id = :{}'.format

# constraint -> statements that break it and nothing else
REFUSED = {
    "ck_user_account_follows_program": [
        USER("program_status = 'suspended'", "active"),
        USER("program_status = 'completed'", "active"),
        USER("program_status = 'cancelled'", "active"),
        USER("account_status = 'active'", "suspended"),
        USER("account_status = 'active'", "completed"),
        USER("account_status = 'active'", "cancelled"),
        USER("account_status = 'active', program_status = 'completed'", "suspended"),
        "UPDATE \"user\" SET account_status = 'active' WHERE kind = 'participant'",
    ],
    "ck_user_kind_is_complete": [
        USER("role = 'employer_admin'", "active"),
        USER("program_status = NULL", "active"),
        USER("status_date = NULL", "active"),
        USER("registration_date = NULL", "active"),
        USER("employer_id = NULL", "active"),
        USER("sponsor_id = NULL", "active"),
        USER("kind = 'staff'", "active"),
        USER("role = NULL", "regulator"),
        USER("program_status = 'active'", "regulator"),
    ],
    "ck_user_role_has_its_scope": [
        USER("sponsor_id = :sponsor_id", "regulator"),
        USER("sponsor_id = NULL", "sponsor"),
        USER("employer_id = :employer_id", "sponsor"),
        USER("employer_id = NULL", "employer_admin"),
        USER("role = 'regulator'", "sponsor"),
        USER("role = 'sponsor'", "employer_admin"),
    ],
    "ck_user_has_a_key": [USER("email = NULL, apprentice_number = NULL", "active")],
    "ck_user_status_after_registration": [
        USER("status_date = '2024-02-29'", "active"),
        USER("registration_date = '2026-01-01'", "cancelled"),
    ],
    "ck_user_reason_if_cancelled": [
        USER("cancellation_reason = 'other'", "active"),
        USER("cancellation_reason = 'other'", "suspended"),
        USER("program_status = 'completed'", "cancelled"),
    ],
    "ck_user_plan_of_program": [USER("plan_id = 1", "regulator")],
    "ck_user_kind": [USER("kind = 'visitor'", "regulator")],
    "ck_user_role": [USER("role = 'auditor'", "regulator")],  # the role's scope refuses it too
    "ck_user_account_status": [USER("account_status = 'locked'", "active")],
    "ck_user_program_status": [USER("program_status = 'paused'", "suspended")],
    "ck_sponsor_seat_limit": ["UPDATE sponsor SET seat_limit = -1"],
    "ck_employer_seat_limit": ["UPDATE employer SET seat_limit = -1"],
    "ck_change_kind": ["INSERT INTO change (kind, action, subject) VALUES ('x', 'x', 'user')"],
    "ck_change_subject": ["INSERT INTO change (kind, action, subject) VALUES ('edit', 'x', 'x')"],
    "ck_user_session_ended_why": [
        "INSERT INTO user_session (token_digest, user_id, complete, address, agent, ended_why)"
        " VALUES ('x', :regulator, true, '', '', 'bored')"
    ],
}


@pytest.fixture
def rows(session: Any) -> dict[str, int]:
    """The ids that the statements name."""
    employer = EmployerFactory()
    made = {
        "regulator": regulator(),
        "sponsor": sponsor_staff(employer.sponsor),
        "employer_admin": employer_admin(employer),
        "active": ParticipantFactory(employer=employer),
        "suspended": ParticipantFactory(employer=employer, suspended=True),
        "completed": ParticipantFactory(employer=employer, completed=True),
        "cancelled": ParticipantFactory(employer=employer, cancelled=True),
        "employer_id": employer,
        "sponsor_id": employer.sponsor,
    }
    return {name: row.id for name, row in made.items()}


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [(name, statement) for name, broken in REFUSED.items() for statement in broken],
)
def test_a_row_that_breaks_a_rule(
    session: Any, rows: dict[str, int], constraint: str, statement: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(text(statement), rows)


def test_by_no_constraint_that_is_not_tried_here(session: Any) -> None:
    database = inspect(session.connection())
    names = {
        check["name"]
        for table in database.get_table_names()
        for check in database.get_check_constraints(table)
    }

    assert names == set(REFUSED)


@pytest.mark.parametrize(
    "statement",
    [
        USER("sponsor_id = :foreign_sponsor", "active"),
        USER("employer_id = :foreign_employer", "active"),
        USER("sponsor_id = :foreign_sponsor", "employer_admin"),
        USER("cancellation_reason = 'no_such_reason'", "cancelled"),
        "UPDATE employer SET sponsor_id = :foreign_sponsor WHERE id = :employer_id",
        "DELETE FROM employer WHERE id = :employer_id",
        "DELETE FROM sponsor WHERE id = :sponsor_id",
        "DELETE FROM cancellation_reason WHERE code = 'left_employment'",
    ],
)
def test_a_row_that_points_nowhere_or_across_sponsors(
    session: Any, rows: dict[str, int], statement: str
) -> None:
    foreign = EmployerFactory()
    rows |= {"foreign_employer": foreign.id, "foreign_sponsor": foreign.sponsor_id}

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.execute(text(statement), rows)


@pytest.mark.parametrize("same", ["ADA@example.org", "Ada@Example.Org", "\uff41da@example.org"])
def test_a_second_user_with_the_same_address(session: Any, same: str) -> None:
    ParticipantFactory(email="ada@example.org")

    with pytest.raises(IntegrityError, match="email_key"):
        regulator(email=same)


def test_a_second_participant_with_the_same_number(session: Any) -> None:
    ParticipantFactory(apprentice_number="A-1")

    with pytest.raises(IntegrityError, match="apprentice_number"):
        ParticipantFactory(apprentice_number="A-1")


def test_no_second_participant_without_an_address_or_without_a_number(session: Any) -> None:
    for missing in ("email", "apprentice_number"):
        assert ParticipantFactory(**{missing: None}).id != ParticipantFactory(**{missing: None}).id


def test_a_second_sponsor_of_the_same_name_or_number(session: Any) -> None:
    SponsorFactory(name="Électricité du Nord", program_number="P-1")

    with pytest.raises(IntegrityError, match="name_key"), session.begin_nested():
        SponsorFactory(name="electricite  DU nord")
    with pytest.raises(IntegrityError, match="program_number"), session.begin_nested():
        SponsorFactory(program_number="P-1")


def test_a_second_employer_of_the_same_name_within_one_sponsor_only(session: Any) -> None:
    employer = EmployerFactory(name="Volta")
    EmployerFactory(name="Volta")

    with pytest.raises(IntegrityError, match="name_key"):
        EmployerFactory(name="VOLTA", sponsor=employer.sponsor)


def test_to_delete_a_member_of_staff_who_did_something(session: Any) -> None:
    actor = regulator()
    session.execute(
        text(
            "INSERT INTO change (actor_id, kind, action, subject) VALUES (:id, 'edit', 'x', 'user')"
        ),
        {"id": actor.id},
    )

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.execute(text('DELETE FROM "user" WHERE id = :id'), {"id": actor.id})
