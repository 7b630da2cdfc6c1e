"""What repeats in one file: the same number, address or person on a later line is refused."""

from collections.abc import Hashable, Mapping
from typing import Any

from seatadmin.services.imports.people import Person


class Repeats:
    """Remembers the keys of the lines so far, and where they stood first."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, Hashable], int] = {}

    def note_keys(self, line: int, given: Mapping[str, Any]) -> str:
        """Remember a line's keys, also when it is refused; answers what an earlier line had."""
        again = [
            f"Line {first} has the same {what}."
            for what, key in (
                ("apprentice number", given.get("apprentice_number")),
                ("e-mail address", given.get("email_key")),
            )
            if key and (first := self._lines.setdefault((what, key), line)) != line
        ]
        return " ".join(again)

    def note_person(self, line: int, person: Person | None) -> None:
        """Remember whom a line is about. Raises ValueError when an earlier one was."""
        if person is not None:
            first = self._lines.setdefault(("person", person["id"]), line)
            if first != line:
                raise ValueError(f"Line {first} is about the same participant.")
