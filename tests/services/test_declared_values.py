"""A service that is called directly …

It writes what it declares, like a form, whatever else it is handed.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect

from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import SYSTEM
from seatadmin.services import organizations, participants, users
from tests.factories import ParticipantFactory, SponsorFactory, regulator, sponsor_staff
from tests.services.acting import audit

PARTICIPANT = {"first_name", "last_name", "email", "employer_id", "apprentice_number"} | {
    "occupation",
    "registration_date",
    "expected_completion_date",
    "program_status",
    "status_date",
    "cancellation_reason",
    "status_note",
}
STAFF = {"first_name", "last_name", "email", "role", "sponsor_id", "employer_id"}
EDITS: dict[str, tuple[type[Any], set[str], Callable[..., Any]]] = {
    "participant": (Participant, PARTICIPANT, participants.edit),
    "staff": (User, STAFF, users.edit_staff),
    "sponsor": (Sponsor, {"name", "program_number", "seat_limit"}, organizations.edit_sponsor),
    "employer": (Employer, {"name", "sponsor_id", "seat_limit"}, organizations.edit_employer),
}
"""What each one saves, and the values that it declares."""


def columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}


@pytest.mark.parametrize("name", EDITS)
def test_writes_no_value_that_it_does_not_declare(session: Any, name: str) -> None:
    regulator()
    other = SponsorFactory(name="Other", program_number="P-other", seat_limit=7)
    participant = ParticipantFactory()
    rows = {
        "participant": participant,
        "staff": sponsor_staff(),
        "sponsor": SponsorFactory(),
        "employer": participant.employer,
    }
    model, declared, edit = EDITS[name]
    row = rows[name]
    session.refresh(row)
    before, recorded = columns(row), audit(session)
    everything = {
        key: value for cls in (Participant, Sponsor) for key, value in _forged(cls, other)
    }

    edit(
        session,
        SYSTEM,
        row.id,
        row.version,
        {k: v for k, v in everything.items() if k not in declared},
    )

    session.flush()
    session.refresh(row)
    assert columns(row) == before
    assert audit(session) == recorded
    assert everything.keys() > {column.key for column in inspect(model).column_attrs} - {
        "sponsor_id"
    }


def _forged(cls: type[Any], other: Sponsor) -> list[tuple[str, Any]]:
    """A value for every column of a table."""
    values = {"id": other.id, "sponsor_id": other.id, "kind": "participant", "role": "regulator"}
    values |= {"account_status": "deactivated", "version": 77, "password_hash": "forged"}
    return [(column.key, values.get(column.key, "forged")) for column in inspect(cls).column_attrs]
