"""Import in the browser …"""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from seatadmin.ledger import Change
from seatadmin.lifecycle import ProgramStatus
from seatadmin.models import Employer, Participant
from seatadmin.services.imports import uploads
from seatadmin.uploads import ImportMapping, Upload, UploadPart
from tests.services.imports.rosters import roster
from tests.services.imports.workbooks import workbook
from tests.views import html
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

IMPORT = "/admin/import/"

ROWS = (
    {
        "Apprentice #": "north-active",
        "Surname": "Changed",
        "Status": "completed",
        "SSN": "078-05-1120",
        "Shoe size": "42",
    },
    {"Apprentice #": "N-1", "Given name": "Nora", "Surname": "New", "Company": "South Plumbing"},
    {"Apprentice #": "N-2", "Given name": "=Nobody", "Surname": "New", "Company": "Nowhere"},
)
"""Somebody changed, somebody new, and somebody of an employer that is not there."""


def send(person: Person, file: bytes, name: str = "roster.csv", **fields: Any) -> Answer:
    values = {"csrf_token": person.token, "file": FileStorage(BytesIO(file), name), **fields}
    boundary, data = encode_multipart(values)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return Answer(person.client.post(IMPORT, data=data, content_type=kind))


def uploaded(person: Person, *rows: Any, file: bytes | None = None, **fields: Any) -> str:
    """The id of an upload that waits for its columns."""
    answer = send(person, file or roster(*rows or ROWS), **fields)
    assert answer.status == 302, answer
    return str(answer.location).rpartition("id=")[2]


def tried(person: Person, id: str, **fields: Any) -> Answer:
    """The page that says what would change, with the columns as they are suggested."""
    form = person.get(f"{IMPORT}columns/", id=id).form
    answer = person.post(f"{IMPORT}columns/?id={id}", **{**form, **fields})
    assert answer.status == 302, answer
    return person.follow(answer)


def numbers(answer: Answer) -> dict[str, int]:
    assert answer.status == 200
    return {name: int(answer.fields[name]) for name in ("new", "changed", "same", "refused")}


def listed(answer: Answer) -> dict[str, str]:
    """Line -> what the page says of it."""
    return {row.attrs["data-line"]: row.text for row in answer.page.having("data-line")}


def count(session: Any, model: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(model)))


@pytest.fixture
def known(stored: Stored) -> Callable[[], list[Any]]:
    """Name, number and status of every participant."""

    def read() -> list[Any]:
        columns = Participant.last_name, Participant.apprentice_number, Participant.program_status
        with stored() as session:
            return sorted(map(tuple, session.execute(select(*columns)).all()))

    return read


def test_shows_what_would_change_then_does_it_and_links_to_the_change(
    sponsor_staff: Person, world: World, known: Any, stored: Stored
) -> None:
    before = known()
    id = uploaded(sponsor_staff)
    columns = sponsor_staff.get(f"{IMPORT}columns/", id=id)
    assert "Thrown away unread" in columns.text
    assert "SSN" in columns.text
    assert columns.form == {
        "column0": "apprentice_number",
        "column1": "last_name",
        "column2": "program_status",
        "column3": "",
        "column4": "first_name",
        "column5": "employer",
    }

    page = tried(sponsor_staff, id)
    assert numbers(page) == {"new": 1, "changed": 1, "same": 0, "refused": 1}
    assert page.fields["seats_freed"] == "0"
    lines = listed(page)
    assert "Last name: North → Changed" in lines["2"]
    assert "Program status: Active → Completed" in lines["2"]
    assert "Employer: South Plumbing" in lines["3"]
    assert "no employer “Nowhere”" in lines["4"]
    assert "Shoe size" in page.text
    assert known() == before

    answer = sponsor_staff.post(f"{IMPORT}apply/", id=id)
    assert answer.status == 200
    assert "Nothing was imported, because 1 line is refused" in answer.messages
    assert known() == before

    answer = sponsor_staff.post(f"{IMPORT}apply/", id=id, skip_refused="1")
    assert answer.status == 302
    result = sponsor_staff.follow(answer)
    assert numbers(result) == {"new": 1, "changed": 1, "same": 0, "refused": 1}
    assert ("Changed", "north-active", ProgramStatus.COMPLETED) in known()
    with stored() as session:
        change = session.scalars(select(Change).order_by(Change.id.desc())).first()
        assert (change.kind, change.actor_id) == ("import", world.acme_staff)
        assert count(session, UploadPart) == 1  # the refused line
    link = f"/admin/change/details/?id={change.id}"
    assert link in [node.attrs["href"] for node in result.page.having("href")]
    assert sponsor_staff.get(link).status == 200


def test_gives_refused_lines_back_as_a_file_without_formulas(sponsor_staff: Person) -> None:
    id = uploaded(sponsor_staff)
    tried(sponsor_staff, id)
    told = sponsor_staff.get(f"{IMPORT}refused/", id=id)
    assert told.headers["Content-Disposition"] == 'attachment; filename="refused-lines.csv"'
    lines = list(csv.reader(StringIO(told.text, newline="")))
    assert lines[0][:3] == ["line", "why", "Apprentice #"]
    assert "SSN" not in lines[0]
    ((number, why, *cells),) = lines[1:]
    assert (number, cells[0], cells[4]) == ("4", "N-2", "'=Nobody")
    assert "Nowhere" in why


def test_that_is_repeated_is_done_once(sponsor_staff: Person, known: Any, stored: Stored) -> None:
    id = uploaded(sponsor_staff)
    tried(sponsor_staff, id, create_employers="1")
    fields = {"id": id, "request_id": "3f0c0f5e-2a6b-4e0e-9a8e-1d5a4a1c9f11"}
    first = sponsor_staff.post(f"{IMPORT}apply/", **fields)
    after = known()
    again = sponsor_staff.post(f"{IMPORT}apply/", **fields)
    other = sponsor_staff.post(f"{IMPORT}apply/", id=id)
    assert first.location == again.location == other.location
    assert known() == after
    with stored() as session:
        assert count(session, Change) == 2  # the employer, and the import

    second = tried(sponsor_staff, uploaded(sponsor_staff))
    assert numbers(second) == {"new": 0, "changed": 0, "same": 3, "refused": 0}
    assert "This very file was imported already" in second.text
    answer = sponsor_staff.post(f"{IMPORT}apply/", id=uploaded_id(second))
    assert "is there already" in answer.messages


def test_that_is_uploaded_twice_under_one_id_waits_once(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    id = "0b0b5a3e-8a0a-4a7c-9a3a-5e0f6c1d2b3c"
    first, again = (send(sponsor_staff, roster(*ROWS), request_id=id) for _ in range(2))
    other = send(sponsor_staff, roster(ROWS[0]), request_id=id)

    assert (first.status, again.location, other.status) == (302, first.location, 409)
    with stored() as session:
        assert count(session, Upload) == 1


def uploaded_id(page: Answer) -> str:
    return page.page.having(name="id")[0].attrs["value"]


def test_creates_employers_when_told_to(
    sponsor_staff: Person, stored: Stored, world: World
) -> None:
    id = uploaded(sponsor_staff)
    page = tried(sponsor_staff, id, create_employers="1")
    assert numbers(page) == {"new": 2, "changed": 1, "same": 0, "refused": 0}
    assert "Employer: Nowhere (to be created)" in listed(page)["4"]
    sponsor_staff.post(f"{IMPORT}apply/", id=id)
    with stored() as session:
        made = session.scalars(select(Employer).where(Employer.name == "Nowhere")).one()
        assert made.sponsor_id == world.acme


def test_reads_workbooks(sponsor_staff: Person) -> None:
    file = workbook(["Number", "Apprentice no", "Surname"], [None, "north-active", "Sheet"])
    page = tried(sponsor_staff, uploaded(sponsor_staff, file=file, name="roster.xlsx"))
    assert numbers(page)["changed"] == 1
    assert "Last name: North → Sheet" in listed(page)["2"]


def test_remembers_what_columns_meant_to_the_sponsor(
    sponsor_staff: Person, other_sponsor_staff: Person, regulator: Person, world: World
) -> None:
    rows = [{"Kennung": "north-active", "Name": "Krause", "Status": "x"}]
    id = uploaded(sponsor_staff, *rows)
    form = {"column0": "apprentice_number", "column1": "last_name", "column2": ""}
    assert sponsor_staff.get(f"{IMPORT}columns/", id=id).form["column0"] == ""
    tried(sponsor_staff, id, **form)
    sponsor_staff.post(f"{IMPORT}apply/", id=id)

    def suggested(person: Person, **fields: Any) -> Any:
        return person.get(f"{IMPORT}columns/", id=uploaded(person, *rows, **fields)).form

    assert suggested(sponsor_staff) == form
    assert suggested(regulator, sponsor=world.acme) == form
    assert suggested(other_sponsor_staff)["column0"] == ""
    assert suggested(regulator)["column0"] == ""


def test_asking_for_the_head_of_a_page_changes_no_columns(
    sponsor_staff: Person, contents: Any
) -> None:
    id = uploaded(sponsor_staff)
    before = contents()
    for page in ("columns", "preview"):
        asked = sponsor_staff.client.head(f"{IMPORT}{page}/?id={id}", data={"column0": "email"})
        assert asked.status_code < 400
    assert contents() == before


def test_says_at_the_column_what_is_wrong_with_the_choice(sponsor_staff: Person) -> None:
    id = uploaded(sponsor_staff)
    page = f"{IMPORT}columns/?id={id}"
    answer = sponsor_staff.post(page, column0="last_name", column1="last_name", column2="x")
    assert answer.status == 200
    assert "apprentice number or the e-mail" in answer.messages
    assert "is imported as that already" in answer.message_at("column1")
    assert "Choose one of the list" in answer.message_at("column2")
    assert answer.form["column1"] == "last_name"


def test_warns_when_seats_do_not_suffice(sponsor_staff: Person) -> None:
    rows = [
        {
            "apprentice_number": f"S-{n}",
            "first_name": "A",
            "last_name": "B",
            "employer": "North Electric",
        }
        for n in range(8)
    ]
    page = tried(sponsor_staff, uploaded(sponsor_staff, *rows))
    assert numbers(page) == {"new": 5, "changed": 0, "same": 0, "refused": 3}
    assert "3 lines find no free seat" in page.text


def test_lists_a_hundred_lines_of_each_kind_and_counts_all(sponsor_staff: Person) -> None:
    rows = [{"email": f"{n}@example.org", "first_name": "A"} for n in range(150)]
    id = uploaded(sponsor_staff, *rows)
    page = tried(sponsor_staff, id)
    assert numbers(page)["refused"] == 150
    assert len(listed(page)) == 100
    assert "The first 100 of 150 are shown" in page.text
    assert sponsor_staff.get(f"{IMPORT}refused/", id=id).text.count("\n") == 151


def test_belongs_to_whoever_uploaded_it(
    sponsor_staff: Person, regulator: Person, other_sponsor_staff: Person, employer_admin: Person
) -> None:
    id = uploaded(sponsor_staff)
    tried(sponsor_staff, id)
    for person in (regulator, other_sponsor_staff):
        for step in ("columns", "preview", "result", "refused"):
            assert person.get(f"{IMPORT}{step}/", id=id).status == 404, step
        for step in ("columns", "apply", "cancel"):
            assert person.post(f"{IMPORT}{step}/", id=id).status == 404, step
        assert "roster.csv" not in person.get(IMPORT).text
    for step in ("", "columns/", "preview/", "result/", "refused/"):
        assert employer_admin.get(f"{IMPORT}{step}", id=id).status == 403, step
    assert send(employer_admin, b"email\n").status == 403
    assert sponsor_staff.get(f"{IMPORT}preview/", id=id).status == 200


@pytest.mark.parametrize("id", ["", "x", "0" * 5000, "\x00", "%00", "1' OR '1'='1"])
def test_with_an_id_that_nothing_has_is_not_found(sponsor_staff: Person, id: str) -> None:
    assert sponsor_staff.get(f"{IMPORT}preview/", id=id).status == 404
    assert sponsor_staff.post(f"{IMPORT}apply/", id=id).status == 404


def test_reaches_no_foreign_sponsor(
    sponsor_staff: Person, known: Any, world: World, regulator: Person
) -> None:
    before = known()
    rows = [
        {"apprentice_number": "east-active", "last_name": "Stolen", "sponsor": "", "employer": ""},
        {"apprentice_number": "F-1", "last_name": "A", "sponsor": "Birch Works", "employer": ""},
        {"apprentice_number": "F-2", "last_name": "A", "sponsor": "", "employer": "East Roofing"},
    ]
    id = uploaded(sponsor_staff, *rows, sponsor=world.birch)
    page = tried(sponsor_staff, id)
    assert numbers(page) == {"new": 0, "changed": 0, "same": 0, "refused": 3}
    assert "North" not in str(listed(page))
    sponsor_staff.post(f"{IMPORT}apply/", id=id, skip_refused="1")
    assert known() == before
    answer = send(regulator, roster(*rows), sponsor="987654321")
    assert answer.status == 200
    assert answer.message_at("sponsor")


def test_can_be_thrown_away_and_leaves_nothing(sponsor_staff: Person, stored: Stored) -> None:
    id = uploaded(sponsor_staff)
    tried(sponsor_staff, id)
    assert "roster.csv" in sponsor_staff.get(IMPORT).text
    answer = sponsor_staff.post(f"{IMPORT}cancel/", id=id)
    assert "thrown away" in sponsor_staff.follow(answer).messages
    with stored() as session:
        assert [count(session, model) for model in (Upload, UploadPart)] == [0, 0]
        assert count(session, ImportMapping) == 0
    assert sponsor_staff.get(f"{IMPORT}preview/", id=id).status == 404


def test_that_is_abandoned_is_erased(
    sponsor_staff: Person, world: World, stored: Stored, app: Flask
) -> None:
    id = uploaded(sponsor_staff)
    with time_machine.travel(datetime.now() + timedelta(hours=13)):
        somebody_else = Person(app, world.birch_staff)
        assert send(somebody_else, b"email\n").status == 302
        with stored() as session:
            assert [one.actor_id for one in session.scalars(select(Upload))] == [world.birch_staff]
            assert session.scalars(select(UploadPart.upload_id)).all() == []
    assert sponsor_staff.get(f"{IMPORT}columns/", id=id).status == 404


def test_keeps_the_latest_few_of_a_person(sponsor_staff: Person, regulator: Person) -> None:
    kept = uploaded(regulator)
    ids = [uploaded(sponsor_staff) for _ in range(uploads.MOST + 1)]
    found = [sponsor_staff.get(f"{IMPORT}columns/", id=id).status for id in ids]
    assert found == [404] + [200] * uploads.MOST
    assert regulator.get(f"{IMPORT}columns/", id=kept).status == 200


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"email\x00\n", "not UTF-8 text"),
        (b"email\na\x00b\n", None),
        ("Zoë,email\n".encode("latin-1"), "not UTF-8 text"),
        ("email\nzoë@example.org\n".encode("utf-16"), None),
        (b"email\n\xff\xfe\xfa\n", "not UTF-8 text"),
        (b"PK\x03\x04" + b"\x00" * 100, "cannot be read"),
        (b"," * 2_000_000 + b"\n", "too long"),
        (b"email" + b",x" * 400 + b"\n", "300 columns"),
        (b'email\n"' + b"x" * 200_000 + b'"\n', None),
        (b'email\n"never closed\n\n', "quotes"),
        (b"%PDF-1.7 nothing of use", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8 text"),
    ],
)
def test_says_what_is_wrong_with_a_file_and_never_breaks(
    sponsor_staff: Person, file: bytes, why: str | None
) -> None:
    answer = send(sponsor_staff, file)
    if why is None:
        assert answer.status == 302
        assert sponsor_staff.follow(answer).status == 200
    else:
        assert answer.status == 200
        assert why in answer.messages


def test_needs_a_file(sponsor_staff: Person, known: Any) -> None:
    answer = sponsor_staff.post(IMPORT)
    assert (answer.status, "Choose a file" in answer.messages) == (200, True)


def test_takes_larger_requests_than_any_other_page_from_those_who_may(
    app: Flask, sponsor_staff: Person, employer_admin: Person, anonymous: Person
) -> None:
    large = b"email,note\n" + b"a@example.org,x\n" * 60_000
    assert send(sponsor_staff, large).status == 302
    too_large = b"email\n" + b"x" * app.config["IMPORT_MAX_BYTES"]
    answer = send(sponsor_staff, too_large)
    assert answer.status == 413
    assert "A file of up to 50 MB can be imported" in answer.text
    assert send(employer_admin, large).status == 413
    assert send(anonymous, large).status == 413
    other = sponsor_staff.post("/admin/participant/action/", note="x" * 600_000)
    assert other.status == 413


def test_is_offered_to_those_who_may(
    sponsor_staff: Person, regulator: Person, employer_admin: Person
) -> None:
    def menu(person: Person) -> list[str]:
        (nav,) = (node for node in person.get("/admin/").page if node.tag == "nav")
        return [link.text for link in html.Node.having(nav, "href")]

    assert "Import" in menu(sponsor_staff)
    assert "Import" in menu(regulator)
    assert "Import" not in menu(employer_admin)


def test_tells_its_progress_to_its_owner_only(
    sponsor_staff: Person, employer_admin: Person
) -> None:
    for person in (sponsor_staff, employer_admin):
        for id in ("", "x", "../../secret_key", "\x00"):
            answer = person.get(f"{IMPORT}progress/", id=id)
            assert (answer.status, answer.json) == (200, {})
