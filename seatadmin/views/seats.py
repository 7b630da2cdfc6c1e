"""Seat usage: the first page after signing in."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask import get_template_attribute, request
from flask_admin import AdminIndexView, expose

from seatadmin.config import COUNT_BOUND
from seatadmin.extensions import db
from seatadmin.permissions import Permission, Reach
from seatadmin.services import seats
from seatadmin.services.history import Whose, months
from seatadmin.services.listings import paging
from seatadmin.services.listings.organizations import SPONSORS
from seatadmin.views import charts, lists
from seatadmin.views.gate import Gated, actor
from seatadmin.views.shell import kept, own_seats


def pictures(whose: Whose, rows: Iterable[Any], kind: str) -> str:
    """The months of somebody's seats, and the organizations on the page side by side.

    Drawn anew when a count changes.
    """
    return kept(_drawn, whose, tuple(rows), kind, own_seats())


def _drawn(whose: Whose, rows: Iterable[Any], kind: str, _counted: seats.Usage) -> str:
    beside = charts.of_organizations(rows, kind)
    drawn = [charts.of_months(months(db.session, whose)), *([beside] if beside else [])]
    return str(get_template_attribute("macros/chart.html", "charts")(drawn))


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
            sponsors=(seats.of_sponsor(db.session, acting, acting.sponsor_id),)
            if acting.reach is Reach.SPONSOR
            else (),
            employers=tuple(employers),
            charts=pictures(Whose(acting), employers, "employer"),
        )

    def _all_sponsors(self) -> str:
        found = lists.asked(SPONSORS, ("name", "used"))
        lists.say_malformed(found)
        page = paging.page(db.session, actor(), SPONSORS, found, COUNT_BOUND)
        return self.render(
            "seats/usage.html",
            sponsors=tuple(page.rows),
            employers=(),
            charts=pictures(Whose(actor()), page.rows, "sponsor"),
            page=page,
            query=found,
            search=request.args.get("search", ""),
            address=lambda **changed: self.get_url(".index", **lists.arguments(found, **changed)),
        )
