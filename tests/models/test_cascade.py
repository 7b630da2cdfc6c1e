"""A plain assignment of the program status …"""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.models import Participant
from tests.factories import REGISTERED, EmployerFactory, ParticipantFactory

ENDED = [ProgramStatus.SUSPENDED, ProgramStatus.COMPLETED, ProgramStatus.CANCELLED]


@pytest.mark.parametrize("status", ENDED)
def test_deactivates_the_account(session: Any, status: ProgramStatus) -> None:
    participant = ParticipantFactory()

    participant.program_status = status
    session.commit()

    session.refresh(participant)
    assert participant.program_status is status
    assert participant.account_status is AccountStatus.DEACTIVATED


@pytest.mark.parametrize("status", ENDED)
def test_deactivates_the_account_of_a_new_participant(session: Any, status: ProgramStatus) -> None:
    employer = EmployerFactory()
    participant = Participant(
        first_name="Ada",
        last_name="King",
        email="ada@example.org",
        employer_id=employer.id,
        sponsor_id=employer.sponsor_id,
        registration_date=REGISTERED,
        program_status=status,
        status_date=REGISTERED,
    )

    session.add(participant)
    session.flush()

    assert participant.account_status is AccountStatus.DEACTIVATED


def test_does_not_activate_the_account_because_a_seat_may_be_missing(session: Any) -> None:
    participant = ParticipantFactory(suspended=True)

    participant.program_status = ProgramStatus.ACTIVE
    session.flush()

    assert participant.account_status is AccountStatus.DEACTIVATED
    assert participant.out_of_step


@pytest.mark.parametrize(
    "status", [ProgramStatus.ACTIVE, ProgramStatus.SUSPENDED, ProgramStatus.COMPLETED]
)
def test_drops_the_reason_of_a_cancellation_that_is_over(
    session: Any, status: ProgramStatus
) -> None:
    participant = ParticipantFactory(cancelled=True)
    assert participant.cancellation_reason

    participant.program_status = status
    session.flush()

    assert participant.cancellation_reason is None


@pytest.mark.parametrize("status", ENDED)
def test_cannot_be_undermined_by_assigning_the_account_afterwards(
    session: Any, status: ProgramStatus
) -> None:
    participant = ParticipantFactory()

    participant.program_status = status
    participant.account_status = AccountStatus.ACTIVE

    with pytest.raises(IntegrityError, match="account_follows_program"):
        session.flush()


def test_before_the_registration_is_refused(session: Any) -> None:
    participant = ParticipantFactory()

    participant.program_status = ProgramStatus.CANCELLED
    participant.status_date = date(2020, 1, 1)

    with pytest.raises(IntegrityError, match="status_after_registration"):
        session.flush()
