"""Single values: what forms and imports take, and how they say no."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatadmin.services import fields

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("text", ["2024-02-29", "20240229", " 2024-02-29 "])
def test_a_date_is_read_in_both_forms(text: str) -> None:
    assert fields.parse_date(text) == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    ["", "2023-02-29", "29.02.2024", "2/29/2024", "2024-0229", "202402-29", "240229", "٢٠٢٤٠٢٢٩",
     "2024-02-29T00:00", "0001-01-01", "1899-12-31", "22010101", "=1+1", "x" * 500],
)  # fmt: skip
def test_a_wrong_date_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text[:10].replace("+", r"\+") or "“”") as caught:
        fields.parse_date(text)
    assert len(str(caught.value)) < 200


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_date_survives_both_forms(day: date) -> None:
    assert fields.parse_date(day.isoformat()) == fields.parse_date(f"{day:%Y%m%d}") == day


def test_a_name_is_composed_and_single_spaced() -> None:
    assert fields.clean_name("  Rene\u0301e \u00a0 de  la\nCruz ") == "Ren\u00e9e de la Cruz"


@pytest.mark.parametrize("name", ["O'Brien", "محمد", "Nguyễn", "علی‌رضا", "김민준", "李"])
def test_a_name_of_any_script_is_taken(name: str) -> None:
    assert fields.clean_name(name) == name


@pytest.mark.parametrize("name", ["", " ", None, "a\x00b", "a\u202eb", "\ud800", "x" * 101])
def test_a_wrong_name_is_refused(name: str | None) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        fields.clean_name(name)


@pytest.mark.parametrize(
    "address",
    ["a@example.org", "a.b+c@sub.example", "a@x.test", "a@host.local", "jürgen@müller.de"],
)
def test_an_address_is_taken_without_asking_whether_it_exists(address: str) -> None:
    assert fields.clean_email(f" {address} ") == address


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_value_is_none(blank: str | None) -> None:
    cleaners = (fields.clean_email, fields.clean_number, fields.clean_note)
    assert [clean(blank) for clean in cleaners] == [None] * 3


@pytest.mark.parametrize(
    "address",
    ["a", "a@", "@b.org", "a@b", "a b@c.org", "a@b.org, c@d.org", "a\x00@b.org", "a@-b.org",
     f"{'x' * 65}@b.org", f"a@{'.'.join(['x' * 60] * 5)}.org"],
)  # fmt: skip
def test_a_wrong_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="“"):
        fields.clean_email(address)


def test_a_number_keeps_its_leading_zeros() -> None:
    assert fields.clean_number(" 007  A ") == "007 A"


def test_a_note_keeps_its_lines_and_ends_each_alike() -> None:
    assert fields.clean_note(" one\r\ntwo\rthree\n") == "one\ntwo\nthree"


@pytest.mark.parametrize("note", ["x" * 1001, "a\x07b"])
def test_a_wrong_note_is_refused(note: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        fields.clean_note(note)


@pytest.mark.parametrize(
    ("registration", "expected", "status", "why"),
    [
        ("2026-11-25", None, None, "registration date lies in the future"),
        ("2024-01-02", "2024-01-01", None, "expected completion date lies before"),
        ("2024-01-02", None, "2024-01-01", "before the registration date"),
        ("2024-01-02", None, "2026-11-25", "lies in the future"),
    ],
)
def test_dates_that_contradict_each_other_are_refused(
    registration: str, expected: str | None, status: str | None, why: str
) -> None:
    days = (date.fromisoformat(day) if day else None for day in (registration, expected, status))
    with pytest.raises(ValueError, match=why):
        fields.check_dates(*days, TODAY)


def test_dates_on_the_edges_are_taken() -> None:
    fields.check_dates(TODAY, TODAY, TODAY, TODAY)
    fields.check_dates(None, None, None, TODAY)


@pytest.mark.parametrize(
    "cell",
    [
        *("=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20x"),
        *(" =1", "\u3000\uff1d1", "\x0b@x", "\ufeff=1", "' =1"),
    ],
)
def test_a_formula_is_guarded(cell: str) -> None:
    assert fields.guard(cell) == f"'{cell}"
    assert fields.unguard(f"'{cell}") == cell


def test_other_cells_stay_as_they_are() -> None:
    for cell in ("", "Ann", "'tis", "O'Brien", "a=b"):
        assert fields.guard(cell) == fields.unguard(cell) == cell


@given(st.text(alphabet="'=+-@\t\r\na \x00\x0b\u3000\ufeff\uff1d\uff0b\uff0d\uff20"))
def test_a_guarded_cell_comes_back_exactly(cell: str) -> None:
    assert fields.unguard(fields.guard(cell)) == cell


@pytest.mark.parametrize(
    "name",
    ["\u202e", "a\u2066b", "\u200d", "\u200c\u200d", "\u200b", "\u3164", "\u2800\ufe0f", "a\x07"],
)
def test_a_name_that_cannot_be_seen_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be shown"):
        fields.clean_name(name)
