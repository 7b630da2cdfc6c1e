"""A password …"""

import pytest
from argon2 import PasswordHasher

from seatadmin.services.passwords import (
    LONGEST,
    SHORTEST,
    WeakPassword,
    hash_password,
    needs_rehash,
    verify,
)


def test_is_known_by_its_hash_alone() -> None:
    kept = hash_password("seat-admin-demo-2026")

    assert "demo" not in kept
    assert verify(kept, "seat-admin-demo-2026")
    assert not verify(kept, "seat-admin-demo-2027")


def test_may_be_any_text_of_the_right_length() -> None:
    text = "ein Pferd im Größenwahn ⚡ läuft"

    assert verify(hash_password(text), text)


@pytest.mark.parametrize("length", [0, SHORTEST - 1, LONGEST + 1])
def test_is_refused_when_it_is_too_short_or_too_long(length: int) -> None:
    with pytest.raises(WeakPassword, match="characters"):
        hash_password("x" * length)


@pytest.mark.parametrize("length", [SHORTEST, LONGEST])
def test_may_be_as_short_and_as_long_as_is_said(length: int) -> None:
    assert hash_password("x" * length)


def test_is_wrong_when_more_follows_the_longest_one() -> None:
    assert not verify(hash_password("x" * LONGEST), "x" * LONGEST + "y")


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
    assert needs_rehash(PasswordHasher(time_cost=1).hash("x" * SHORTEST))
    assert not needs_rehash(hash_password("x" * SHORTEST))
