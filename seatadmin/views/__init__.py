"""The pages: Flask-Admin views behind one gate, sign-in, error pages, health."""

from flask import Flask, redirect, url_for
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from werkzeug.middleware.proxy_fix import ProxyFix

from seatadmin.ledger import Change
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.views import (
    clock,
    errors,
    flood,
    headers,
    imports,
    logs,
    metrics,
    outcomes,
    refusals,
    shell,
)
from seatadmin.views.auth import auth
from seatadmin.views.changes import ChangeView
from seatadmin.views.factors import SecondFactorView
from seatadmin.views.find import FindView
from seatadmin.views.health import health
from seatadmin.views.imports import ImportView
from seatadmin.views.organizations import EmployerView, SponsorView
from seatadmin.views.participants import ParticipantView
from seatadmin.views.passwords import PasswordView, choosing
from seatadmin.views.seats import SeatUsageView
from seatadmin.views.sessions import SessionsView
from seatadmin.views.users import UserView


def init_app(app: Flask) -> None:
    """Register every page with `app`."""
    admin = Admin(
        app,
        name="Seat Admin",
        url="/admin",
        theme=Bootstrap4Theme(base_template="frame.html"),
        index_view=SeatUsageView(name="Seat usage", url="/admin", menu_icon_value="seat"),
        csp_nonce_generator=shell.nonce,
    )
    admin.add_views(
        ParticipantView(Participant, name="Participants", menu_icon_value="people"),
        UserView(User, name="Users", menu_icon_value="person"),
        EmployerView(Employer, name="Employers", menu_icon_value="building"),
        SponsorView(Sponsor, name="Sponsors", menu_icon_value="flag"),
        ChangeView(Change, name="Changes", menu_icon_value="clock"),
        FindView(name="Find", endpoint="find"),
        ImportView("Import", endpoint="import", url="/admin/import", menu_icon_value="up"),
        SessionsView("Sessions", endpoint="sessions", url="/admin/sessions"),
        SecondFactorView("Second factor", endpoint="second_factor", url="/admin/second-factor"),
    )
    admin.add_view(PasswordView(name="Password", endpoint="password", url="/admin/password"))
    app.register_blueprint(auth)
    if app.config["OIDC_ISSUER"]:
        from seatadmin.views.provider import provider  # costs time to load, and an extra to install

        app.register_blueprint(provider)
    app.register_blueprint(choosing)
    app.register_blueprint(health)
    app.register_blueprint(metrics.metrics)
    app.add_url_rule("/", "home", lambda: redirect(url_for("admin.index")))
    errors.init_app(app)
    flood.init_app(app)
    imports.init_app(app)
    shell.init_app(app)
    outcomes.init_app(app)
    headers.init_app(app)
    clock.init_app(app)
    refusals.init_app(app)
    logs.init_app(app, *metrics.watchers(app))
    if hops := app.config["PROXY_COUNT"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
