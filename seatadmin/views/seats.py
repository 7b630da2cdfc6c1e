"""Seat usage: the first page after signing in."""

from typing import Any, ClassVar

from flask import request
from flask_admin import AdminIndexView, expose

from seatadmin.config import COUNT_BOUND
from seatadmin.extensions import db
from seatadmin.permissions import Permission, Reach
from seatadmin.services import seats
from seatadmin.services.listings import engine
from seatadmin.services.listings.organizations import SPONSORS
from seatadmin.views import lists
from seatadmin.views.gate import Gated, actor


class SeatUsageView(Gated, AdminIndexView):
    """Seats used, allowed and free: per sponsor, per employer inside one's own sponsor."""

    verbs: ClassVar = {"index": Permission.SEATS_READ}

    @expose("/")
    def index(self) -> Any:
        """The rows that the actor's reach shows."""
        acting = actor()
        if acting.reach is Reach.ALL:
            return self._all_sponsors()
        return self.render(
            "seats/usage.html",
            sponsors=[seats.of_sponsor(db.session, acting, acting.sponsor_id)]
            if acting.reach is Reach.SPONSOR
            else [],
            employers=seats.of_employers(db.session, acting, acting.sponsor_id, acting.employer_id),
        )

    def _all_sponsors(self) -> str:
        found = lists.asked(SPONSORS, ("name", "used"), default_size=50)
        page = engine.page(db.session, actor(), SPONSORS, found.query, COUNT_BOUND)
        return self.render(
            "seats/usage.html",
            sponsors=page.rows,
            employers=[],
            page=page,
            query=found.query,
            search=request.args.get("search", ""),
            address=lambda **changed: self.get_url(
                ".index", **lists.arguments(found.query, **changed)
            ),
        )
