"""The audit's tables …"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from seatadmin.ledger import (
    Change,
    ChangeItem,
    ChangeKind,
    ChangePersonal,
    ChangeScope,
    ChangeSeal,
    Subject,
)
from seatadmin.services.scope import one_of

TABLES = [Change, ChangeItem, ChangeScope, ChangePersonal, ChangeSeal]


@pytest.fixture
def change(session: Any) -> Change:
    change = Change(kind=ChangeKind.EDIT, action="edit", subject=Subject.USER)
    session.add(change)
    session.flush()
    session.add(ChangeItem(change_id=change.id, subject_id=1))
    session.add(ChangeScope(change_id=change.id, subjects=1))
    session.add(ChangePersonal(change_id=change.id, field="last_name", old="King", new="Queen"))
    session.commit()
    return change


@pytest.mark.parametrize("model", TABLES)
def test_refuse_to_be_rewritten(session: Any, change: Change, model: Any) -> None:
    column = next(iter(model.__table__.primary_key)).name

    with pytest.raises(DBAPIError, match=f"{model.__tablename__} is append-only"):
        session.execute(text(f"UPDATE {model.__tablename__} SET {column} = {column} + 1"))  # noqa: S608


@pytest.mark.parametrize("model", [Change, ChangeItem, ChangeScope, ChangeSeal])
def test_refuse_to_forget(session: Any, change: Change, model: Any) -> None:
    with pytest.raises(DBAPIError, match=f"{model.__tablename__} is append-only"):
        session.execute(text(f"DELETE FROM {model.__tablename__}"))  # noqa: S608


@pytest.mark.parametrize("model", TABLES)
def test_refuse_to_be_rewritten_at_one_stroke(session: Any, change: Change, model: Any) -> None:
    table = model.__tablename__
    strokes = {
        "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608
        "postgresql": f"TRUNCATE {table} CASCADE",
    }
    held = session.scalar(select(func.count()).select_from(model))
    assert held

    with pytest.raises(DBAPIError, match="is append-only"):
        session.execute(text(strokes[session.get_bind().dialect.name]))

    session.rollback()
    assert session.scalar(select(func.count()).select_from(model)) == held


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "columns", "others"),
    [
        ("change_item", "change_id, subject_id", "change_id, subject_id + 1"),
        (
            "change_seal",
            "sponsor_id, sequence, change_id, parts, digest",
            "sponsor_id + 99, sequence, change_id, parts, digest",
        ),
    ],
)
def test_refuse_to_be_replaced_by_the_number_that_sqlite_gives_a_row(
    session: Any, change: Change, table: str, columns: str, others: str
) -> None:
    stroke = f"REPLACE INTO {table} (rowid, {columns}) SELECT rowid, {others} FROM {table}"  # noqa: S608
    assert session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608

    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        session.execute(text(stroke))


def test_forget_personal_values_with_the_person(session: Any, change: Change) -> None:
    session.execute(text("DELETE FROM change_personal"))
    session.commit()

    assert session.scalar(select(func.count()).select_from(ChangePersonal)) == 0


def test_tell_moments_in_utc_wherever_the_server_stands(session: Any, change: Change) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL TIME ZONE 'Pacific/Kiritimati'"))
    session.refresh(change)

    assert change.at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - change.at) < timedelta(hours=1)


@pytest.mark.parametrize("ids", [(), (1,), range(200_000)])
def test_are_asked_for_any_number_of_ids_at_once(session: Any, change: Change, ids: Any) -> None:
    found = session.scalars(
        select(ChangeItem.subject_id).where(one_of(session, ChangeItem.subject_id, ids))
    ).all()

    assert found == [id for id in ids if id == 1]
