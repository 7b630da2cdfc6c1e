"""What was exported …"""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from seatadmin.lifecycle import ACCOUNT_FOLLOWS, AccountStatus, ProgramStatus
from seatadmin.models import Participant, User
from seatadmin.services import fields
from seatadmin.services.listings.people import PARTICIPANT_CSV, PARTICIPANTS
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.imports.rosters import counts, imported_file, people

AWKWARD = st.sampled_from(
    [
        ",",
        ";",
        '"',
        "'",
        "=",
        "+",
        "-",
        "@",
        "\n",
        "\t",
        "\r\n",
        " ",
        "é",
        *"\uff1d\uff0b\uff0d\uff20",
    ]
)
TEXT = st.lists(AWKWARD | st.characters(exclude_categories=["C"]), min_size=1, max_size=12).map(
    "".join
)


def cleaned(clean: Any) -> st.SearchStrategy[Any]:
    """What a form would store."""

    def stored(text: str) -> Any:
        try:
            return clean(text)
        except ValueError:
            return None

    return TEXT.map(stored).filter(lambda value: value is not None)


DAYS = st.dates(date(2000, 1, 1), date.today())
PEOPLE = st.fixed_dictionaries(
    {
        "first_name": cleaned(fields.clean_name),
        "last_name": cleaned(fields.clean_name),
        "apprentice_number": cleaned(fields.clean_number),
        "occupation": st.none() | cleaned(lambda text: fields.clean_short(text, 200)),
        "status_note": st.none() | cleaned(fields.clean_note),
        "registration_date": DAYS,
        "expected_completion_date": st.none() | DAYS,
        "program_status": st.sampled_from(ProgramStatus),
        "days": st.integers(0, 100),
        "out_of_step": st.booleans(),
    }
)


def exported(session: Any) -> bytes:
    """The file that the list's export writes."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(PARTICIPANT_CSV)
    rows = PARTICIPANTS.join(select(*PARTICIPANT_CSV.values())).order_by(User.id)
    for row in session.execute(rows):
        writer.writerow(
            [fields.guard(str(getattr(cell, "value", cell))) if cell else "" for cell in row]
        )
    return out.getvalue().encode()


@given(st.lists(PEOPLE, max_size=6, unique_by=lambda person: person["apprentice_number"]))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_is_the_same_when_it_is_imported(session: Any, made: list[dict[str, Any]]) -> None:
    session.rollback()
    sponsor = SponsorFactory(name="=Ünïon, “Local” 7")
    employer = EmployerFactory(name='-Works; "North"', sponsor=sponsor)
    for person in made:
        store(employer, **person)
    before = people(session)

    answer = imported_file(session, exported(session))

    assert (counts(answer), answer.refused) == ((0, 0, len(made), 0), [])
    assert people(session) == before


@given(st.lists(PEOPLE, max_size=6, unique_by=lambda person: person["apprentice_number"]))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_comes_back_into_an_empty_database(session: Any, made: list[dict[str, Any]]) -> None:
    session.rollback()
    employer = EmployerFactory()
    for person in made:
        store(employer, **{**person, "out_of_step": False, "expected_completion_date": None})
    kept = [state[1:-2] for state in people(session)]
    file = exported(session)
    for participant in session.scalars(select(Participant)):
        session.delete(participant)

    answer = imported_file(session, file)

    assert (counts(answer), answer.refused) == ((len(made), 0, 0, 0), [])
    assert [state[1:-2] for state in people(session)] == kept


def store(employer: Any, days: int, out_of_step: bool, **columns: Any) -> None:
    """A participant as the services would have stored it; an old one may end before it began."""
    status = columns["program_status"]
    account = ACCOUNT_FOLLOWS.get(status, AccountStatus.ACTIVE)
    since = min(columns["registration_date"] + timedelta(days), date.today())
    ParticipantFactory(
        employer=employer,
        **columns,
        email=None,
        status_date=since,
        account_status=AccountStatus.DEACTIVATED if out_of_step else account,
    )
