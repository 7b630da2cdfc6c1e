"""Passwords: choosing one by a link, making such a link for somebody, changing the own."""

from typing import Any, ClassVar

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_admin import BaseView, expose
from flask_login import current_user
from werkzeug.wrappers import Response

from seatadmin.extensions import begin_write, db
from seatadmin.models import User
from seatadmin.permissions import Permission
from seatadmin.services import links, throttle, users
from seatadmin.services.invalid import Invalid
from seatadmin.services.links import DeadLink, NoLink
from seatadmin.services.passwords import WeakPassword
from seatadmin.views import tries
from seatadmin.views.addresses import row_id
from seatadmin.views.gate import Gated, actor

NOT_THE_SAME = "This differs from what stands above."

choosing = Blueprint("choosing", __name__)


@choosing.route("/password/<token>", methods=["GET", "POST"])
def choose(token: str) -> Any:
    """Whoever holds a living link chooses a password. Looking at the page uses nothing up."""
    user = links.owner(db.session, token)
    errors = {}
    if request.method == "POST" and not (errors := _differing()):
        try:
            begin_write(db.session)
            links.use(db.session, token, request.form.get("password", ""))
            db.session.commit()
        except WeakPassword as weak:
            db.session.rollback()
            errors = {"password": str(weak)}
        else:
            flash("Your password is set. Sign in with it.", "success")
            return redirect(url_for("auth.login"))
    return _secretive(render_template("auth/link_choose.html", user=user, errors=errors))


@choosing.errorhandler(DeadLink)
def _dead(_error: DeadLink) -> Any:
    """The same answer for a link that was used, is too old, or never was."""
    return _secretive(render_template("auth/link_dead.html"), 404)


class PasswordView(Gated, BaseView):
    """The own password, and links for others. Reached from other pages, not from the menu."""

    verbs: ClassVar = {"index": Permission.ACCOUNT_OWN, "link": Permission.STAFF_EDIT}

    def is_accessible(self) -> bool:
        """It does not stand in the menu."""
        return False

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Change the own password; the present one is asked for."""
        errors = {}
        if request.method == "POST" and not (errors := _differing()):
            try:
                return self._change()
            except WeakPassword as weak:
                db.session.rollback()
                errors = {"password": str(weak)}
        user = db.session.get_one(User, current_user.id)
        return self.render("auth/password.html", errors=errors, email=user.email)

    @expose("/link/", methods=("POST",))
    def link(self) -> Any:
        """Make a link for a member of staff, and show it this once."""
        id = row_id(request.form.get("id"))
        details = url_for("user.details_view", id=id)
        lasting = current_app.config["PASSWORD_LINK_LASTS"]
        try:
            user, token = links.make(db.session, actor(), id, lasting)
        except NoLink as refused:
            flash(str(refused), "danger")
            return redirect(details)
        page = self.render(
            "auth/link.html", user=user, address=address_of(token), lasting=lasting, back=details
        )
        # Not a redirect: the link would have to be kept somewhere until the next page.
        answer = _secretive(page, 201)
        answer.location = details
        return answer

    def _change(self) -> Any:
        """A wrong present password leads back: a page would be no deed, and the try not count."""
        user = db.session.get_one(User, current_user.id)
        counters = tries.counters_of(f"again {user.id}", user.email or "")
        if wait := throttle.attempt(db.session, counters):
            flash(f"Too many attempts. Try again in {wait} seconds.", "danger")
            return redirect(url_for(".index"))
        given = (request.form.get("present", ""), request.form.get("password", ""))
        try:
            users.change_password(db.session, actor(), *given, keep=current_user.session_id)
        except Invalid as refused:
            flash(f"{refused} Nothing was changed.", "danger")
        else:
            throttle.forgive(db.session, counters)
            flash("Your password was changed; your other sign-ins have ended.", "success")
        return redirect(url_for(".index"))


def address_of(token: str) -> str:
    """The whole address of a link, to copy.

    Unless PUBLIC_URL says otherwise it begins as the one by which whoever reads it came here.
    """
    site = current_app.config["PUBLIC_URL"] or request.host_url.rstrip("/")
    return f"{site}{url_for('choosing.choose', token=token)}"


def _differing() -> dict[str, str]:
    same = request.form.get("password", "") == request.form.get("again", "")
    return {} if same else {"again": NOT_THE_SAME}


def _secretive(page: str, code: int = 200) -> Response:
    """A page whose address, or content, is a secret that no other site is told."""
    answer = make_response(page, code)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
