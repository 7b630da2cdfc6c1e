"""A workbook …"""

import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from seatadmin.services.imports import packing, workbooks
from seatadmin.services.imports.packing import Packed
from seatadmin.services.imports.roster import WrongRoster
from tests.services.imports.workbooks import SHEET, altered, archived, drawn, workbook

PLAIN = workbook(["email", "first_name"], ["ada@example.org", "Ada"])


def read(file: bytes) -> Packed:
    with workbooks.table(BytesIO(file)) as (header, records):
        return packing.pack(header, records)


def rows(file: bytes) -> list[Any]:
    return list(packing.unpack(read(file).parts))


def why(file: bytes) -> str:
    with pytest.raises(WrongRoster) as refused:
        read(file)
    return str(refused.value)


def test_is_read_with_the_numbers_that_its_rows_have_on_the_screen() -> None:
    def fill(_book: Any, sheet: Any) -> None:
        sheet.write_row(2, 0, ["email", "note", "", " "])
        sheet.write_row(4, 0, ["a@example.org", "one\ntwo"])
        sheet.write_row(7, 0, ["b@example.org"])

    read_again = read(drawn(fill))
    assert read_again.header == ["email", "note"]
    assert list(packing.unpack(read_again.parts)) == [
        (5, ["a@example.org", "one\ntwo"]),
        (8, ["b@example.org", ""]),
    ]


def test_gives_dates_as_iso_and_whole_numbers_without_a_point() -> None:
    file = workbook(
        ["email", "start date", "status date", "apprentice_number"],
        ["a@example.org", date(2024, 2, 29), datetime(2024, 3, 1), 42],
        ["b@example.org", 20240229, datetime(2024, 3, 1, 12, 30), 42.5],
    )
    assert rows(file) == [
        (2, ["a@example.org", "2024-02-29", "2024-03-01", "42"]),
        (3, ["b@example.org", "20240229", "2024-03-01 12:30:00", "42.5"]),
    ]


def test_gives_what_a_formula_came_to_never_the_formula() -> None:
    def fill(_book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["email", "last_name"])
        sheet.write_string(1, 0, "=1+1")
        sheet.write_formula(1, 1, '=HYPERLINK("http://evil.example","x")', None, "Shown")

    assert rows(drawn(fill)) == [(2, ["=1+1", "Shown"])]


def test_loses_its_sensitive_columns_before_anything_is_kept() -> None:
    file = workbook(
        ["SSN", "email", "DateOfBirth", "Home address", "Class number", "E-mail address"],
        ["078-05-1120", "a@example.org", date(1990, 1, 1), "1 Main St", "7", "x"],
    )
    packed = read(file)
    assert packed.sensitive == ["SSN", "DateOfBirth", "Home address"]
    assert list(packing.unpack(packed.parts)) == [(2, ["a@example.org", "7", "x"])]


def test_of_the_old_kind_or_with_a_password_is_refused() -> None:
    assert "password" in why(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600)
    locked = bytearray(PLAIN)
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in why(bytes(locked))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.999])
def test_that_is_cut_off_is_refused(share: float) -> None:
    assert "cannot be read" in why(PLAIN[: int(len(PLAIN) * share)])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"\x00" * 50,
        b"<worksheet/>",
        b'<worksheet><sheetData><row r="x"><c r="%"/></row></sheetData></worksheet>',
        "<?xml version='1.0' encoding='utf-16'?><worksheet/>".encode("utf-16"),
    ],
)
def test_whose_sheet_is_no_sheet_is_refused(content: bytes) -> None:
    assert why(altered(PLAIN, SHEET, lambda _: content))


def test_that_names_files_or_swells_by_entities_gives_neither(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    doctype = (
        f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{secret}"><!ENTITY a "lol">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi"))  # noqa: B905
        + "]>"
    )
    sheet = (
        f"<?xml version='1.0'?>{doctype}<worksheet xmlns="
        '"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>email</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>&f;&i;</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    try:
        told = str(rows(altered(PLAIN, SHEET, lambda _: sheet.encode())))
    except WrongRoster as refused:
        told = str(refused)
    assert "secret" not in told
    assert "lollol" not in told


def test_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    zeros = b"0" * (80 * 1024 * 1024)
    assert "too large" in why(altered(PLAIN, SHEET, lambda _: zeros))
    assert "too large" in why(archived((f"{n}.xml", b"") for n in range(1_001)))


def test_that_lies_about_its_size_meets_the_limits_of_the_system() -> None:
    """A cell in the last corner of a sheet would take 400 GB of memory."""

    def fill(_book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "email")
        sheet.write(1_048_575, 16_383, "far away")

    assert "too large" in why(drawn(fill))


def test_with_a_cell_longer_than_any_is_refused() -> None:
    long = b"x" * 140_000
    file = altered(
        PLAIN, "xl/sharedStrings.xml", lambda data: data.replace(b">Ada<", b">" + long + b"<")
    )
    assert "longer than any cell" in why(file)


def test_without_a_single_cell_is_empty() -> None:
    assert "empty" in why(workbook())


def test_with_too_many_columns_or_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "300 columns" in why(workbook(["x"] * 301))
    monkeypatch.setattr(packing, "MOST_LINES", 1)
    assert "more than 1 rows" in why(workbook(["email"], ["a"], ["b"]))


def test_is_told_by_its_first_bytes_not_by_its_name() -> None:
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(BytesIO(b"email\na@example.org\n"))
    assert rows(b"email\na@example.org\n") == [(2, ["a@example.org"])]
