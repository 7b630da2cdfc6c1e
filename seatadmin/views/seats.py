"""Seat usage: the first page after signing in."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask import request
from flask_admin import AdminIndexView, expose

from seatadmin.config import COUNT_BOUND
from seatadmin.extensions import db
from seatadmin.permissions import Permission, Reach
from seatadmin.services import seats
from seatadmin.services.history import Whose, months
from seatadmin.services.listings import paging
from seatadmin.services.listings.organizations import SPONSORS
from seatadmin.views import charts, lists
from seatadmin.views.charts import Chart
from seatadmin.views.gate import Gated, actor


def pictures(whose: Whose, rows: Iterable[Any], kind: str) -> list[Chart]:
    """The months of somebody's seats, and the organizations on the page side by side."""
    beside = charts.of_organizations(rows, kind)
    return [charts.of_months(months(db.session, whose)), *([beside] if beside else [])]


class SeatUsageView(Gated, AdminIndexView):
    """Seats used, allowed and free: per sponsor, per employer inside one's own sponsor."""

    verbs: ClassVar = {"index": Permission.SEATS_READ}

    @expose("/")
    def index(self) -> Any:
        """The rows that the actor's reach shows."""
        acting = actor()
        if acting.reach is Reach.ALL:
            return self._all_sponsors()
        employers = seats.of_employers(db.session, acting, acting.sponsor_id, acting.employer_id)
        return self.render(
            "seats/usage.html",
            sponsors=[seats.of_sponsor(db.session, acting, acting.sponsor_id)]
            if acting.reach is Reach.SPONSOR
            else [],
            employers=employers,
            charts=pictures(Whose(acting), employers, "employer"),
        )

    def _all_sponsors(self) -> str:
        found = lists.asked(SPONSORS, ("name", "used"))
        page = paging.page(db.session, actor(), SPONSORS, found.query, COUNT_BOUND)
        return self.render(
            "seats/usage.html",
            sponsors=page.rows,
            employers=[],
            charts=pictures(Whose(actor()), page.rows, "sponsor"),
            page=page,
            query=found.query,
            search=request.args.get("search", ""),
            address=lambda **changed: self.get_url(
                ".index", **lists.arguments(found.query, **changed)
            ),
        )
