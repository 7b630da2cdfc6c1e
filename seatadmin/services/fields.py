"""Cleaning single values, as forms and imports receive them. No session, nothing is stored.

Every function raises `ValueError` with the sentence that a person reads.
"""

import re
import unicodedata
from datetime import date

from seatadmin.lifecycle import Refusal, WrongDate
from seatadmin.text import LONGEST_EMAIL, squeeze

NAME, NUMBER, EMAIL, OCCUPATION, NOTE, ORGANIZATION = 100, 60, LONGEST_EMAIL, 200, 1000, 200
"""How many characters each field holds."""

FIRST_YEAR, LAST_YEAR = 1900, 2200

_DATE = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
_JOINERS = "\u200c\u200d"  # invisible, but some scripts cannot be spelled without them
_UNSEEN = (
    _JOINERS
    + "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
"""What is drawn as nothing, or only changes what stands before it."""

_NOT_TEXT = frozenset({"Cc", "Cf", "Cs"})  # control, invisible, half of a pair
_PLAIN_EMAIL = re.compile(
    r"(?=.{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@((?=[^.]{1,63}\.)[a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)
_FORMULA = re.compile(r"'*([\t\r\n]|[\s\x00-\x1f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""How a formula may begin: some programs pass over blanks, and take full-width signs too."""


def parse_date(text: str) -> date:
    """The day written as 2026-11-24 or 20261124."""
    given = text.strip()
    match = _DATE.fullmatch(given)
    try:
        day = date(int(match[1]), int(match[3]), int(match[4])) if match else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"“{shown(given)}” is not a date: write it like 2026-11-24.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{given} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def clean_name(text: str | None) -> str:
    """A first or last name, single-spaced; it may not be blank."""
    name = clean_short(text, NAME)
    if name is None:
        raise ValueError("A name is needed here.")
    return name


def clean_number(text: str | None) -> str | None:
    """An apprentice number, single-spaced; None when blank."""
    return clean_short(text, NUMBER)


def clean_short(text: str | None, limit: int) -> str | None:
    """One line of at most `limit` characters, single-spaced; None when blank."""
    line = squeeze(text)
    _require_text(line)
    if len(line) > limit:
        raise ValueError(f"“{shown(line)}” is too long: {limit} characters fit.")
    return line or None


def clean_note(text: str | None, limit: int = NOTE) -> str | None:
    """Free text of several lines, each ended by a line feed; None when blank."""
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    note = unicodedata.normalize("NFC", lines).strip()
    _require_text(note.replace("\n", "").replace("\t", ""))
    if len(note) > limit:
        raise ValueError(f"The note is too long: {limit} characters fit.")
    return note or None


def clean_email(text: str | None) -> str | None:
    """An e-mail address whose form is right; whether it exists is not asked. None when blank."""
    address = squeeze(text)
    if not address:
        return None
    clean = _parsed(address)
    if len(clean) > EMAIL:
        raise ValueError(f"“{shown(address)}” is too long: {EMAIL} characters fit.")
    return clean


def check_dates(
    registration: date | None,
    expected_completion: date | None,
    status_date: date | None,
    today: date,
) -> None:
    """Registered by today, expected to end later, and the status since a day in between.

    A date that is None is not looked at.
    """
    if registration and registration > today:
        raise ValueError("The registration date lies in the future.")
    if registration and expected_completion and expected_completion < registration:
        raise ValueError("The expected completion date lies before the registration date.")
    if status_date and status_date > today:
        raise WrongDate(f"{status_date} lies in the future. Give today or an earlier date.")
    if registration and status_date and status_date < registration:
        raise ValueError(Refusal.BEFORE_REGISTRATION)


def guard(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula. `unguard` gives back exactly `text`."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """The cell without the apostrophe that `guard` put before it."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def shown(text: str, limit: int = 60) -> str:
    """A wrong value as a message may repeat it: short, and on one line."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return line if len(line) <= limit else f"{line[:limit]}…"


def _parsed(address: str) -> str:
    """The address with its domain in lower case.

    The library judges what is not plain ASCII. It takes ten times as long, which imports feel, and
    it refuses the domains that are set aside for tests.
    """
    if _PLAIN_EMAIL.fullmatch(address):
        local, _, domain = address.rpartition("@")
        return f"{local}@{domain.lower()}"
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        raise ValueError(f"“{shown(address)}” is not an e-mail address.") from None


def _require_text(line: str) -> None:
    if line.isascii() and line.isprintable():
        return
    unseen = any(unicodedata.category(char) in _NOT_TEXT and char not in _JOINERS for char in line)
    if unseen or not line.strip(_UNSEEN):
        raise ValueError(f"“{shown(line)}” contains a character that cannot be shown.")
