"""Signing in and out."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from seatadmin.extensions import begin_write, db, limiter, login_manager
from seatadmin.forms import SignInForm
from seatadmin.models import User
from seatadmin.services import sign_in
from seatadmin.services.listings.clauses import whole
from seatadmin.text import fold_email
from seatadmin.views.addresses import came_from, safe_next
from seatadmin.views.gate import SAFE

PER_ACCOUNT = "6 per minute; 30 per hour"
PER_ADDRESS = "60 per minute"
WRONG = "E-mail or password is wrong, or the account is deactivated."

auth = Blueprint("auth", __name__)


def _account() -> str:
    """One account from one address: nobody can lock another person out."""
    return f"{request.remote_addr} {fold_email(request.form.get('email', '')[:254])}"


def _failed(response: Response) -> bool:
    return request.method == "POST" and response.status_code != 302


@auth.route("/login", methods=["GET", "POST"])
@limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"], deduct_when=_failed)
@limiter.limit(PER_ADDRESS, methods=["POST"], deduct_when=_failed)
def login() -> Any:
    """The sign-in page; a right password leads on to where the person wanted to go."""
    target = safe_next(request.args.get("next"), url_for("admin.index"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(target)
    form = SignInForm(request.form)
    if request.method == "POST":
        email, password = form.email.data or "", form.password.data or ""
        user = sign_in.authenticate(db.session, email.replace("\x00", ""), password)
        if user is not None:
            _sign_in(user)
            return redirect(target)
        flash(WRONG, "danger")
    return render_template("auth/login.html", form=form)


@auth.post("/logout")
def logout() -> Any:
    """Sign out."""
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"))


def _sign_in(user: User) -> None:
    begin_write(db.session)
    sign_in.record(db.session, user)
    db.session.commit()
    session.clear()
    session.permanent = True
    login_user(user)
    generate_csrf()  # the cookie of the sign-in is good for forms too: a script may keep just that


@login_manager.user_loader
def _load(id: str) -> User | None:
    """The person of this session, read anew for every request: a deactivation works at once."""
    try:
        user = db.session.get(User, whole(id))
    except ValueError:
        return None
    return user if user and user.is_active else None


@login_manager.unauthorized_handler
def _sign_in_first() -> Any:
    """To the sign-in, and from there back to the page, or to the one whose form was sent."""
    here = request.full_path.rstrip("?")
    back = here if request.method in SAFE else came_from(url_for("admin.index"))
    return redirect(url_for("auth.login", next=back))
