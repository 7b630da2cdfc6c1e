"""The forms. Fields bear the names of the interface; choices come from the enumerations."""

from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, PasswordField, StringField

from seatadmin.inputs import (
    ChoiceField,
    Cleaned,
    DayField,
    LimitField,
    NoteField,
    OrganizationField,
)
from seatadmin.lifecycle import ProgramStatus
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import MANAGES, Actor, Permission, Role, allows
from seatadmin.services import fields, reasons
from seatadmin.services.invalid import GENERAL

NEEDED = {"required": True}
"""Marks a field that may not be blank. The server checks it: forms are sent as they are."""

COLUMNS = {"employer": "employer_id", "sponsor": "sponsor_id"}
"""Organizations are known by their ids."""


class SeatForm(Form):
    """A form with a version, opened for one actor."""

    version = HiddenField()

    def __init__(
        self, session: Session, actor: Actor, formdata: Any = None, obj: Any = None
    ) -> None:
        self._session, self._actor = session, actor
        super().__init__(formdata, obj=obj)

    def process(self, formdata: Any = None, obj: Any = None, **_kwargs: Any) -> None:
        """Open the fields that depend on the actor, then read the record and what was typed.

        A field left out keeps what the record has; of a new record it is blank.
        """
        self.open_fields(obj)
        if formdata is not None and obj is None:
            formdata = MultiDict({**dict.fromkeys(self._fields, ""), **formdata.to_dict()})
        super().process(formdata, data=self.prefill(obj) if obj is not None else None)

    def open_fields(self, obj: Any) -> None:
        """Give every field what it offers to this actor."""
        for field in self:
            if isinstance(field, OrganizationField):
                field.open(self._session, self._actor)

    def prefill(self, obj: Any) -> dict[str, Any]:
        """What stands in the fields of an existing record."""
        return {name: getattr(obj, COLUMNS.get(name, name), None) for name in self._fields}

    def values(self) -> dict[str, Any]:
        """The cleaned values by the names that services know."""
        given = (field for field in self if field.name != "version")
        return {COLUMNS.get(field.name, field.name): field.data for field in given}

    @property
    def version_number(self) -> int:
        """The version that was opened; 0, which no record has, when it is missing or malformed."""
        text = str((self.version.raw_data or [""])[0])
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def refuse(self, errors: dict[str, str]) -> None:
        """Put a service's messages at the fields; those of no field are about the whole form."""
        for name, message in errors.items():
            field: Field | None = self._fields.get(name.removesuffix("_id"))
            if field is None or name == GENERAL:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]


class ParticipantForm(SeatForm):
    """A participant: identity, employer, dates. A new one is active, so it has no status."""

    first_name = Cleaned("First name", fields.clean_name, render_kw=NEEDED)
    last_name = Cleaned("Last name", fields.clean_name, render_kw=NEEDED)
    email = Cleaned("E-mail", fields.clean_email)
    employer = OrganizationField("Employer", Employer, render_kw=NEEDED)
    apprentice_number = Cleaned("Apprentice number", fields.clean_number)
    occupation = Cleaned("Occupation", lambda text: fields.clean_short(text, fields.OCCUPATION))
    registration_date = DayField("Registration date")
    expected_completion_date = DayField("Expected completion date")

    def __init__(
        self, session: Session, actor: Actor, formdata: Any = None, obj: Any = None
    ) -> None:
        super().__init__(session, actor, formdata, obj)
        if obj is not None and not allows(actor.role, Permission.PARTICIPANT_REASSIGN):
            for name in ("employer", "apprentice_number", "registration_date"):
                del self[name]


class ParticipantEditForm(ParticipantForm):
    """A participant with its program status: date, reason and note belong to an ended program."""

    program_status = ChoiceField("Program status", ProgramStatus)
    status_date = DayField("Date it takes effect")
    cancellation_reason = ChoiceField("Reason", blank="Choose a reason")
    status_note = NoteField("Note", fields.clean_note)

    def open_fields(self, obj: Any) -> None:
        """Offer the reasons of the list, and the present one even when it is retired."""
        super().open_fields(obj)
        present = obj and obj.cancellation_reason
        self.cancellation_reason.offer(reasons.offered(self._session, also=present))

    def prefill(self, obj: Any) -> dict[str, Any]:
        """An active program shows no date: a new status takes effect today unless one is given."""
        filled = super().prefill(obj)
        if obj.program_status is ProgramStatus.ACTIVE:
            filled |= {"status_date": None, "status_note": None}
        return filled


class StaffForm(SeatForm):
    """A member of staff, with the roles that the actor may give."""

    first_name = Cleaned("First name", fields.clean_name, render_kw=NEEDED)
    last_name = Cleaned("Last name", fields.clean_name, render_kw=NEEDED)
    email = Cleaned("E-mail", fields.clean_email, render_kw=NEEDED)
    role = ChoiceField("Role", Role)
    sponsor = OrganizationField("Sponsor", Sponsor)
    employer = OrganizationField("Employer", Employer)

    def open_fields(self, obj: Any) -> None:
        """Offer only the roles that the actor may give."""
        super().open_fields(obj)
        given = MANAGES[self._actor.role]
        self.role.offer((role, role.label) for role in Role if role in given)


class SponsorForm(SeatForm):
    """A sponsor and its seat limit."""

    name = Cleaned("Name", lambda text: _named(text), render_kw=NEEDED)
    program_number = Cleaned("Program number", fields.clean_number)
    seat_limit = LimitField("Seat limit")


class EmployerForm(SeatForm):
    """An employer of one sponsor, with or without a seat limit of its own."""

    name = Cleaned("Name", lambda text: _named(text), render_kw=NEEDED)
    sponsor = OrganizationField("Sponsor", Sponsor, render_kw=NEEDED)
    seat_limit = LimitField("Seat limit")


class SignInForm(Form):
    """Signing in."""

    email = StringField("E-mail")
    password = PasswordField("Password")


def _named(text: str) -> str:
    name = fields.clean_short(text, fields.ORGANIZATION)
    if not name:
        raise ValueError("A name is needed here.")
    return name
