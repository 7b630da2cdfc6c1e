"""Passwords: what is acceptable, how they are kept (argon2), and a check that tells no more.

A password is any text, spaces and all. It is composed (NFKC) before it is kept or compared, so that
it does not depend on the keyboard. Nothing is asked of its composition: length is what counts, and
that it is not easy to guess.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from seatadmin.services.guessing import is_guessable

SHORTEST, LONGEST = 15, 128
"""Characters of a new password."""

GUESSABLE = (
    "This is easy to guess: it is little more than common words, names, repeats or rows of keys."
    " Take a few words that do not belong together."
)

_hasher = PasswordHasher()


class WeakPassword(ValueError):
    """A new password that is too short, too long or easy to guess; the message says which."""


def hash_password(text: str, about: Iterable[str] = ()) -> str:
    """The hash to keep of a new password; `about` are names and words of the person.

    Raises `WeakPassword`.
    """
    password = _composed(text)
    if len(password) < SHORTEST:
        raise WeakPassword(f"A password has {SHORTEST} characters or more.")
    if len(password) > LONGEST:
        raise WeakPassword(f"A password has {LONGEST} characters at most.")
    if is_guessable(password, about):
        raise WeakPassword(GUESSABLE)
    return _hasher.hash(password)


def hash_known(text: str) -> str:
    """The hash of a password that everybody knows, as demo sign-ins have it: nothing is asked."""
    return _hasher.hash(_composed(text))


def verify(kept: str | None, text: str) -> bool:
    """Whether `text` is the password of which `kept` is the hash.

    Without a hash (an unknown person, or one without a password) the answer is no, after the time
    that any other answer takes.
    """
    password = _composed(text)
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(kept or _dummy(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether `kept` was made with older parameters: hash again at the next sign-in."""
    return _hasher.check_needs_rehash(kept)


def _composed(text: str) -> str:
    """What is kept and compared. What is far too long is refused whatever it composes to."""
    return unicodedata.normalize("NFKC", text[: 4 * LONGEST])


@cache
def _dummy() -> str:
    """Nobody's password, hashed as everybody's are."""
    return _hasher.hash("nobody's password")
