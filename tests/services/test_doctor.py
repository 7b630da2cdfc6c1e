"""The doctor …"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from seatadmin.services import seeding
from seatadmin.services.doctor import INVARIANTS, examine

on_sqlite_alone = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

BY_NAME = {invariant.name: invariant for invariant in INVARIANTS}

PARTICIPANT = "SELECT min(id) FROM \"user\" WHERE kind = 'participant'"
ACTIVE = "SELECT min(id) FROM \"user\" WHERE program_status = 'active'"
CANCELLED = "SELECT min(id) FROM \"user\" WHERE program_status = 'cancelled'"
STAFF = "SELECT min(id) FROM \"user\" WHERE role = 'regulator'"
EMPLOYER_ADMIN = "SELECT min(id) FROM \"user\" WHERE role = 'employer_admin'"
LATER = "SELECT max(id) FROM \"user\" WHERE kind = 'participant'"
EMPLOYER = "SELECT min(id) FROM employer"
SPONSOR = "SELECT min(id) FROM sponsor"
LAST_EMPLOYER = "SELECT max(id) FROM employer"
LAST_SPONSOR = "SELECT max(id) FROM sponsor"
CHANGE = "SELECT min(change_id) FROM change_scope WHERE subjects > 1"
CHANGE_OF_ONE = "SELECT min(change_id) FROM change_scope WHERE only_subject_id IS NOT NULL"
NOBODY = "SELECT 999999"


def user(assignment: str) -> str:
    return f'UPDATE "user" SET {assignment} WHERE id = :id'  # noqa: S608


BREAKS = [
    ("known values", PARTICIPANT, user("program_status = 'paused'")),
    ("known values", STAFF, user("role = 'root'")),
    ("account follows program", ACTIVE, user("program_status = 'completed'")),
    ("account follows program", CANCELLED, user("account_status = 'active'")),
    ("participant is complete", PARTICIPANT, user("status_date = NULL")),
    ("participant is complete", PARTICIPANT, user("role = 'sponsor'")),
    ("staff is complete", STAFF, user("program_status = 'active'")),
    ("role has its scope", STAFF, user("sponsor_id = 1")),
    ("role has its scope", EMPLOYER_ADMIN, user("employer_id = NULL")),
    ("employer of the sponsor", PARTICIPANT, user("sponsor_id = sponsor_id + 1")),
    ("sponsor exists", PARTICIPANT, user("sponsor_id = 999")),
    ("status after registration", PARTICIPANT, user("status_date = '1999-01-01'")),
    ("nothing from the future", PARTICIPANT, user("status_date = '2199-01-01'")),
    (
        "completion after registration",
        PARTICIPANT,
        user("expected_completion_date = '1999-01-01'"),
    ),
    ("reason belongs to a cancellation", ACTIVE, user("cancellation_reason = 'other'")),
    ("reason is on the list", CANCELLED, user("cancellation_reason = 'whim'")),
    ("has a key", PARTICIPANT, user("email = NULL, apprentice_number = ' '")),
    ("staff has an e-mail address", STAFF, user("email = ''")),
    ("e-mail is unique", LATER, user('email_key = (SELECT email_key FROM "user" WHERE id = 1)')),
    ("number is unique", LATER, user("apprentice_number = 'AP-0000001'")),
    ("keys agree", PARTICIPANT, user("last_name = 'Renamed'")),
    ("keys agree", PARTICIPANT, user("email = 'other@example.org'")),
    ("keys agree", PARTICIPANT, user("email_key = 'other@example.org'")),
    (
        "a regulator",
        "SELECT 'nobody is'",
        "UPDATE \"user\" SET role = NULL WHERE role = 'regulator'",
    ),
    ("sponsor's key agrees", SPONSOR, "UPDATE sponsor SET name = 'Renamed' WHERE id = :id"),
    ("employer's key agrees", EMPLOYER, "UPDATE employer SET name = 'Renamed' WHERE id = :id"),
    ("sponsor's name is unique", LAST_SPONSOR, "UPDATE sponsor SET name_key = 'same'"),
    ("program number is unique", LAST_SPONSOR, "UPDATE sponsor SET program_number = 'same'"),
    (
        "employer's name is unique",
        LAST_EMPLOYER,
        "UPDATE employer SET sponsor_id = 1, name_key = 'same'",
    ),
    ("employer has its sponsor", EMPLOYER, "UPDATE employer SET sponsor_id = 999 WHERE id = :id"),
    ("sponsor's seat limit", SPONSOR, "UPDATE sponsor SET seat_limit = -1 WHERE id = :id"),
    ("employer's seat limit", EMPLOYER, "UPDATE employer SET seat_limit = -1 WHERE id = :id"),
    (
        "seats are counted",
        EMPLOYER,
        "UPDATE seat_count SET active = active + 1 WHERE employer_id = :id",
    ),
    ("seats are counted", EMPLOYER, "DELETE FROM seat_count WHERE employer_id = :id"),
    (
        "months add up",
        EMPLOYER,
        "UPDATE seat_month SET taken = taken + 1 WHERE employer_id = :id",
    ),
    ("a plan is one", ACTIVE, user("plan_id = 999999")),
    ("a plan is one", ACTIVE, user("plan_id = (SELECT min(id) FROM change)")),
    (
        "plans are done on their day",
        ACTIVE,
        user("plan_id = (SELECT min(id) FROM change WHERE effective_date IS NOT NULL)"),
    ),
    ("audit agrees with the rows", ACTIVE, user("status_date = '2199-01-01'")),
    (
        "audit agrees with the rows",
        CANCELLED,
        "UPDATE change_item SET new_cancellation_reason = 'whim' WHERE subject_id = :id",
    ),
    (
        "scopes count the items",
        CHANGE,
        "UPDATE change_scope SET subjects = subjects + 1 WHERE change_id = :id",
    ),
    ("scopes count the items", CHANGE, "DELETE FROM change_scope WHERE change_id = :id"),
    (
        "only subject",
        CHANGE_OF_ONE,
        "UPDATE change_scope SET only_subject_id = 999 WHERE change_id = :id",
    ),
    ("only subject", CHANGE, "UPDATE change_scope SET only_subject_id = 1 WHERE change_id = :id"),
    ("chain", CHANGE, "UPDATE change SET reason = 'whim' WHERE id = :id"),
    ("chain", CHANGE, "DELETE FROM change_seal WHERE change_id = :id"),
    (
        "items have a change",
        NOBODY,
        "INSERT INTO change_item (change_id, subject_id) VALUES (:id, 1)",
    ),
    (
        "scopes have a change",
        NOBODY,
        "INSERT INTO change_scope (change_id, subjects) VALUES (:id, 0)",
    ),
    (
        "personal values have a change",
        NOBODY,
        "INSERT INTO change_personal (change_id, field) VALUES (:id, 'note')",
    ),
    (
        "the deleted are erased",
        NOBODY,
        "INSERT INTO change_personal (change_id, subject_id, field) VALUES (1, :id, 'note')",
    ),
    ("migrations", "SELECT '000'", "UPDATE alembic_version SET version_num = '000'"),
]


@pytest.fixture
def sound(session: Session) -> Session:
    """A small made-up world, not committed, in which no constraint holds anybody back."""
    seeding.seed(session, seeding.Size(60, 3, 6), "a password of nobody", date.today())
    unguard = unguard_postgresql if on_postgresql(session) else unguard_sqlite
    unguard(session)
    return session


def test_finds_nothing_in_a_seeded_database(session: Session) -> None:
    seeding.seed(session, seeding.Size(60, 3, 6), "a password of nobody", date.today())

    assert list(map(str, examine(session))) == []


def test_names_what_breaks(sound: Session, subtests: pytest.Subtests) -> None:
    for name, victim, damage in BREAKS:
        with subtests.test(name, damage=damage), undone(sound):
            id = sound.scalar(text(victim))
            assert list(BY_NAME[name].offenders(sound)) == []

            sound.execute(text(damage), {"id": id} if ":id" in damage else {})

            assert id in set(BY_NAME[name].offenders(sound))


@pytest.mark.parametrize("trigger", ["change_item_no_delete", "seat_count_update"])
def test_misses_a_trigger(session: Session, trigger: str) -> None:
    table = "change_item" if trigger.startswith("change_item") else '"user"'
    on = f" ON {table}" if on_postgresql(session) else ""
    session.execute(text(f"DROP TRIGGER {trigger}{on}"))

    (finding,) = examine(session)

    assert finding.invariant.name == "triggers"
    assert finding.first == [trigger]


def test_misses_the_triggers_of_one_database(session: Session) -> None:
    trigger, on = ("user_search_update", "")
    if on_postgresql(session):
        trigger, on = ("change_no_truncate", " ON change")
    session.execute(text(f"DROP TRIGGER {trigger}{on}"))

    (finding,) = examine(session)

    assert finding.first == [trigger]


@on_sqlite_alone
def test_finds_dangling_references(session: Session) -> None:
    seeding.seed(session, seeding.Size(5, 1, 1), "a password of nobody", date.today())
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    session.execute(text("DELETE FROM sponsor"))

    names = {finding.invariant.name for finding in examine(session)}

    assert {"references", "sponsor exists", "employer has its sponsor"} <= names


@on_sqlite_alone
def test_finds_what_sqlite_says_of_its_file(session: Session) -> None:
    session.execute(text("PRAGMA ignore_check_constraints = ON"))
    session.execute(text("INSERT INTO sponsor (name, name_key, seat_limit) VALUES ('A', 'a', -1)"))
    session.execute(text("PRAGMA ignore_check_constraints = OFF"))

    assert "file" in {finding.invariant.name for finding in examine(session)}


def test_counts_all_and_names_the_first(session: Session) -> None:
    seeding.seed(session, seeding.Size(60, 1, 1), "a password of nobody", date.today())
    same = text("UPDATE \"user\" SET name_key = 'same' WHERE id BETWEEN 4 AND :last")
    for last in (9, 63):  # on PostgreSQL the first of all stand last now
        session.execute(same, {"last": last})

    (finding,) = examine(session)

    assert finding.count == 60
    assert str(finding).startswith("keys agree: ")
    assert str(finding).endswith("Broken by 60: 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, …")


def test_goes_on_where_a_check_fails(session: Session) -> None:
    session.execute(text("DROP TABLE change_personal"))
    session.commit()

    found = {finding.invariant.name: finding for finding in examine(session)}

    assert "cannot be checked" in str(found["personal values have a change"])
    assert "triggers" in found  # a later one


def test_has_every_invariant_tried() -> None:
    tried = {name for name, *_ in BREAKS} | {"triggers", "references", "file"}

    assert tried == set(BY_NAME)
    assert len(BY_NAME) == len(INVARIANTS)


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Take back what the block does."""
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def unguard_postgresql(session: Session) -> None:
    """Take away every constraint and trigger, until the rollback."""
    constraints = (
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE',"
        " conrelid::regclass, conname) FROM pg_constraint"
        " WHERE contype IN ('c', 'f', 'u') AND connamespace = 'public'::regnamespace"
    )
    triggers = (
        "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)"
        " FROM pg_trigger WHERE NOT tgisinternal"
    )
    for drop in (*session.scalars(text(constraints)), *session.scalars(text(triggers))):
        session.execute(text(drop))


def unguard_sqlite(session: Session) -> None:
    """Take away every trigger, and put tables without constraints in place of the guarded ones."""
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for trigger in session.scalars(triggers).all():
        session.execute(text(f"DROP TRIGGER {trigger}"))
    for table in ("seat_month", "seat_count", "user", "employer", "sponsor"):
        session.execute(text(f'CREATE TABLE bare AS SELECT * FROM "{table}"'))  # noqa: S608
        session.execute(text(f'DROP TABLE "{table}"'))
        session.execute(text(f'ALTER TABLE bare RENAME TO "{table}"'))
