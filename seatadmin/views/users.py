"""Users: everybody with an account, staff and participants; staff are created and edited here."""

from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_admin import expose

from seatadmin.extensions import db
from seatadmin.forms import StaffForm
from seatadmin.lifecycle import DEACTIVATE, REACTIVATE, Act, Kind
from seatadmin.models import User
from seatadmin.permissions import MANAGES, Permission
from seatadmin.services import second_factor, users
from seatadmin.services.listings import ledger, people
from seatadmin.views import cells, saved_views
from seatadmin.views.acting import ActingView
from seatadmin.views.gate import actor


class UserView(ActingView):
    """Every user in scope."""

    listing = people.USERS
    population = User
    plural = "Users"
    empty_text = "No user matches."
    search_hint = "Name, e-mail or number"
    acts = (DEACTIVATE, REACTIVATE)
    form_class = StaffForm
    form_template = "users/form.html"
    export_columns = people.USER_CSV
    verbs: ClassVar = {
        "index_view": Permission.USER_READ,
        **saved_views.verbs(Permission.USER_READ),
        "details_view": Permission.USER_READ,
        "create_view": Permission.STAFF_EDIT,
        "edit_view": Permission.STAFF_EDIT,
        "export": Permission.USER_EXPORT,
        "action_view": Permission.USER_READ,  # and the act's own permission
        "action_preview": Permission.USER_READ,
        "action_confirm": Permission.USER_READ,
    }
    column_list = ("name", "email", "kind", "role", "sponsor", "employer", "account_status")
    more_columns = ("program_status",)
    column_filters = tuple(people.USERS.filters)
    column_labels: ClassVar = {
        "account_status": "Account",
        "email": "E-mail",
        "program_status": "Program",
    }
    column_formatters: ClassVar = {
        "name": cells.OPENS,
        "email": cells.VARIED,
        "sponsor": cells.organization("sponsor"),
        "employer": cells.organization("employer"),
        "account_status": cells.BADGES,
        "program_status": cells.BADGES,
    }

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> User:
        """Every form saves through the service."""
        values = form.values()
        if is_created:
            return users.create_staff(db.session, actor(), **values)
        return users.edit_staff(db.session, actor(), model.id, form.version_number, values)

    def act_label(self, act: Act) -> str:
        """An account is a user's."""
        return f"{act.label} user"

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """The form of a member of staff; a participant is edited as a participant."""
        user = self.get_one(request.args.get("id"))
        if user.kind is Kind.PARTICIPANT:
            return redirect(url_for("participant.edit_view", id=user.id))
        return self._form(self.form_class, user)

    @expose("/details/")
    def details_view(self) -> Any:
        """A member of staff with the history; a participant has a profile of its own."""
        user = self.get_one(request.args.get("id"))
        if user.kind is Kind.PARTICIPANT:
            return redirect(url_for("participant.details_view", id=user.id))
        history = ledger.history(db.session, user.id)
        return self.render(
            "users/details.html",
            user=user,
            history=history,
            personal=ledger.personal(db.session, [c.id for c, *_ in history], [user.id]),
            acts=self.offered(self.acts),
            editable=self.may("edit_view") and user.role in MANAGES[actor().role],
            linkable=user.is_active and user.id != actor().id,
            has_factor=user.id != actor().id and second_factor.is_on(db.session, user.id),
        )
