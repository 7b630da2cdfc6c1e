"""The participant's form in tests: open and save it, read the row and its audit."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import Participant
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored

NEW = "/admin/participant/new/"


TOMORROW = (date.today() + timedelta(days=1)).isoformat()

TOO_FAR = (date.today() + timedelta(days=367)).isoformat()
"""A day for which nothing can be planned."""


def edit(id: int) -> str:
    return f"/admin/participant/edit/?id={id}"


def save(person: Person, id: int, /, as_json: bool = False, **changed: Any) -> Answer:
    """Open the form, change some fields, save it whole."""
    form = person.get(edit(id)).form
    return person.post(edit(id), as_json=as_json, **form | changed)


def read(stored: Stored, id: int) -> dict[str, Any]:
    with stored() as session:
        row = session.get(Participant, id)
        assert row is not None
        return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def audit(stored: Stored, id: int) -> list[tuple[str, str]]:
    """(kind, action) of every change of a participant, oldest first."""
    with stored() as session:
        rows = session.execute(
            select(Change.kind, Change.action)
            .join(ChangeItem, ChangeItem.change_id == Change.id)
            .where(ChangeItem.subject_id == id, Change.subject == "participant")
            .order_by(Change.id)
        )
        return [(str(kind), action) for kind, action in rows]
