"""Which columns a roster may have, under which names, and how their cells are cleaned."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Any

from seatadmin.lifecycle import AccountStatus, ProgramStatus
from seatadmin.services.fields import (
    OCCUPATION,
    ORGANIZATION,
    clean_email,
    clean_name,
    clean_note,
    clean_number,
    clean_short,
    parse_date,
    shown,
)
from seatadmin.text import fold, fold_email

KEYS = frozenset({"apprentice_number", "email"})
"""By which a line finds its person: the first one that it has."""

APPRENTICE = "apprentice"
"""The `user_type` of the rows that matter. Others are skipped; a blank one counts as this."""

OWN_DATE: Mapping[ProgramStatus, str] = {
    ProgramStatus.COMPLETED: "program_completion_date",
    ProgramStatus.CANCELLED: "program_exit_date",
    ProgramStatus.SUSPENDED: "program_suspension_date",
}
"""Columns of ApprentiScope's file: the date of one status each."""

OWN_DATES = frozenset(OWN_DATE.values())

_STATUSES: Mapping[str, ProgramStatus] = {
    **{status.value: status for status in ProgramStatus},
    "canceled": ProgramStatus.CANCELLED,
    "exited": ProgramStatus.CANCELLED,  # as ApprentiScope says it
}

_repeats = lru_cache(maxsize=50_000)
"""For cells that repeat down the column: there are few occupations, and not that many names."""


@_repeats
def _date(text: str) -> date:
    return parse_date(text)


@_repeats
def _occupation(text: str) -> str | None:
    return clean_short(text, OCCUPATION)


@_repeats
def _status(text: str) -> ProgramStatus:
    try:
        return _STATUSES[fold(text)]
    except KeyError:
        offered = ", ".join(ProgramStatus)
        raise ValueError(f"“{shown(text)}” is not a program status: {offered}.") from None


@_repeats
def _account(text: str) -> AccountStatus | None:
    """Anything else says nothing: the account follows the program."""
    return next((status for status in AccountStatus if status == fold(text)), None)


_organization = partial(clean_short, limit=ORGANIZATION)

CLEANERS: Mapping[str, Callable[[str], Any]] = {
    "apprentice_number": clean_number,
    "first_name": _repeats(clean_name),
    "last_name": _repeats(clean_name),
    "email": clean_email,
    "sponsor": _repeats(_organization),
    "employer": _repeats(_organization),
    "occupation": _occupation,
    "registration_date": _date,
    "expected_completion_date": _date,
    "program_status": _status,
    "status_date": _date,
    "cancellation_reason": _repeats(_organization),
    "status_note": clean_note,
    "account_status": _account,
    "user_type": _repeats(fold),
    **dict.fromkeys(OWN_DATES, str),  # read once the status is known
}
"""Every column that is read, by its name, with what makes a value of a cell that is not blank."""

_ALSO: Mapping[str, tuple[str, ...]] = {
    "apprentice_number": ("apprentice no", "apprentice num", "apprentice #", "apprentice id"),
    "first_name": ("given name", "forename"),
    "last_name": ("surname", "family name"),
    "email": ("email address",),
    "sponsor": ("sponsor name", "program sponsor"),
    "employer": ("employer name", "company", "company name"),
    "occupation": ("occupation title", "trade"),
    "registration_date": ("program start date", "start date", "registered", "registered on"),
    "expected_completion_date": ("expected completion", "expected end date"),
    "program_status": ("status", "apprentice status"),
    "status_date": ("effective date",),
    "cancellation_reason": ("reason", "cancelation reason", "exit reason"),
    "status_note": ("note", "notes"),
}


def label(column: str) -> str:
    """What people read of a column."""
    words = column.removesuffix("_id").replace("_", " ").capitalize()
    return {"Email": "E-mail"}.get(words, words)


def named(header: str) -> str | None:
    """The column that a header cell names, however it is spelled; None for one that is not read."""
    return _BY_NAME.get(_plain(header))


def _plain(header: str) -> str:
    """Only letters and digits count: “E-Mail” and “e_mail” are the same."""
    return "".join(char for char in fold(header).replace("#", "no") if char.isalnum())


_BY_NAME: Mapping[str, str] = {
    _plain(name): column for column in CLEANERS for name in (column, *_ALSO.get(column, ()))
}


def clean(cells: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """The values of a row's cells, and what is wrong with the others. None of them is blank."""
    given, wrong = {}, []
    for column, cell in cells:
        try:
            value = CLEANERS[column](cell)
        except ValueError as error:
            wrong.append(f"{column}: {error}")
        else:
            if value is not None:
                given[column] = value
    if "email" in given:
        given["email_key"] = fold_email(given["email"])
    _decide_dates(given, wrong)
    return given, wrong


def _decide_dates(given: dict[str, Any], wrong: list[str]) -> None:
    """The row's status decides which of the dates of single statuses is its status date."""
    if OWN_DATES.isdisjoint(given):
        return
    dates = {column: given.pop(column) for column in OWN_DATES if column in given}
    if "program_status" not in given:
        return
    own = OWN_DATE.get(given["program_status"])
    end = OWN_DATE[ProgramStatus.COMPLETED]
    for column, target in ((own, "status_date"), (end, "expected_completion_date")):
        if column in dates and target not in given:
            try:
                given[target] = _date(dates.pop(column))
            except ValueError as error:
                wrong.append(f"{column}: {error}")
