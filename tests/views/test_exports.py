"""Exports: the list as it is asked for, streamed, guarded, and noted in the audit."""

import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook

from seatadmin.models import Employer
from seatadmin.views import progress, workbooks
from tests.factories import ParticipantFactory
from tests.views.browsing import Answer, Person
from tests.views.conftest import Sent, Stored, World

CSV = "/admin/participant/export/csv/"
XLSX = "/admin/participant/export/xlsx/"

COLUMNS = [
    "apprentice_number",
    "first_name",
    "last_name",
    "email",
    "sponsor",
    "employer",
    "occupation",
    "registration_date",
    "expected_completion_date",
    "program_status",
    "status_date",
    "cancellation_reason",
    "status_note",
    "account_status",
]


def lines(answer: Answer) -> list[list[str]]:
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(answer.text, newline="")))


def numbers(answer: Answer) -> list[str]:
    return [line[0] for line in lines(answer)[1:]]


def test_it_has_the_columns_of_the_import(sponsor_staff: Person, world: World) -> None:
    answer = sponsor_staff.get(CSV, search="cancelled.north@example.org")
    assert lines(answer) == [
        COLUMNS,
        [
            "north-cancelled",
            "Cancelled",
            "North",
            "cancelled.north@example.org",
            "Acme Training",
            "North Electric",
            "Electrician",
            "2024-03-01",
            "",
            "cancelled",
            "2024-06-09",
            "left_employment",
            "",
            "deactivated",
        ],
    ]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="participants-')


def test_it_honors_scope_search_filters_and_order(
    regulator: Person,
    sponsor_staff: Person,
    other_sponsor_staff: Person,
    employer_admin: Person,
    world: World,
) -> None:
    for person, count in (
        (regulator, 15),
        (sponsor_staff, 10),
        (other_sponsor_staff, 5),
        (employer_admin, 5),
    ):
        assert len(numbers(person.get(CSV))) == count
    query = {"flt0_program_status_equals": "active", "flt1_employer_equals": world.south}
    assert set(numbers(sponsor_staff.get(CSV, **query))) == {"south-active", "south-out_of_step"}
    assert numbers(sponsor_staff.get(CSV, flt0_employer_equals=world.east)) == []
    assert numbers(sponsor_staff.get(CSV, search="east")) == []
    shown = sponsor_staff.get("/admin/participant/", sort="apprentice_number", desc="1").rows
    told = numbers(sponsor_staff.get(CSV, sort="apprentice_number", desc="1", page_size=20))
    assert told == [cells["apprentice_number"] for cells in shown.values()]


def test_a_filter_that_cannot_be_read_lets_nobody_through(
    sponsor_staff: Person, world: World
) -> None:
    """An export must not reach further than was asked."""
    for name, value in (("program_status", "x"), ("odd", "1"), ("employer", "9" * 40)):
        assert numbers(sponsor_staff.get(CSV, **{f"flt0_{name}_equals": value})) == []
    assert sponsor_staff.get(CSV, after="x").status == 404


def test_cells_are_no_formulas(sponsor_staff: Person, world: World, stored: Stored) -> None:
    with stored() as session:
        ParticipantFactory(
            first_name="=1+1",
            last_name="@SUM(A1)",
            apprentice_number="-7",
            email="+x@example.org",
            occupation='He said "no", twice',
            employer=session.get(Employer, world.south),
        )
        session.commit()
    (line,) = lines(sponsor_staff.get(CSV, search="@sum"))[1:]
    assert line[:4] == ["'-7", "'=1+1", "'@SUM(A1)", "'+x@example.org"]
    assert line[6] == 'He said "no", twice'


def test_it_is_noted_in_the_audit_of_the_own(
    sponsor_staff: Person, other_sponsor_staff: Person, regulator: Person, world: World
) -> None:
    sponsor_staff.get(CSV)
    row = next(iter(sponsor_staff.get("/admin/change/").rows.values()))
    assert (row["kind"], row["actor"]) == ("export", str(world.acme_staff))
    assert other_sponsor_staff.get("/admin/change/").ids == []
    assert regulator.get("/admin/change/").total == "1"


def test_it_sends_as_many_statements_for_many_rows_as_for_few(
    sponsor_staff: Person, world: World, stored: Stored, sent: Sent
) -> None:
    with sent() as few:
        sponsor_staff.get(CSV)
    with stored() as session:
        employer = session.get(Employer, world.south)
        for _ in range(120):
            ParticipantFactory(employer=employer)
        session.commit()
    with sent() as many:
        answer = sponsor_staff.get(CSV)
    assert len(numbers(answer)) == 130
    assert len(many) == len(few)


def test_a_workbook_has_the_same_rows_with_real_dates_and_no_formulas(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        ParticipantFactory(
            first_name="=1+1", apprentice_number="007", employer=session.get(Employer, world.south)
        )
        session.commit()
    answer = sponsor_staff.client.get(XLSX, query_string={"search": "=1+1"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.get_data()))
    answer.close()
    head, row = book.get_sheet_by_index(0).to_python()
    assert head == COLUMNS
    told = dict(zip(head, row, strict=True))
    assert (told["first_name"], told["apprentice_number"]) == ("=1+1", "007")
    assert told["registration_date"] == date(2024, 3, 1)
    change = next(iter(sponsor_staff.get("/admin/change/").rows.values()))
    assert change["kind"] == "export"


def test_a_workbook_that_no_sheet_can_hold_is_refused_in_words(
    sponsor_staff: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 9)
    answer = sponsor_staff.get(XLSX)
    assert answer.status == 400
    assert "A sheet holds 9 rows" in answer.text


def test_the_other_lists_export_what_they_show(
    regulator: Person, sponsor_staff: Person, employer_admin: Person, world: World
) -> None:
    for path, header, own in (
        ("user", "first_name,last_name,email,sponsor,employer,kind,role,account_status", 13),
        ("employer", "name,sponsor,used,seat_limit,free", 2),
        ("sponsor", "name,program_number,used,seat_limit,free", 1),
    ):
        told = lines(sponsor_staff.get(f"/admin/{path}/export/csv/"))
        assert (",".join(told[0]), len(told) - 1) == (header, own), path
        assert "Birch" not in str(told)
    told = lines(sponsor_staff.get("/admin/change/export/csv/"))
    assert told[0][0] == "id"
    assert len(told) == 1 + 4
    assert employer_admin.get("/admin/sponsor/export/csv/").status == 403
    assert "acme@example.org" not in employer_admin.get("/admin/user/export/csv/").text


@pytest.mark.parametrize("path", [CSV, XLSX])
def test_it_tells_its_share_while_it_runs_to_whoever_gave_an_id(
    sponsor_staff: Person, world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    told: list[tuple[int, int, str]] = []
    monkeypatch.setattr(progress, "_writer", lambda _path: lambda *share: told.append(share))

    with sponsor_staff.client.get(path):
        assert told == []
    with sponsor_staff.client.get(f"{path}?request_id=3f0c0f5e-2a6b-4e0e-9a8e-1d5a4a1c9f11") as it:
        assert it.data

    every = len(numbers(sponsor_staff.get(CSV)))
    assert told[-1] == (every, every, "Exporting rows")
