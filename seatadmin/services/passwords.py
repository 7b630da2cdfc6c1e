"""Passwords: what is acceptable, how they are kept (argon2), and a check that tells no more."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 1000
"""Characters of a new password. No rules of composition: length is what counts."""

_hasher = PasswordHasher()


class WeakPassword(ValueError):
    """A new password that is too short or too long; the message says which."""


def hash_password(text: str) -> str:
    """The hash to keep of a new password. Raises `WeakPassword`."""
    if len(text) < SHORTEST:
        raise WeakPassword(f"A password has {SHORTEST} characters or more.")
    if len(text) > LONGEST:
        raise WeakPassword(f"A password has {LONGEST} characters at most.")
    return _hasher.hash(text)


def verify(kept: str | None, text: str) -> bool:
    """Whether `text` is the password of which `kept` is the hash.

    Without a hash (an unknown person, or one without a password) the answer is no, after the time
    that any other answer takes.
    """
    if len(text) > LONGEST:
        return False
    try:
        return _hasher.verify(kept or _dummy(), text) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether `kept` was made with older parameters: hash again at the next sign-in."""
    return _hasher.check_needs_rehash(kept)


@cache
def _dummy() -> str:
    """Nobody's password, hashed as everybody's are."""
    return _hasher.hash("nobody's password")
