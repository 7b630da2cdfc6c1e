"""Reading a roster …"""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from seatadmin.lifecycle import ProgramStatus
from seatadmin.services.imports import roster
from seatadmin.services.imports.roster import Line, WrongRoster

HEADER = "apprentice_number,first_name,status_note\n"


def read(file: str | bytes) -> tuple[list[str], list[Line]]:
    stream = BytesIO(file.encode() if isinstance(file, str) else file)
    with roster.opened(stream) as opened:
        lines = list(opened.lines)
    assert not stream.closed
    return opened.dropped_columns, lines


def given(file: str | bytes) -> list[dict[str, Any]]:
    lines = read(file)[1]
    assert not any(line.wrong for line in lines)
    return [line.given for line in lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_takes_every_form_in_which_spreadsheets_save(
    encoding: str, end: str, delimiter: str
) -> None:
    text = 'apprentice_number|first_name|status_note\n007|Zoë|"a|""b"\n|x|\n\n8|李|\n'
    text = text.replace("|x|", "||").replace("|", delimiter).replace("\n", end)

    assert given(text.encode(encoding)) == [
        {"apprentice_number": "007", "first_name": "Zoë", "status_note": f'a{delimiter}"b'},
        {"apprentice_number": "8", "first_name": "李"},
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tells_columns_apart_of_which_it_knows_none(delimiter: str) -> None:
    """Their meaning is chosen later."""
    text = "Nummer|Vorname|Nachname\n1|Ada|King\n".replace("|", delimiter)
    with roster.table(BytesIO(text.encode())) as (header, records):
        assert header == ["Nummer", "Vorname", "Nachname"]
        assert list(records) == [(2, ["1", "Ada", "King"])]


def test_numbers_a_row_by_the_line_on_which_it_begins() -> None:
    lines = read("\n" + HEADER + '1,Ann,"one\r\ntwo\n"\n\n2,Bob,\n  , ,\n3,Cid,')[1]

    assert [(line.number, line.given["apprentice_number"]) for line in lines] == [
        (3, "1"),
        (7, "2"),
        (9, "3"),
    ]
    assert lines[0].given["status_note"] == "one\ntwo"


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Apprentice No", "apprentice_number"),
        ("Apprentice #", "apprentice_number"),
        ("APPRENTICE-ID", "apprentice_number"),
        ("E-mail", "email"),
        ("Email Address", "email"),
        ("First Name", "first_name"),
        ("Surname", "last_name"),
        ("last-name", "last_name"),
        (" Company ", "employer"),
        ("Start Date", "registration_date"),
        ("Registered", "registration_date"),
        ("program_start_date", "registration_date"),
        ("Status", "program_status"),
        ("apprentice_status", "program_status"),
        ("Reason", "cancellation_reason"),
        ("Note(s)", "status_note"),
        ("notes", "status_note"),
    ],
)
def test_knows_a_column_however_it_is_spelled(header: str, column: str) -> None:
    cells = {"email": "a@example.org", "program_status": "active"}
    value = cells.get(column, "2024-01-02")
    key = "" if column in ("apprentice_number", "email") else ",email"
    rest = "" if not key else ",key@example.org"

    (row,) = given(f"{header}{key}\n{value}{rest}\n")

    assert column in row


def test_drops_and_names_what_it_does_not_read() -> None:
    dropped, lines = read(
        "email,Social Security Number,date_of_birth,,Race,zip,,\na@b.org,123-45-6789,x,y,,\n"
    )

    assert dropped == ["Social Security Number", "date_of_birth", "column 4", "Race", "zip"]
    assert lines[0].given == {"email": "a@b.org", "email_key": "a@b.org"}


@pytest.mark.parametrize(
    ("status", "given_status", "dates"),
    [
        ("active", ProgramStatus.ACTIVE, {"expected_completion_date": "2024-02-02"}),
        (
            "Suspended",
            ProgramStatus.SUSPENDED,
            {"status_date": "2024-04-04", "expected_completion_date": "2024-02-02"},
        ),
        (
            "exited",
            ProgramStatus.CANCELLED,
            {"status_date": "2024-03-03", "expected_completion_date": "2024-02-02"},
        ),
        ("COMPLETED", ProgramStatus.COMPLETED, {"status_date": "2024-02-02"}),
    ],
)
def test_lets_the_status_decide_which_date_counts(
    status: str, given_status: ProgramStatus, dates: dict[str, str]
) -> None:
    header = (
        "email,user_type,apprentice_status,program_start_date,program_completion_date,"
        "program_exit_date,program_suspension_date\n"
    )

    (row,) = given(f"{header}a@b.org,Apprentice,{status},20240101,20240202,20240303,20240404\n")

    assert row["program_status"] is given_status
    assert {key: day.isoformat() for key, day in row.items() if key.endswith("date")} == {
        "registration_date": "2024-01-01",
        **dates,
    }


def test_skips_whoever_is_no_apprentice() -> None:
    lines = read("email,user_type\na@b.org,APPRENTICE\nb@b.org,\nno,Mentor\nc@b.org,staff\n")[1]

    assert [line.skipped for line in lines] == [False, False, True, True]


def test_takes_the_guard_off_cells_that_look_like_formulas() -> None:
    (row,) = given(HEADER + "'-1,'tis,'=1+1\n")

    assert row == {"apprentice_number": "-1", "first_name": "'tis", "status_note": "=1+1"}


def test_tells_everything_that_is_wrong_with_a_line() -> None:
    lines = read("email,registration_date,program_status\nx,31.12.2024,gone\n,2024-01-01,\n")[1]

    assert "email: “x” is not" in lines[0].wrong
    assert "registration_date: “31.12.2024” is not" in lines[0].wrong
    assert "program_status: “gone” is not" in lines[0].wrong
    assert lines[1].wrong == "An apprentice number or an e-mail address is needed."


def test_refuses_a_row_with_more_cells_than_columns() -> None:
    lines = read(HEADER + "1,Ann,note,more\n2,Bob,note,,\n3,Cid\n")[1]

    assert [bool(line.wrong) for line in lines] == [True, False, False]


def test_refuses_only_the_line_whose_quotes_are_wrong() -> None:
    lines = read(HEADER + '1,"Ann" Lee,\n2,Bob,\n')[1]

    assert [(line.number, bool(line.wrong)) for line in lines] == [(2, True), (3, False)]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b',,\n""\n', "empty"),
        (b"PK\x03\x04\x14\x00\x08\x08", "not UTF-8"),
        (HEADER.encode() + "1,Zoë,\n".encode("latin-1"), "not UTF-8"),
        ("email\na@b.org\n".encode("utf-16-le"), "not UTF-8"),
        (b"\xff\xfee\x00m", "not UTF-8"),
        (b"first_name,last_name\nAnn,Lee\n", "apprentice_number or email"),
        (b"1,Ann,Lee,ann@example.org\n", "must name the columns"),
        (b"email,E-Mail\na@b.org,b@b.org\n", "“email” and “E-Mail” both mean email"),
        (b"email,status,apprentice_status\n", "both mean program_status"),
        (HEADER.encode() + b'1,"Ann\n2,Bob,x\n', "line 2"),
        (HEADER.encode() + b'1,"Ann\n2,"Bob",x\n', "line 2"),
        (b"\x00\x01\x02", "not UTF-8"),
    ],
)
def test_refuses_a_file_that_cannot_be_right(file: bytes, why: str) -> None:
    with pytest.raises(WrongRoster, match=why):
        read(file)


PIECES = st.sampled_from(["email", "status", "a@b.org", "active", "2024-01-01", *',;\t"\r\n\0=é'])
FILES = st.binary(max_size=60) | st.lists(PIECES, max_size=40).map(
    lambda parts: "".join(parts).encode()
)


@given_any(FILES, st.sampled_from([b"", b"email,status,status_date\n", b"\xef\xbb\xbfemail\n"]))
def test_says_so_or_reads_whatever_the_bytes_are(file: bytes, header: bytes) -> None:
    try:
        _, lines = read(header + file)
    except WrongRoster as wrong:
        said = str(wrong)
    else:
        said = "".join(line.wrong for line in lines)
        assert [line.number for line in lines] == sorted({line.number for line in lines})
    assert said.isprintable()


def test_refuses_a_file_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "MOST_LINES", 2)
    with pytest.raises(WrongRoster, match="more than 2 rows"):
        read("email\na@b.org\nb@b.org\nc@b.org\n")

    monkeypatch.setattr(roster, "LARGEST", 10)
    with pytest.raises(WrongRoster, match="larger"):
        read("email\na@b.org\n")
