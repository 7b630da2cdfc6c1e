"""What a database does for a statement: its plan, and where that reads a whole table."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import Update, event
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.services import seeding
from seatadmin.services.seeding import Size
from tests.installation import Installation

Plans = list[tuple[str, list[str]]]
"""Statements, and the places of each where every user is read."""


PLANNING = 50
"""What PostgreSQL adds to the cost of a plan for one time, when it compares: rather too much."""


def filled(installation: Installation, size: Size, *changes: Update) -> Flask:
    """Enough rows for an index to be worth it, and what the planner has to know of them."""
    with installation.app.app_context():
        seeding.seed(db.session, size, "a password of nobody", date.today())
        for change in changes:
            db.session.execute(change)
        db.session.commit()
        seeding.refresh_statistics(db.session)
        db.session.commit()
    return installation.app


def whole_reads(session: Session, work: Callable[[], Any]) -> Plans:
    """The statements of `work` that read every user, with those steps of their plans.

    A read that stops at a limit is none: it ends when it has found enough.
    """
    sent = _sent(session, work)
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    read = _sqlite_steps if on_sqlite else _postgresql_steps
    found = [(statement, list(read(session, statement, values))) for statement, values in sent]
    return [(statement, whole) for statement, whole in found if whole]


def steps(session: Session, work: Callable[[], Any]) -> str:
    """The plans for the statements of `work`, in the database's own words."""
    connection = session.connection()
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    plans = (
        connection.exec_driver_sql(f"{explain} {statement}", values).all()
        for statement, values in _sent(session, work)
    )
    return "\n".join(str(step) for plan in plans for *_, step in plan)


def _sent(session: Session, work: Callable[[], Any]) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "WITH", "INSERT", "UPDATE")):
            seen.append((statement, values))

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(bind, "before_cursor_execute", note)
    return seen


def _sqlite_steps(session: Session, statement: str, values: Any) -> Iterator[str]:
    """Steps that walk the table to its end: to sort it, or because no limit stops them.

    A co-routine is a subquery with a limit of its own.
    """
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    limited: set[int] = set()
    sorts = "ORDER BY" in statement and any("FOR ORDER BY" in step for *_, step in plan)
    for id, parent, _, step in plan:
        if step.startswith("CO-ROUTINE") or parent in limited:
            limited.add(id)
        elif step == "SCAN user" and (sorts or "LIMIT" not in statement):
            yield step


def _postgresql_steps(session: Session, statement: str, values: Any) -> Iterator[str]:
    """Of the plan for these values, and of the one for any values, if it would be kept."""
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()]
        any = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {_numbered(statement, list(values))}"
        plans.append(cursor.execute(any, prepare=False).fetchone())
    for_these, for_any = (explained["Plan"] for ((explained,),) in plans)
    yield from _walked(for_these, limited=False)
    if for_any["Total Cost"] <= for_these["Total Cost"] + PLANNING:
        yield from _walked(for_any, limited=False)


def _numbered(statement: str, names: list[str]) -> str:
    """With its parameters as PostgreSQL writes them, and not as its driver does."""
    marked = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    return marked.replace("%%", "%")


def _walked(node: dict[str, Any], limited: bool) -> Iterator[str]:
    kind = node["Node Type"]
    if kind == "Seq Scan" and node["Relation Name"] == "user" and not limited:
        yield f"{kind} on {node['Relation Name']}: {node.get('Filter')}"
    # Under a sort or an aggregate everything is read, whatever limit stands above.
    stops = kind == "Limit" or (limited and kind not in ("Sort", "Aggregate", "Hash"))
    for below in node.get("Plans", []):
        yield from _walked(below, stops)
