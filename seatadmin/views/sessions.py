"""Where one is signed in: the own sign-ins, each of which can be ended from here."""

from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_login import current_user

from seatadmin.access import Why
from seatadmin.extensions import db
from seatadmin.permissions import Permission
from seatadmin.services import second_factor, sessions, sign_in
from seatadmin.views.addresses import row_id
from seatadmin.views.auth import limits
from seatadmin.views.gate import Gated, actor, wants_json


class SessionsView(Gated, BaseView):
    """Reached from the person's name in the head of every page."""

    verbs: ClassVar = {"index": Permission.ACCOUNT_OWN, "end": Permission.ACCOUNT_OWN}

    def is_accessible(self) -> bool:
        """It does not stand in the menu."""
        return False

    @expose("/")
    def index(self) -> str:
        """The own sign-ins that still count."""
        return self.render(
            "auth/sessions.html",
            sessions=sessions.listed(db.session, current_user.id, limits()),
            present=current_user.session_id,
            has_factor=second_factor.is_on(db.session, current_user.id),
        )

    @expose("/end/", methods=("POST",))
    def end(self) -> Any:
        """End one of them (`id`), or all but this one (`others`)."""
        me, present = current_user.id, current_user.session_id
        if request.form.get("others"):
            ended = sessions.end_all(db.session, me, Why.ENDED, keep=present)
        else:
            ended = int(sessions.end(db.session, me, row_id(request.form.get("id")), Why.ENDED))
            if not ended:
                abort(404)
        if ended:
            sign_in.record(db.session, actor(), "end_sign_in")
        if wants_json():
            return jsonify(ended=ended)
        flash(f"{ended} sign-in{'' if ended == 1 else 's'} ended.", "success")
        return redirect(url_for(".index"))
