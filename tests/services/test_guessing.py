"""A password is easy to guess …"""

import pytest

from seatadmin.services.guessing import is_guessable

ABOUT = ("Ada", "Lovelace", "ada.lovelace@north.example.org", "Acme Training", "North Electric")


@pytest.mark.parametrize(
    "text",
    [
        "passwordpassword",
        "Password1234567",
        "P@ssw0rdP@ssw0rd!",
        "pässwörd pässwörd",
        "p.a.s.s.w.o.r.d.1.2.3",
        "letmeinletmein123",
        "changemechangeme",
        "Welcome_to_2026!",
        "Summer2025Winter2026",
        "monkeydragonmaster",
        "iloveyouiloveyou!!",
        "maytheforcebewithyou",
    ],
)
def test_when_it_is_made_of_common_words(text: str) -> None:
    assert is_guessable(text)


@pytest.mark.parametrize(
    "text",
    [
        "seat-admin-demo-2026",
        "SeatAdminSeatAdmin",
        "apprenticeship-2026",
        "Sponsor & Employer",
        "Ada Lovelace Ada 1",
        "lovelace, acme training",
        "ada.lovelace@north.example.org",
        "North-Electric-2026!",
    ],
)
def test_when_it_is_what_others_know_of_the_product_and_the_person(text: str) -> None:
    assert is_guessable(text, ABOUT)


@pytest.mark.parametrize(
    "text",
    [
        "aaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaab",
        "abcabcabcabcabc",
        "zanzibarzanzibar",
        "               ",
        "!!!!!!!!!!!!!!!",
        "123456789012345",
        "987654321987654321",
        "112233445566778899",
        "abcdefghijklmnop",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc4rfv",
        "!@#$%^&*()_+!@#",
        "ab" * 64,
    ],
)
def test_when_it_repeats_or_runs_along_the_keys(text: str) -> None:
    assert is_guessable(text)


@pytest.mark.parametrize(
    "text",
    [
        "three apprentices in a boat",
        "correct horse battery staple",
        "quiet-otter-paints-bridges",
        "my dog ate the tax return",
        "acceptance-password-2026",
        "Gh7$kQ2!vZ9pLm4x",
        "]x$4}K/%2~#!@u^9",
        "тихая выдра красит мосты",
        "静かな川獺が橋を塗る青い朝の光",
    ],
)
def test_only_then(text: str) -> None:
    assert not is_guessable(text, ABOUT)
