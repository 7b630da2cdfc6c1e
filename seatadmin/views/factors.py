"""The own second factor: set it up, switch it off. And reset somebody's who lost it."""

from typing import Any, ClassVar

from flask import current_app, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_login import current_user
from markupsafe import Markup

from seatadmin.extensions import db
from seatadmin.models import User
from seatadmin.permissions import Permission
from seatadmin.services import passwords, second_factor, throttle
from seatadmin.services.second_factor import NothingToSetUp, WrongCode
from seatadmin.views import tries
from seatadmin.views.addresses import row_id
from seatadmin.views.gate import SAFE, Gated, actor


class SecondFactorView(Gated, BaseView):
    """Reached from the page of one's sign-ins."""

    verbs: ClassVar = {
        "index": Permission.ACCOUNT_OWN,
        "start": Permission.ACCOUNT_OWN,
        "confirm": Permission.ACCOUNT_OWN,
        "off": Permission.ACCOUNT_OWN,
        "reset": Permission.STAFF_EDIT,
    }

    def is_accessible(self) -> bool:
        """It does not stand in the menu."""
        return False

    @expose("/")
    def index(self) -> str:
        """Whether it is on, and what can be done about it."""
        return self.render(
            "auth/second_factor.html",
            is_on=second_factor.is_on(db.session, current_user.id),
            codes_left=second_factor.codes_left(db.session, current_user.id),
            must=_must(),
        )

    @expose("/start/", methods=("POST",))
    def start(self) -> Any:
        """Begin to set it up, after the password."""
        if not (refused := self._password_again()):
            second_factor.start(db.session, current_user.id)
        return refused or redirect(url_for(".confirm"))

    @expose("/confirm/", methods=("GET", "POST"))
    def confirm(self) -> Any:
        """Show the key and the recovery codes; the first code of the app switches it on."""
        user = _myself()
        try:
            if request.method in SAFE:
                return self.render("auth/set_up.html", setting_up=shown(user))
            typed = request.form.get("code", "")
            second_factor.confirm(db.session, key(), actor(), user, typed)
        except NothingToSetUp:
            return redirect(url_for(".index"))
        except WrongCode as wrong:
            flash(str(wrong), "danger")
            return redirect(url_for(".confirm"))
        flash("Your second factor is on. You will be asked for a code at every sign-in.", "success")
        return redirect(url_for(".index"))

    @expose("/off/", methods=("POST",))
    def off(self) -> Any:
        """Switch it off, after the password."""
        if _must():
            flash("Your role signs in with a second factor: set it up again instead.", "danger")
            return redirect(url_for(".index"))
        if refused := self._password_again():
            return refused
        second_factor.switch_off(db.session, actor(), _myself())
        flash("Your second factor is off.", "success")
        return redirect(url_for(".index"))

    @expose("/reset/", methods=("POST",))
    def reset(self) -> Any:
        """Switch off the second factor of somebody who lost it."""
        user = second_factor.reset(db.session, actor(), row_id(request.form.get("id")))
        flash(f"The second factor of {user.name} is off; their sign-ins have ended.", "success")
        return redirect(url_for("user.details_view", id=user.id))

    def _password_again(self) -> Any:
        """None when the password was given again; else the answer.

        A wrong one leads back: a page of its own would be no deed, and the try would not count.
        """
        user = _myself()
        counters = tries.counters_of(f"again {user.id}", user.email or "")
        wait = throttle.attempt(db.session, counters)
        if not wait and passwords.verify(user.password_hash, request.form.get("password", "")):
            throttle.forgive(db.session, counters)
            return None
        wrong = f"Too many attempts. Try again in {wait} seconds." if wait else "Wrong password."
        flash(f"{wrong} Nothing was changed.", "danger")
        return redirect(url_for(".index"))


def shown(user: User) -> dict[str, Any]:
    """What the page of setting up shows. Raises `NothingToSetUp` when nothing is being set up."""
    secret, address, codes = second_factor.being_set_up(
        db.session, key(), user.id, user.email or user.name
    )
    return {
        "qr_code": _qr_code(address),
        "secret": _in_groups(secret),
        "codes": [_in_groups(code) for code in codes],
    }


def key() -> str:
    """The program's key, from which secrets are made."""
    return str(current_app.secret_key)


def _must() -> bool:
    return current_user.role in current_app.config["SECOND_FACTOR_ROLES"]


def _myself() -> User:
    return db.session.get_one(User, current_user.id)


def _qr_code(text: str) -> Markup:
    """The QR code as an inline picture: light on every theme, or no phone reads it."""
    import segno  # few need it: it is not loaded at the start

    drawn = segno.make(text, error="m").svg_inline(
        scale=4, light="#fff", svgclass=None, lineclass=None
    )
    named = '<svg role="img" aria-label="QR code of the key" '
    return Markup(drawn.replace("<svg ", named, 1))  # noqa: S704 (segno's own markup)


def _in_groups(code: str) -> str:
    """Groups of four, which people can copy by hand."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
