"""Invariants of sponsors and employers, and of the seats that they use."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seatadmin.models import Employer, Sponsor
from seatadmin.services import recount
from seatadmin.services.doctor.invariant import Invariant, selected, streamed
from seatadmin.text import fold


def _wrong_name(model: Any) -> Any:
    def offenders(session: Session) -> Iterator[object]:
        rows = select(model.id, model.name, model.name_key)
        return (id for id, name, key in streamed(session, rows) if key != fold(name))

    return offenders


def _repeated(model: Any, *columns: Any) -> Any:
    rows = select(func.max(model.id)).where(columns[-1].is_not(None))
    return selected(rows.group_by(*columns).having(func.count() > 1))


INVARIANTS = (
    Invariant("sponsor's key agrees", "It comes from the name.", _wrong_name(Sponsor)),
    Invariant("employer's key agrees", "It comes from the name.", _wrong_name(Employer)),
    Invariant(
        "sponsor's name is unique",
        "No two sponsors share one.",
        _repeated(Sponsor, Sponsor.name_key),
    ),
    Invariant(
        "program number is unique",
        "No two sponsors share one.",
        _repeated(Sponsor, Sponsor.program_number),
    ),
    Invariant(
        "employer's name is unique",
        "No two employers of a sponsor share one.",
        _repeated(Employer, Employer.sponsor_id, Employer.name_key),
    ),
    Invariant(
        "employer has its sponsor",
        "An employer's sponsor exists.",
        selected(
            select(Employer.id)
            .outerjoin(Sponsor, Sponsor.id == Employer.sponsor_id)
            .where(Sponsor.id.is_(None))
        ),
    ),
    Invariant(
        "sponsor's seat limit",
        "A sponsor's seat limit is not negative.",
        selected(select(Sponsor.id).where(Sponsor.seat_limit < 0)),
    ),
    Invariant(
        "employer's seat limit",
        "An employer's seat limit is not negative.",
        selected(select(Employer.id).where(Employer.seat_limit < 0)),
    ),
    Invariant(
        "seats are counted",
        "Every employer's seat count is the number of its active participants.",
        lambda session: (each.employer_id for each in recount.differences(session)),
    ),
    Invariant(
        "months add up",
        "What an employer took and freed month by month is its seat count.",
        lambda session: (each.employer_id for each in recount.months_differing(session)),
    ),
)
