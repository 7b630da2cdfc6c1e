"""A password …"""

import pytest
from argon2 import PasswordHasher

from seatadmin.services.passwords import (
    GUESSABLE,
    LONGEST,
    SHORTEST,
    WeakPassword,
    hash_known,
    hash_password,
    needs_rehash,
    verify,
)

WORDS = "violet kettles cross the harbor at noon while nobody on the quay looks up; "
LONG = WORDS * 2 + WORDS[:-1]


def of(length: int) -> str:
    """A password of so many characters that nobody would guess."""
    return LONG[:length]


def test_is_known_by_its_hash_alone() -> None:
    kept = hash_password("three apprentices in a boat")

    assert "boat" not in kept
    assert verify(kept, "three apprentices in a boat")
    assert not verify(kept, "three apprentices in a goat")


@pytest.mark.parametrize(
    "text",
    [
        "ein Pferd im Größenwahn ⚡ läuft",
        "тихая выдра красит мосты",
        " 🦦  🌉🎨🐙🚲🌵🥝🧭🪁🎻🍄🧩 ",
    ],
)
def test_may_be_any_text_of_the_right_length(text: str) -> None:
    assert verify(hash_password(text), text)


def test_is_the_same_however_a_keyboard_composes_it() -> None:
    kept = hash_password("Caf\u00e9 \ufb01nch tower nine")

    assert verify(kept, "Cafe\u0301 finch tower nine")


@pytest.mark.parametrize("length", [0, SHORTEST - 1, LONGEST + 1, 100_000])
def test_is_refused_when_it_is_too_short_or_too_long(length: int) -> None:
    with pytest.raises(WeakPassword, match="characters"):
        hash_password(of(length) if length < len(LONG) else LONG * 1000)


@pytest.mark.parametrize("length", [SHORTEST, LONGEST])
def test_may_be_as_short_and_as_long_as_is_said(length: int) -> None:
    assert hash_password(of(length))


def test_is_wrong_when_more_follows_the_longest_one() -> None:
    assert not verify(hash_password(of(LONGEST)), of(LONGEST) + "y")


def test_is_refused_when_it_is_easy_to_guess() -> None:
    with pytest.raises(WeakPassword) as refused:
        hash_password("Lovelace-Lovelace-7", about=["Ada", "Lovelace"])

    assert str(refused.value) == GUESSABLE
    assert hash_password("Lovelace-Lovelace-7 by the violet sea", about=["Ada", "Lovelace"])


def test_of_a_demo_may_be_known_to_everybody() -> None:
    with pytest.raises(WeakPassword):
        hash_password("seat-admin-demo-2026")

    assert verify(hash_known("seat-admin-demo-2026"), "seat-admin-demo-2026")


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$broken"])
def test_never_fits_without_a_hash(kept: str | None) -> None:
    assert not verify(kept, "nobody's password")


def test_costs_the_same_work_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: one verification either way."""
    verified: list[str] = []
    real = PasswordHasher.verify

    def counting(hasher: PasswordHasher, kept: str, text: str) -> bool:
        verified.append(kept)
        return real(hasher, kept, text)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    verify(None, "whatever it is")

    assert len(verified) == 1
    assert not needs_rehash(verified[0])


def test_is_hashed_again_when_the_parameters_have_grown() -> None:
    assert needs_rehash(PasswordHasher(time_cost=1).hash(of(SHORTEST)))
    assert not needs_rehash(hash_password(of(SHORTEST)))
