"""The inputs that forms are made of: what was typed stays as typed, beside what it means."""

from collections.abc import Callable, Iterable
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session
from wtforms import SelectChoice, SelectField, StringField
from wtforms.widgets import DateInput, NumberInput, TextArea

from seatadmin.permissions import Actor
from seatadmin.services import fields, organizations

OFFERED = 200
"""An organization is chosen from a list of up to so many; of more, its name is typed."""

LARGEST_LIMIT = 10_000_000

NOT_OFFERED = "Choose one of the list."


class Cleaned(StringField):
    """A text field whose data is what `clean` makes of the typed text, which stays as typed."""

    def __init__(self, label: str, clean: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.clean = clean

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed; a ValueError becomes the message at the field."""
        if valuelist:
            self.data = self.clean(valuelist[0])

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if isinstance(self.data, date) else str(self.data or "")


class NoteField(Cleaned):
    """Free text of several lines."""

    widget = TextArea()


class DayField(Cleaned):
    """A date; None when blank."""

    widget = DateInput()

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, _day, **kwargs)


class LimitField(Cleaned):
    """A seat limit: a whole number, or None for no limit."""

    widget = NumberInput(min=0)

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, _limit, **kwargs)

    def _value(self) -> str:
        typed = self.raw_data[0] if self.raw_data else self.data
        return "" if typed is None else str(typed)


class ChoiceField(SelectField):
    """A choice among enumeration members or codes; a blank choice is None."""

    def __init__(
        self, label: str, of: type[Enum] | None = None, blank: str = "", **kwargs: Any
    ) -> None:
        super().__init__(
            label,
            coerce=lambda value: _coerced(value, of),
            choices=[],
            invalid_value_message=NOT_OFFERED,
            invalid_choice_message=NOT_OFFERED,
            **kwargs,
        )
        self.blank = blank
        self.offer((member.value, member.label) for member in of or ())  # type: ignore[attr-defined]

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Set the choices, after the blank one if the field has one."""
        blank = [("", self.blank)] if self.blank else []
        self.choices = [SelectChoice(value, label) for value, label in (*blank, *choices)]


class OrganizationField(Cleaned):
    """A sponsor or employer in the actor's scope: chosen by id, or typed by name when many."""

    def __init__(self, label: str, model: Any, **kwargs: Any) -> None:
        super().__init__(label, self._find, **kwargs)
        self.model = model
        self.lookup = model.__tablename__

    def open(self, session: Session, actor: Actor) -> None:
        """Find organizations as `actor` sees them."""
        self.session, self.actor = session, actor

    @cached_property
    def options(self) -> list[tuple[int, str]]:
        """What can be chosen; nothing where a name has to be typed."""
        return organizations.choices(self.session, self.actor, self.model, OFFERED)

    def _find(self, text: str) -> int | None:
        return organizations.find(self.session, self.actor, self.model, text, self.object_data)

    @property
    def chosen(self) -> str:
        """What stands in the field: the typed text, or name and number of the present one."""
        if self.raw_data:
            return str(self.raw_data[0])
        present = self.data and self.session.get(self.model, self.data)
        return f"{present.name} #{present.id}" if present else ""


def _day(text: str) -> date | None:
    return fields.parse_date(text) if text.strip() else None


def _limit(text: str) -> int | None:
    given = text.strip().replace(",", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit()):
        raise ValueError("A seat limit is a whole number, or empty for no limit.")
    if len(given) > len(str(LARGEST_LIMIT)) or int(given) > LARGEST_LIMIT:
        raise ValueError(f"A seat limit is {LARGEST_LIMIT:,} at most, or empty for no limit.")
    return int(given)


def _coerced(value: Any, of: type[Enum] | None) -> Any:
    if value in (None, "", "None"):
        return None
    return of(value) if of else str(value)
