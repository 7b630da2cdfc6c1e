"""Folded text …"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatadmin.text import fold, fold_email, squeeze

TEXT = st.text(max_size=40)
LATIN = st.text("abcxyzÀÉÎÖÜñçåşžABCXYZ ", max_size=20)


@given(TEXT)
def test_is_folded_already(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert squeeze(squeeze(text)) == squeeze(text)


@given(TEXT)
def test_of_an_address_is_folded_already(text: str) -> None:
    assert fold_email(fold_email(text)) == fold_email(text)


@given(LATIN)
def test_has_no_case(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(LATIN)
def test_has_no_accents(text: str) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))

    assert fold(bare) == fold(text)


@given(LATIN)
def test_is_the_same_composed_and_decomposed(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.lists(st.text("abc", min_size=1), max_size=4), st.sampled_from([" ", "\t", "\n \u00a0"]))
def test_has_single_spaces_between_words(words: list[str], space: str) -> None:
    scattered = space + (space * 2).join(words) + space

    assert fold(scattered) == squeeze(scattered) == " ".join(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë O'Neill", "zoe o'neill"),
        ("STRAẞE", "strasse"),
        ("Ÿ", "y"),
        ("\ufb01nch", "Finch"),
        ("\uff2c\uff49n", "lin"),
        ("İzmir", "izmir"),
    ],
)
def test_makes_names_the_same_that_people_take_for_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Ada", "Adam"), ("Li Na", "Lina"), ("O", "0")])
def test_keeps_apart_what_people_keep_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("same", ["ADA@Example.ORG", " ada@example.org ", "\uff41da@example.org"])
def test_of_an_address_ignores_case_and_width(same: str) -> None:
    assert fold_email(same) == "ada@example.org"


def test_of_an_address_keeps_accents() -> None:
    assert fold_email("zoë@example.org") != fold_email("zoe@example.org")


@pytest.mark.parametrize("blank", [None, "", "  \t"])
def test_of_nothing_is_empty_and_no_address(blank: str | None) -> None:
    assert (squeeze(blank), fold(blank), fold_email(blank)) == ("", "", None)


@pytest.mark.parametrize("char", ["ß", "\ufb03", "\ufdfa"])
def test_fits_its_column_however_much_longer_it_gets(char: str) -> None:
    assert len(fold(char * 200)) <= 400
    assert len(fold_email(char * 200) or "") <= 254
