"""What repeats in one file: the same number, address or person on a later line is refused."""

from collections.abc import Mapping
from typing import Any

from seatadmin.services.imports.people import Person


class Repeats:
    """Remembers the keys of the lines so far, and where each stood first."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._emails: dict[str, int] = {}
        self._people: dict[int, int] = {}

    def note_keys(self, line: int, given: Mapping[str, Any]) -> str:
        """Remember a line's keys, also when it is refused; answers what an earlier line had."""
        again = ""
        if "apprentice_number" in given:
            first = self._numbers.setdefault(given["apprentice_number"], line)
            if first != line:
                again += f"Line {first} has the same apprentice number. "
        if "email_key" in given:
            first = self._emails.setdefault(given["email_key"], line)
            if first != line:
                again += f"Line {first} has the same e-mail address. "
        return again.rstrip()

    def note_person(self, line: int, person: Person | None) -> None:
        """Remember whom a line is about. Raises ValueError when an earlier one was."""
        if person is not None:
            first = self._people.setdefault(person["id"], line)
            if first != line:
                raise ValueError(f"Line {first} is about the same participant.")
