"""Sponsors and employers with their seats."""

from typing import Any, ClassVar

from flask import request
from flask_admin import expose

from seatadmin.extensions import db
from seatadmin.forms import EmployerForm, SponsorForm
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import Permission
from seatadmin.services import organizations, seats
from seatadmin.services.history import Whose
from seatadmin.services.listings.organizations import EMPLOYER_CSV, EMPLOYERS, SPONSOR_CSV, SPONSORS
from seatadmin.views import cells, saved_views
from seatadmin.views.gate import actor
from seatadmin.views.saving import FormView
from seatadmin.views.seats import pictures

SEAT_CELLS = {"seat_limit": cells.Format(cells.limit), "free": cells.Format(cells.free_seats)}
SEAT_LABELS = {"seat_limit": "Seat limit", "used": "Used seats", "free": "Free seats"}


class SponsorView(FormView):
    """Sponsors; a sponsor's page lists its employers with their seats."""

    listing = SPONSORS
    plural = "Sponsors"
    empty_text = "No sponsor matches."
    form_class = SponsorForm
    export_columns = SPONSOR_CSV
    verbs: ClassVar = {
        "index_view": Permission.SPONSOR_READ,
        **saved_views.verbs(Permission.SPONSOR_READ),
        "details_view": Permission.SPONSOR_READ,
        "create_view": Permission.SPONSOR_EDIT,
        "edit_view": Permission.SPONSOR_EDIT,
        "export": Permission.SPONSOR_READ,
    }
    column_list = ("name", "program_number", "used", "seat_limit", "free")
    column_filters = tuple(SPONSORS.filters)
    column_labels: ClassVar = SEAT_LABELS
    column_formatters: ClassVar = {
        **SEAT_CELLS,
        "name": cells.OPENS,
        "used": cells.seats_of("sponsor"),
    }

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> Sponsor:
        """Every form saves through the service."""
        if is_created:
            return organizations.create_sponsor(db.session, actor(), form.values())
        return organizations.edit_sponsor(
            db.session, actor(), model.id, form.version_number, form.values()
        )

    @expose("/details/")
    def details_view(self) -> str:
        """A sponsor's seats, and those of its employers."""
        sponsor = self.get_one(request.args.get("id"))
        employers = tuple(seats.of_employers(db.session, actor(), sponsor.id))
        return self.render(
            "seats/sponsor.html",
            sponsor=seats.of_sponsor(db.session, actor(), sponsor.id),
            record=sponsor,
            employers=employers,
            charts=pictures(Whose(actor(), sponsor_id=sponsor.id), employers, "employer"),
        )


class EmployerView(FormView):
    """Employers of the sponsors in scope."""

    listing = EMPLOYERS
    plural = "Employers"
    empty_text = "No employer matches."
    form_class = EmployerForm
    export_columns = EMPLOYER_CSV
    verbs: ClassVar = {
        "index_view": Permission.EMPLOYER_READ,
        **saved_views.verbs(Permission.EMPLOYER_READ),
        "details_view": Permission.EMPLOYER_READ,
        "create_view": Permission.EMPLOYER_EDIT,
        "edit_view": Permission.EMPLOYER_EDIT,
        "export": Permission.EMPLOYER_READ,
    }
    column_list = ("name", "sponsor", "used", "seat_limit", "free")
    column_filters = tuple(EMPLOYERS.filters)
    column_labels: ClassVar = SEAT_LABELS
    column_formatters: ClassVar = {
        **SEAT_CELLS,
        "name": cells.OPENS,
        "sponsor": cells.organization("sponsor"),
        "used": cells.seats_of("employer"),
    }

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> Employer:
        """Every form saves through the service."""
        if is_created:
            return organizations.create_employer(db.session, actor(), form.values())
        return organizations.edit_employer(
            db.session, actor(), model.id, form.version_number, form.values()
        )

    @expose("/details/")
    def details_view(self) -> str:
        """An employer's seats."""
        employer = self.get_one(request.args.get("id"))
        return self.render(
            "seats/employer.html",
            record=employer,
            employer=seats.of_employers(db.session, actor(), employer.sponsor_id, employer.id)[0],
            charts=pictures(Whose(actor(), employer_id=employer.id), [], "employer"),
        )
