"""Participants: the list, the profile, the form, deletion, and the acts that free seats."""

from datetime import date
from typing import Any, ClassVar

from flask import abort, current_app, flash, jsonify, redirect, request, url_for
from flask_admin import expose

from seatadmin.extensions import db
from seatadmin.forms import ParticipantEditForm, ParticipantForm
from seatadmin.hints import report_line, why_seat
from seatadmin.lifecycle import (
    ACCOUNT_FOLLOWS,
    CANCEL,
    COMPLETE,
    DEACTIVATE,
    REACTIVATE,
    REINSTATE,
    SUSPEND,
    TRANSITION_TO,
)
from seatadmin.models import Employer, Participant, Sponsor
from seatadmin.permissions import Permission
from seatadmin.services import fields, occupations, organizations, participants, plans
from seatadmin.services.invalid import Invalid
from seatadmin.services.listings import ledger, people
from seatadmin.views import cells, saved_views
from seatadmin.views.acting import ActingView
from seatadmin.views.addresses import row_id
from seatadmin.views.gate import SAFE, actor, wants_json

SUGGESTED = 20
"""How many suggestions a lookup gives at most, whatever is asked."""


class ParticipantView(ActingView):
    """Every participant in scope."""

    listing = people.PARTICIPANTS
    population = Participant
    plural = "Participants"
    empty_text = "No participant matches."
    search_hint = "Name, e-mail or number"
    acts = (CANCEL, SUSPEND, COMPLETE, REINSTATE, DEACTIVATE)
    row_acts = (REACTIVATE,)
    form_class = ParticipantEditForm
    new_form_class = ParticipantForm
    form_template = "participants/form.html"
    export_columns = people.PARTICIPANT_CSV
    verbs: ClassVar = {
        "index_view": Permission.PARTICIPANT_READ,
        **saved_views.verbs(Permission.PARTICIPANT_READ),
        "details_view": Permission.PARTICIPANT_READ,
        "create_view": Permission.PARTICIPANT_CREATE,
        "edit_view": Permission.PARTICIPANT_EDIT,
        "delete_view": Permission.PARTICIPANT_DELETE,
        "export": Permission.PARTICIPANT_EXPORT,
        "action_view": Permission.PARTICIPANT_READ,  # and the act's own permission
        "action_preview": Permission.PARTICIPANT_READ,
        "action_confirm": Permission.PARTICIPANT_READ,
        "reported_view": Permission.PARTICIPANT_REPORT,
        "withdraw_view": Permission.PARTICIPANT_READ,  # and that of the act that is planned
        "ajax_lookup": Permission.PARTICIPANT_READ,
    }
    column_list = (
        "name",
        "apprentice_number",
        "employer",
        "sponsor",
        "occupation",
        "program_status",
        "status_date",
        "cancellation_reason",
        "account_status",
        "out_of_step",
    )
    more_columns = (
        "email",
        "registration_date",
        "expected_completion_date",
        "reported_on",
        "planned",
        "status_note",
    )
    column_filters = tuple(people.PARTICIPANTS.filters)
    column_labels: ClassVar = {
        "apprentice_number": "Number",
        "email": "E-mail",
        "registration_date": "Registered",
        "expected_completion_date": "Expected completion",
        "status_note": "Note",
        "program_status": "Program",
        "status_date": "Since",
        "cancellation_reason": "Reason",
        "account_status": "Account",
    }
    column_formatters: ClassVar = {
        "name": cells.OPENS,
        "apprentice_number": cells.VARIED,
        "email": cells.VARIED,
        "status_note": cells.VARIED,
        "planned": cells.PLANNED,
        "employer": cells.organization("employer"),
        "sponsor": cells.organization("sponsor"),
        "program_status": cells.BADGES,
        "account_status": cells.BADGES,
        "cancellation_reason": cells.REASON_OR_MISSING,
        "out_of_step": cells.flag("Out of step"),
    }

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> Participant:
        """Every form saves through the service, which knows the cascade."""
        if is_created:
            return participants.create(db.session, actor(), form.values())
        return participants.edit(db.session, actor(), model.id, form.version_number, form.values())

    def also(self, saved: Participant) -> dict[str, Any]:
        """What is planned."""
        return {"plan_id": saved.plan_id} if saved.plan_id else {}

    def plainly(self, form: Any, saved: Participant) -> str:
        """That the program status on the form is planned, and not set."""
        target: Any = form.data.get("program_status") or saved.program_status
        if target is saved.program_status:
            return ""
        day = cells.show(form.status_date.data).html
        return f" To be {TRANSITION_TO[target].past} on {day}: until then nothing changes."

    @expose("/details/")
    def details_view(self) -> str:
        """The profile, with the history."""
        return self._profile(self.get_one(request.args.get("id")), {})

    @expose("/reported/", methods=("POST",))
    def reported_view(self) -> Any:
        """Note when the agency was told of an ending, or take that back."""
        id = row_id(request.form.get("id"))
        try:
            typed = request.form.get("reported_on", "").strip()
            day = fields.parse_date(typed) if typed else None
            taken_back = "taken_back" in request.form
            participants.report(db.session, actor(), id, day, taken_back)
        except ValueError as refusal:
            db.session.rollback()
            errors = getattr(refusal, "errors", {"reported_on": str(refusal)})
            if wants_json():
                return jsonify(error=str(refusal), errors=errors), 422
            return self._profile(self.get_one(id), errors)
        if wants_json():
            return jsonify(id=id)
        return redirect(url_for("participant.details_view", id=id))

    @expose("/withdraw/", methods=("POST",))
    def withdraw_view(self) -> Any:
        """Give up what is planned for one participant."""
        participant = self.get_one(request.form.get("id"))
        plan_id = participant.plan_id
        done = plan_id and plans.withdraw(db.session, actor(), plan_id, participant.id)
        if wants_json():
            return jsonify(id=participant.id, withdrawn=int(bool(done)))
        flash("The plan was withdrawn." if done else "Nothing is planned.", "success")
        return redirect(url_for("participant.details_view", id=participant.id))

    def _profile(self, participant: Participant, errors: dict[str, str]) -> str:
        history = ledger.history(db.session, participant.id)
        moved = (
            change.at
            for change, item, *_ in history
            if item.old_account_status != item.new_account_status
        )
        days = current_app.config["REPORT_DAYS"]
        since: Any = participant.status_date
        ended = participant.program_status in ACCOUNT_FOLLOWS
        return self.render(
            "participants/profile.html",
            participant=participant,
            history=history,
            account_since=next(moved, None),
            why_seat=why_seat(participant.program_status, participant.account_status),
            report=report_line(since, participant.reported_on, date.today(), days)
            if ended
            else None,
            plan=plans.of(db.session, participant),
            today=date.today(),
            errors=errors,
            personal=ledger.personal(db.session, [c.id for c, *_ in history], [participant.id]),
        )

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> Any:
        """Ask for the full name, then delete."""
        id = row_id(request.values.get("id"))
        participant = self.get_one(id)
        if request.method in SAFE:
            return self.render("participants/delete.html", participant=participant, errors={})
        try:
            name = participants.delete(db.session, actor(), id, request.form.get("confirm", ""))
        except Invalid as refusal:
            db.session.rollback()
            if wants_json():
                return jsonify(error=str(refusal), errors=refusal.errors), 422
            return self.render(
                "participants/delete.html",
                participant=self.get_one(id),
                errors=refusal.errors,
            )
        if wants_json():
            return jsonify(deleted=id)
        flash(f"{name} was deleted. All record of this participant is lost.", "success")
        return redirect(url_for("participant.index_view"))

    @expose("/ajax/lookup/")
    def ajax_lookup(self) -> Any:
        """Suggestions for a field, within the actor's scope."""
        text = request.args.get("query", "").replace("\x00", "")[:100]
        models = {"employer": Employer, "sponsor": Sponsor}
        name = request.args.get("name", "")
        if name == "occupation":
            return jsonify(occupations.suggest(db.session, text, SUGGESTED))
        if name not in models:
            abort(404)
        return jsonify(organizations.suggest(db.session, actor(), models[name], text, SUGGESTED))
