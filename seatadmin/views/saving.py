"""Forms: create and edit a row, with messages at the fields and nothing lost on a conflict."""

from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request, url_for
from flask_admin import expose

from seatadmin.extensions import db
from seatadmin.forms import SeatForm
from seatadmin.lifecycle import NO_SEAT, Refusal, TransitionRefused, WrongDate
from seatadmin.services.invalid import GENERAL, Invalid, NotFound, StaleVersion
from seatadmin.services.passwords import WeakPassword
from seatadmin.services.reasons import UnknownReason
from seatadmin.services.regulators import LastRegulator
from seatadmin.services.seats import NoFreeSeat
from seatadmin.views import logs, refusals
from seatadmin.views.base import ListView
from seatadmin.views.gate import actor, wants_json


class FormView(ListView):
    """A list whose rows can be created and edited.

    `on_model_change` hands the form to a service and returns the saved row: no form, not even
    Flask-Admin's own code paths, writes a row by itself.
    """

    form_class: ClassVar[type[SeatForm]]
    new_form_class: ClassVar[type[SeatForm] | None] = None
    form_template = "admin/form.html"

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> Any:
        """Save through a service; returns the row."""
        raise NotImplementedError

    def create_model(self, form: Any) -> Any:
        """Flask-Admin's way to create."""
        return self.on_model_change(form, None, True)

    def update_model(self, form: Any, model: Any) -> Any:
        """Flask-Admin's way to save."""
        return self.on_model_change(form, model, False)

    def also(self, saved: Any) -> dict[str, Any]:
        """What else a script is told of the saved row."""
        return {}

    def plainly(self, form: Any, saved: Any) -> str:
        """What else a person is told of the saved row."""
        return ""

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """The form for a new row."""
        return self._form(self.new_form_class or self.form_class, None)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """The form of one row."""
        return self._form(self.form_class, self.get_one(request.args.get("id")))

    def theirs(self, conflict: Any, item: Any) -> str | None:
        """What stands in a field now, when it differs from what was typed."""
        now = conflict[item.name] if conflict and item.name in conflict else None
        if now is None or now.data == item.data:
            return None
        return "" if now.data is None else str(getattr(now.data, "label", now.data))

    def _form(self, form_class: type[SeatForm], model: Any) -> Any:
        posted = request.form if request.method == "POST" else None
        form = form_class(db.session, actor(), posted, model)
        if posted is None:
            return self._form_page(form, model, 200)
        if not form.validate():
            return self._refused(form, model, 422)
        try:
            saved = self.update_model(form, model) if model else self.create_model(form)
        except StaleVersion:
            return self._stale(form, model)
        except NotFound:
            raise
        except (Invalid, TransitionRefused, NoFreeSeat, ValueError, LastRegulator) as refusal:
            db.session.rollback()
            if isinstance(refusal, TransitionRefused):
                refusals.note_one(refusal.target, refusal.why)
            logs.refused([_reason(refusal)])
            form.refuse(_messages(refusal))
            return self._refused(form, model, 409 if _lacks_seat(refusal) else 422)
        if wants_json():
            return jsonify(id=saved.id, version=saved.version, **self.also(saved))
        done = f"{saved} was saved." if model else f"{saved} was created."
        flash(f"{done}{self.plainly(form, saved)}", "success")
        return redirect(url_for(f"{self.endpoint}.details_view", id=saved.id))

    def _refused(self, form: SeatForm, model: Any, json_code: int) -> Any:
        """The form again, with its messages and what was typed."""
        if wants_json():
            errors = {name or "form": messages for name, messages in form.errors.items()}
            return jsonify(error="Not saved.", errors=errors), json_code
        return self._form_page(form, model, 200)

    def _stale(self, form: SeatForm, model: Any) -> Any:
        """409: what was typed beside what is there now; saving again is a decision."""
        db.session.rollback()
        current = self.get_one(model.id)
        now = type(form)(db.session, actor(), None, current)
        message = "Somebody else saved this record after you opened it."
        if wants_json():
            return jsonify(
                error=message, version=current.version, current=_shown(now), yours=_shown(form)
            ), 409
        form.version.data = str(current.version)
        form.version.raw_data = None
        page = self._form_page(form, current, 409, conflict=now, message=message)
        return page

    def _form_page(self, form: SeatForm, model: Any, code: int, **more: Any) -> Any:
        return self.render(self.form_template, form=form, model=model, **more), code


def _messages(refusal: Exception) -> dict[str, str]:
    """A service's refusal as messages by field."""
    if isinstance(refusal, Invalid):
        return refusal.errors
    fields: dict[type[Exception], str] = {
        WrongDate: "status_date",
        UnknownReason: "cancellation_reason",
        TransitionRefused: "program_status",
        NoFreeSeat: "program_status" if "program_status" in request.form else "employer",
        WeakPassword: "password",
        LastRegulator: "role",
    }
    return {fields.get(type(refusal), GENERAL): str(refusal)}


def _reason(refusal: Exception) -> str:
    """The refusal in one word, to be counted."""
    why = getattr(refusal, "why", None)
    return why.name.lower() if isinstance(why, Refusal) else "invalid"


def _lacks_seat(refusal: Exception) -> bool:
    why = refusal.why if isinstance(refusal, TransitionRefused | NoFreeSeat) else None
    return why in NO_SEAT


def _shown(form: SeatForm) -> dict[str, str]:
    """Field values as text."""
    return {field.name: "" if field.data is None else str(field.data) for field in form}
