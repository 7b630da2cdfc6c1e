"""An import …"""

from datetime import date, timedelta
from typing import Any

import pytest

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.models import Employer, Participant
from seatadmin.services.imports import Options, WrongRoster, import_roster
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, regulator
from tests.services.acting import changes_of, items_of, personal_of, scopes_of
from tests.services.imports.rosters import (
    BytesIO,
    by_number,
    columns_of,
    counts,
    imported,
    imported_file,
    roster,
    whys,
)

TODAY = date.today()
ANN = {
    "apprentice_number": "N1",
    "first_name": "Ann",
    "last_name": "Lee",
    "employer": "Works",
    "sponsor": "Acme",
}


@pytest.fixture
def works(session: Any) -> Employer:
    """The employer Works of the sponsor Acme."""
    works: Employer = EmployerFactory(name="Works", sponsor=SponsorFactory(name="Acme"))
    return works


def test_creates_whoever_is_new_with_every_column(session: Any, works: Employer) -> None:
    answer = imported(
        session,
        {
            **ANN,
            "sponsor": " ÁCME ",
            "employer": "works",
            "email": "Ann@Example.org",
            "occupation": "Electrician",
            "registration_date": "2024-01-02",
            "expected_completion_date": "20280101",
            "program_status": "Canceled",
            "status_date": "2025-03-04",
            "cancellation_reason": "Left employment",
            "status_note": "moved away",
            "account_status": "deactivated",
        },
    )

    assert counts(answer) == (1, 0, 0, 0)
    assert answer.seats_freed == 0
    ann = by_number(session, "N1")
    assert (ann.first_name, ann.last_name, ann.email) == ("Ann", "Lee", "Ann@example.org")
    assert (ann.email_key, ann.name_key) == ("ann@example.org", "lee, ann")
    assert ann.search_text == "ann lee ann\nann@example.org\nn1"
    assert (ann.sponsor_id, ann.employer_id) == (works.sponsor_id, works.id)
    assert (ann.occupation, ann.registration_date) == ("Electrician", date(2024, 1, 2))
    assert ann.expected_completion_date == date(2028, 1, 1)
    assert ann.program_status is ProgramStatus.CANCELLED
    assert ann.account_status is AccountStatus.DEACTIVATED
    assert (ann.status_date, ann.cancellation_reason) == (date(2025, 3, 4), "left_employment")
    assert (ann.status_note, ann.version) == ("moved away", 1)


def test_records_whoever_is_new(session: Any, works: Employer) -> None:
    answer = imported(session, {**ANN, "registration_date": "2024-01-02"})

    ann = by_number(session, "N1")
    (change,) = changes_of(session)
    assert (change.id, change.kind, change.action) == (answer.change_id, "import", "import")
    item = items_of(session, change.id)[ann.id]
    assert (item.old_program_status, item.new_program_status) == (None, "active")
    assert (item.old_account_status, item.new_account_status) == (None, "active")
    assert (item.old_status_date, item.new_status_date) == (None, date(2024, 1, 2))
    assert item.fields == {
        "registration_date": [None, "2024-01-02"],
        "sponsor_id": [None, works.sponsor_id],
        "employer_id": [None, works.id],
    }
    assert personal_of(session, change.id) == {
        (ann.id, "apprentice_number", None, "N1"),
        (ann.id, "first_name", None, "Ann"),
        (ann.id, "last_name", None, "Lee"),
    }
    assert scopes_of(session, change.id) == {(works.sponsor_id, works.id, 1, ann.id)}


@pytest.mark.parametrize(
    ("cells", "registered", "since"),
    [
        ({}, TODAY, TODAY),
        ({"registration_date": "2024-01-02"}, date(2024, 1, 2), date(2024, 1, 2)),
        (
            {"registration_date": "2024-01-02", "program_status": "completed"},
            date(2024, 1, 2),
            TODAY,
        ),
        (
            {"registration_date": "2024-01-02", "status_date": "2024-02-02"},
            date(2024, 1, 2),
            date(2024, 2, 2),
        ),
        ({"status_date": "2024-01-03"}, date(2024, 1, 3), date(2024, 1, 3)),
        (
            {"program_status": "cancelled", "status_date": "2024-01-04"},
            date(2024, 1, 4),
            date(2024, 1, 4),
        ),
    ],
)
def test_fills_in_the_dates_that_a_new_line_leaves_out(
    session: Any, works: Employer, cells: dict[str, str], registered: date, since: date
) -> None:
    imported(session, {**ANN, **cells})

    ann = by_number(session, "N1")
    assert (ann.registration_date, ann.status_date) == (registered, since)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"first_name": ""}, "first and a last name"),
        ({"employer": ""}, "needs an employer"),
        ({"employer": "Elsewhere"}, "no employer “Elsewhere”"),
        ({"sponsor": "Nobody"}, "no sponsor “Nobody”"),
        ({"registration_date": (TODAY + timedelta(1)).isoformat()}, "in the future"),
        ({"status_date": (TODAY + timedelta(1)).isoformat()}, "in the future"),
        (
            {"registration_date": "2024-01-02", "status_date": "2024-01-01"},
            "before the registration date",
        ),
        ({"expected_completion_date": "2001-01-01"}, "before the registration date"),
        ({"cancellation_reason": "health"}, "cancelled program only"),
        ({"program_status": "cancelled", "cancellation_reason": "boredom"}, "not a cancellation"),
        ({"program_status": "completed", "account_status": "active"}, "because the program is"),
        ({"first_name": "x" * 101}, "too long"),
        ({"first_name": "a\x00b"}, "cannot be shown"),
        ({"email": "not an address"}, "not an e-mail address"),
    ],
)
def test_refuses_a_new_line_that_is_wrong(
    session: Any, works: Employer, cells: dict[str, str], why: str
) -> None:
    answer = imported(session, {**ANN, **cells})

    assert counts(answer) == (0, 0, 0, 1)
    assert why in whys(answer)[2]


def test_keeps_what_is_there_where_a_cell_is_blank(session: Any, works: Employer) -> None:
    ParticipantFactory(employer=works, apprentice_number="N1", cancelled=True, status_note="why")
    before = by_number(session, "N1")
    kept = columns_of([before], "email", "status_date", "cancellation_reason", "status_note")

    answer = imported(session, dict.fromkeys(ANN, "") | {"apprentice_number": "N1", "email": ""})
    assert counts(answer) == (0, 0, 1, 0)
    assert answer.change_id is None

    assert counts(imported(session, {"apprentice_number": "N1", "last_name": "Lee"})) == (
        0,
        1,
        0,
        0,
    )
    after = by_number(session, "N1")
    assert after.last_name == "Lee"
    assert columns_of([after], "email", "status_date", "cancellation_reason", "status_note") == kept


def test_changes_what_differs_and_records_old_and_new(session: Any, works: Employer) -> None:
    other = EmployerFactory(name="Other", sponsor=works.sponsor)
    ann = ParticipantFactory(
        employer=works, apprentice_number="N1", first_name="Ann", last_name="Lee", email="a@b.org"
    )
    recorded = ann.recorded_at

    answer = imported(
        session,
        {**ANN, "last_name": "Müller", "email": "new@b.org", "employer": "Other"},
    )

    assert counts(answer) == (0, 1, 0, 0)
    assert answer.seats_freed == 0
    ann = by_number(session, "N1")
    assert (ann.last_name, ann.email, ann.employer_id) == ("Müller", "new@b.org", other.id)
    assert (ann.email_key, ann.name_key) == ("new@b.org", "muller, ann")
    assert (ann.version, ann.recorded_at) == (2, recorded)
    item = items_of(session, answer.change_id)[ann.id]
    assert (item.old_program_status, item.new_program_status) == ("active", "active")
    assert item.fields == {"employer_id": [works.id, other.id]}
    assert personal_of(session, answer.change_id) == {
        (ann.id, "last_name", "Lee", "Müller"),
        (ann.id, "email", "a@b.org", "new@b.org"),
    }
    assert scopes_of(session, answer.change_id) == {
        (works.sponsor_id, other.id, 1, ann.id),
        (works.sponsor_id, works.id, 0, None),
    }


def test_finds_people_by_address_when_there_is_no_number(session: Any, works: Employer) -> None:
    ann = ParticipantFactory(employer=works, email="Ann@Example.org", apprentice_number=None)

    answer = imported(session, {"email": "ANN@example.ORG", "occupation": "Roofer"})

    assert counts(answer) == (0, 1, 0, 0)
    session.refresh(ann)
    assert (ann.occupation, ann.email) == ("Roofer", "ANN@example.org")


def test_lets_the_status_date_of_an_active_one_follow_the_registration(
    session: Any, works: Employer
) -> None:
    ParticipantFactory(employer=works, apprentice_number="N1")

    imported(session, {"apprentice_number": "N1", "registration_date": "2025-05-05"})

    ann = by_number(session, "N1")
    assert (ann.registration_date, ann.status_date) == (date(2025, 5, 5), date(2025, 5, 5))


def test_changes_nothing_the_second_time(session: Any, works: Employer) -> None:
    rows = [
        {**ANN, "apprentice_number": f"N{i}", "program_status": status, "status_note": "x\ny"}
        for i, status in enumerate(ProgramStatus)
    ]
    assert counts(imported(session, *rows)) == (4, 0, 0, 0)

    again = imported(session, *rows)

    assert counts(again) == (0, 0, 4, 0)
    assert (again.change_id, again.seats_freed) == (None, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"apprentice_number": "N1"}, {"apprentice_number": " N1 "}),
        ({"email": "a@b.org"}, {"email": "A@B.org"}),
        (
            {"apprentice_number": "N1", "email": "a@b.org"},
            {"apprentice_number": "N2", "email": "A@b.org"},
        ),
        ({"apprentice_number": "N1", "email": "a@b.org"}, {"email": "a@b.org"}),
    ],
)
def test_refuses_the_later_line_of_a_key_that_repeats(
    session: Any, works: Employer, first: dict[str, str], second: dict[str, str]
) -> None:
    rest = {key: value for key, value in ANN.items() if key != "apprentice_number"}

    answer = imported(session, {**rest, **first}, {**rest, **second}, skip_refused=True)

    assert counts(answer) == (1, 0, 0, 1)
    assert "Line 2 has the same" in whys(answer)[3]


def test_refuses_a_person_who_repeats_under_another_key(session: Any, works: Employer) -> None:
    ParticipantFactory(employer=works, apprentice_number="N1", email="a@b.org")

    answer = imported(
        session,
        {"apprentice_number": "N1", "occupation": "Roofer"},
        {"email": "a@b.org", "occupation": "Mason"},
    )

    assert whys(answer) == {3: "Line 2 is about the same participant."}


def test_counts_a_refused_line_among_those_that_repeat(session: Any, works: Employer) -> None:
    answer = imported(session, {**ANN, "registration_date": "soon"}, ANN)

    assert list(whys(answer)) == [2, 3]


@pytest.mark.parametrize("number", ["N1", "N3"])
def test_refuses_an_address_that_is_somebody_elses(
    session: Any, works: Employer, number: str
) -> None:
    ParticipantFactory(employer=works, apprentice_number="N1")
    ParticipantFactory(employer=works, apprentice_number="N2", email="b@b.org")

    answer = imported(session, {**ANN, "apprentice_number": number, "email": "B@b.org"})

    assert whys(answer) == {2: f"B@b.org belongs to somebody else, who has N2, not {number}."}


def test_gives_no_number_to_whoever_is_known_by_address(session: Any, works: Employer) -> None:
    ParticipantFactory(employer=works, apprentice_number=None, email="b@b.org")

    answer = imported(session, {**ANN, "email": "b@b.org"})

    assert "belongs to a participant without a number" in whys(answer)[2]


def test_has_nothing_to_do_with_a_file_of_headings(session: Any) -> None:
    answer = imported_file(session, b"email,first_name\n")

    assert (counts(answer), answer.change_id) == ((0, 0, 0, 0), None)


def test_writes_nothing_when_a_line_is_refused(session: Any, works: Employer) -> None:
    rows = [{**ANN, "apprentice_number": f"N{i}"} for i in range(3)]

    answer = imported(session, *rows, {**ANN, "apprentice_number": "bad", "first_name": ""})

    assert counts(answer) == (3, 0, 0, 1)
    assert answer.change_id is None  # and `imported` has compared all rows


def test_writes_the_others_when_told_to_skip(session: Any, works: Employer) -> None:
    rows = [{**ANN, "apprentice_number": f"N{i}"} for i in range(3)]

    answer = imported(
        session, *rows, {**ANN, "apprentice_number": "bad", "first_name": ""}, skip_refused=True
    )

    assert counts(answer) == (3, 0, 0, 1)
    assert len(items_of(session, answer.change_id)) == 3
    assert session.query(Participant).count() == 3


def test_takes_the_last_good_line_after_the_chunk_of_a_thousand(
    session: Any, works: Employer
) -> None:
    rows = [{**ANN, "apprentice_number": f"N{i}"} for i in range(2_345)]

    assert counts(imported(session, *rows)) == (2_345, 0, 0, 0)
    rows[-1]["last_name"] = "Last"
    assert counts(imported(session, *rows)) == (0, 1, 2_344, 0)


def test_names_the_actor(session: Any, works: Employer) -> None:
    person = regulator()

    imported(session, ANN, actor=person.actor)

    assert [change.actor_id for change in changes_of(session)] == [person.id]


def test_takes_apprentiscopes_own_file(session: Any, works: Employer) -> None:
    header = (
        "email,user_type,first_name,last_name,company,apprentice_status,program_start_date,"
        "program_completion_date,program_exit_date,program_suspension_date,address,ssn,race\r\n"
    )
    body = (
        "a@b.org,apprentice,Ann,Lee,Works,active,20240101,20281231,,,1 Main St,123,x\r\n"
        "b@b.org,Apprentice,Bob,Ray,Works,exited,20240101,,20250202,,,,\r\n"
        "c@b.org,apprentice,Cid,Fox,Works,completed,20240101,20250303,,,,,\r\n"
        "d@b.org,apprentice,Dee,Oak,Works,suspended,20240101,,,20250404,,,\r\n"
        "m@b.org,mentor,Mo,Elm,,,,,,,,,\r\n"
    )

    answer = imported_file(session, (header + body).encode("utf-8-sig"), sponsor="acme")

    assert counts(answer) == (4, 0, 0, 0)
    assert answer.skipped == 1
    assert answer.seats_freed == -1
    assert answer.dropped_columns == ["address", "ssn", "race"]
    people = session.query(Participant).order_by(Participant.email)
    assert columns_of(people, "program_status", "status_date", "expected_completion_date") == [
        ("active", date(2024, 1, 1), date(2028, 12, 31)),
        ("cancelled", date(2025, 2, 2), None),
        ("completed", date(2025, 3, 3), None),
        ("suspended", date(2025, 4, 4), None),
    ]


def test_refuses_an_unknown_sponsor_for_the_whole_file(session: Any, works: Employer) -> None:
    with pytest.raises(WrongRoster, match="no sponsor called “Nobody”"):
        import_roster(session, regulator().actor, BytesIO(roster(ANN)), Options(sponsor="Nobody"))
