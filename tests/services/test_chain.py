"""The audit's chains …"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import Enum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangeScope, ChangeSeal, Subject
from seatadmin.lifecycle import CANCEL, SUSPEND
from seatadmin.models import Participant
from seatadmin.permissions import SYSTEM
from seatadmin.services import chain, changes, participants, seeding, status
from seatadmin.services.chain_check import breaks, cut_off
from seatadmin.services.scope import Selection
from seatadmin.services.sealed import FEW, NO_SPONSOR
from tests.factories import EmployerFactory, ParticipantFactory
from tests.installation import Installation
from tests.services.acting import statements

MODELS = (Change, ChangeItem, ChangeScope, ChangeSeal)


def cancel(session: Any, *people: Participant) -> int:
    asked = status.order(session, SYSTEM, CANCEL, Selection(tuple(one.id for one in people)))
    change_id = status.perform(session, asked).change_id
    assert change_id is not None
    return change_id


def seals(session: Any) -> list[tuple[int, int, int]]:
    rows = select(ChangeSeal.sponsor_id, ChangeSeal.sequence, ChangeSeal.change_id)
    return [tuple(row) for row in session.execute(rows.order_by(*rows.selected_columns))]


def test_grow_by_a_link_in_each_sponsor_that_a_change_concerns(session: Any) -> None:
    one, other = ParticipantFactory(), ParticipantFactory()
    first = cancel(session, one, other)
    session.commit()
    asked = status.order(session, SYSTEM, SUSPEND, Selection((ParticipantFactory().id,)))
    session.flush()
    second = status.perform(session, asked).change_id
    session.commit()

    third = session.get(Participant, asked.selection.ids[0]).sponsor_id
    assert seals(session) == [
        (one.sponsor_id, 1, first),
        (other.sponsor_id, 1, first),
        (third, 1, second),
    ]
    assert list(breaks(session)) == []


def test_hold_what_concerns_no_sponsor_in_one_of_its_own(session: Any) -> None:
    change = changes.record_event(session, SYSTEM, ChangeKind.EXPORT, "export", Subject.USER)
    session.commit()

    assert seals(session) == [(NO_SPONSOR, 1, change.id)]


def test_seal_nothing_that_was_rolled_back(session: Any) -> None:
    changes.record_event(session, SYSTEM, ChangeKind.EXPORT, "export", Subject.USER)
    session.rollback()
    cancel(session, ParticipantFactory())
    session.commit()

    assert len(seals(session)) == 1
    assert list(breaks(session)) == []


def test_seal_a_change_that_goes_round_the_services(session: Any) -> None:
    session.add(Change(kind=ChangeKind.EDIT, action="edit", subject=Subject.USER))
    session.commit()

    assert len(seals(session)) == 1


def test_seal_an_act_and_an_edit_of_one_form_in_their_order(session: Any) -> None:
    person = ParticipantFactory()
    values = {"program_status": CANCEL.target, "cancellation_reason": "other", "last_name": "New"}
    participants.edit(session, SYSTEM, person.id, person.version, values)
    session.commit()

    assert [sequence for _, sequence, _ in seals(session)] == [1, 2]
    assert list(breaks(session)) == []


def test_stay_whole_when_a_person_is_deleted(session: Any) -> None:
    person = ParticipantFactory()
    cancel(session, person)
    session.commit()
    participants.delete(session, SYSTEM, person.id, person.name)
    session.commit()

    assert list(breaks(session)) == []


def test_send_the_same_number_of_statements_for_any_number_of_rows(session: Any) -> None:
    employer = EmployerFactory()
    counts = []
    for many in (2, 40):
        cancel(session, *[ParticipantFactory(employer=employer) for _ in range(many)])
        with statements() as sent:
            session.commit()
        counts.append(len(sent))

    assert counts[0] == counts[1] <= 4


@pytest.mark.parametrize("many", range(FEW - 3, FEW + 2))
def test_seal_few_rows_as_they_seal_many(session: Any, many: int) -> None:
    """What is sealed is read at once where it is little; the check reads it piece by piece."""
    employer = EmployerFactory()
    people = ParticipantFactory.create_batch(many, employer=employer)
    cancel(session, *people)
    with statements() as sent:
        session.commit()

    assert list(breaks(session)) == []
    assert (len(sent) <= 4) is (many + 2 <= FEW)


SEEDED = seeding.Size(40, 2, 4, random_seed=7)


@pytest.mark.postgresql
def test_have_the_same_heads_on_both_databases(
    on_sqlite: Installation, on_postgresql: Installation
) -> None:
    heads = []
    for installation in (on_sqlite, on_postgresql):
        with installation.renew().app.app_context():
            seeding.seed(db.session, SEEDED, "a password of nobody", date(2026, 11, 24))
            db.session.commit()
            heads.append(chain.heads(db.session))

    assert heads[0] == heads[1]
    assert [head.sponsor_id for head in heads[0]] == [NO_SPONSOR, 1, 2]


@pytest.fixture
def sound(session: Any) -> Any:
    """A small world, of which every constraint and trigger of the audit is gone."""
    seeding.seed(session, SEEDED, "a password of nobody", date.today())
    session.commit()
    unguard(session)
    session.commit()
    assert list(breaks(session)) == []
    return session


def unguard(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        for drop in session.scalars(
            text(
                "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)"
                " FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'change%'"
                " UNION ALL SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE',"
                " conrelid::regclass, conname) FROM pg_constraint WHERE contype <> 'n' AND"
                " conrelid::regclass::text LIKE 'change%' AND connamespace = 'public'::regnamespace"
            )
        ).all():
            session.execute(text(drop))
        return
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    referring = "SELECT name FROM sqlite_master WHERE sql LIKE '%REFERENCES change %'"
    audit = ("change_seal", "change_scope", "change_item", "change")
    for table in set(session.scalars(text(referring))) - set(audit):
        session.execute(text(f"DROP TABLE {table}"))
    for table in audit:
        session.execute(text(f"CREATE TABLE bare AS SELECT * FROM {table}"))  # noqa: S608
        session.execute(text(f"DROP TABLE {table}"))
        session.execute(text(f"ALTER TABLE bare RENAME TO {table}"))


@contextmanager
def undone(session: Any) -> Iterator[None]:
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def row_of(session: Any, model: Any, number: int) -> Any:
    """A row, picked by any number: its condition, and its values."""
    key = inspect(model).primary_key
    count = session.scalar(select(func.count()).select_from(model))
    table = model.__table__
    row = session.execute(select(table).order_by(*key).offset(number % count).limit(1)).one()
    return [column == row._mapping[column] for column in key], dict(row._mapping)


def other_value(column: Any, old: Any, number: int) -> Any:
    if column.name == "fields":
        return {"other": [None, number]}
    kind = column.type.python_type
    if issubclass(kind, Enum):
        return [one for one in kind if one is not old][number % (len(kind) - 1)]
    if kind is str:
        others = [
            one
            for one in (None, "other", "")
            if one != old and (one is not None or column.nullable)
        ]
        return others[number % len(others)]
    if kind is int:
        return (old or 0) + 1 + number
    return old.replace(year=1999) if old else date(1999, 1, 1)


tampering = st.tuples(
    st.sampled_from(MODELS), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 12)
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(what=st.sampled_from(["update", "delete", "insert", "swap"]), where=tampering)
def test_show_any_tampering(sound: Any, what: str, where: Any) -> None:
    model, number, other, nth = where
    with undone(sound):
        if tamper(sound, what, model, number, other, nth):
            assert list(breaks(sound)), (what, model, number, other, nth)


def tamper(session: Any, what: str, model: Any, number: int, other: int, nth: int) -> bool:
    """Do it; False where it would alter nothing."""
    table = model.__table__
    condition, values = row_of(session, model, number)
    columns = list(table.columns)
    if what == "delete":
        session.execute(delete(table).where(*condition))
        return True
    if what == "update":
        column = columns[nth % len(columns)]
        value = other_value(column, values[column.name], other)
        session.execute(update(table).where(*condition).values({column.name: value}))
        return True
    if what == "insert":
        key = inspect(model).primary_key[-1]
        session.execute(insert(table).values(values | {key.name: 1_000_000 + other}))
        return True
    condition_2, values_2 = row_of(session, model, other)
    key_names = {column.name for column in inspect(model).primary_key}
    rest = {name for name in values if name not in key_names}
    if all(values[name] == values_2[name] for name in rest):
        return False
    for which, new in ((condition, values_2), (condition_2, values)):
        moved = {name: new[name] for name in rest}
        session.execute(update(table).where(*which).values(moved))
    return True


def test_show_that_the_tail_was_cut_off_to_whoever_kept_a_head(sound: Any) -> None:
    kept = chain.heads(sound)
    last = kept[-1]
    change_id = sound.scalar(
        select(ChangeSeal.change_id).where(
            ChangeSeal.sponsor_id == last.sponsor_id, ChangeSeal.sequence == last.sequence
        )
    )
    for model, column in ((ChangeSeal, ChangeSeal.change_id), (Change, Change.id)):
        sound.execute(delete(model.__table__).where(column == change_id))
    for model in (ChangeItem, ChangeScope):
        sound.execute(delete(model.__table__).where(model.change_id == change_id))

    assert list(breaks(sound)) == []
    (found,) = cut_off(sound, kept)
    assert (found.sponsor_id, found.sequence) == (last.sponsor_id, last.sequence)
    assert list(cut_off(sound, kept[:-1])) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE change SET action = 'x' WHERE id = 9", "change: row 9 was altered."),
        ("DELETE FROM change WHERE id = 9", "change: the row is missing."),
        ("UPDATE change_scope SET employer_id = 99 WHERE change_id = 9", "change_scope: a row"),
        (
            "UPDATE change_item SET new_program_status = 'x' WHERE change_id = 9",
            "change_item:",
        ),
        ("UPDATE change_seal SET digest = 'x' WHERE change_id = 9", "change_seal: link"),
        ("DELETE FROM change_seal WHERE change_id = 9", "change_seal: it is not sealed."),
    ],
)
def test_name_what_was_altered(sound: Any, damage: str, told: str) -> None:
    sound.execute(text(damage))

    found = {each.change_id: str(each) for each in breaks(sound)}

    assert told in found[9]
    assert found[9].startswith("Chain of sponsor ")
