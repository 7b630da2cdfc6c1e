"""Signing in by password and second factor, signing out, and who is signed in."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import (
    Blueprint,
    after_this_request,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from seatadmin.access import Why
from seatadmin.extensions import begin_read, begin_write, db, login_manager
from seatadmin.forms import SignInForm
from seatadmin.models import User
from seatadmin.services import second_factor, sessions, sign_in, throttle
from seatadmin.services.second_factor import WrongCode
from seatadmin.services.sessions import Limits, Person
from seatadmin.services.throttle import Counters
from seatadmin.text import fold_email
from seatadmin.views import browsers, factors, flood, tries
from seatadmin.views.addresses import came_from, safe_next
from seatadmin.views.errors import out_of_reach
from seatadmin.views.factors import key
from seatadmin.views.gate import SAFE

WRONG = "E-mail or password is wrong, or the account is deactivated."
HALF = "half"
"""Where the cookie keeps a sign-in that waits for its second factor."""

auth = Blueprint("auth", __name__)


@auth.route("/login", methods=["GET", "POST"])
def login() -> Any:
    """The sign-in page; a right password leads on to where the person wanted to go."""
    flood.stop()
    if request.method in SAFE and current_user.is_authenticated:
        return redirect(_target())
    form = SignInForm(request.form)
    if request.method in SAFE:
        return _login_page(form)
    email = (form.email.data or "").replace("\x00", "")
    counters = tries.counters_of(fold_email(email) or "", email)
    if wait := tries.count(counters):
        return tries.slow_down(wait, lambda: _login_page(form))
    user = sign_in.named(db.session, email)
    if sign_in.is_right(user, form.password.data or ""):
        return enter(user, counters, _target())  # type: ignore[arg-type]
    note_refusal(user)
    flash(WRONG, "danger")
    return _login_page(form)


@auth.route("/login/code", methods=["GET", "POST"])
def code() -> Any:
    """The second factor: a code of the app, or a recovery code; or setting it up, where it must be.

    Who is here gave the right password a moment ago. Nothing else is open to them yet.
    """
    flood.stop()
    half = _half()
    if half is None:
        return redirect(url_for("auth.login", next=_target()))
    if request.method in SAFE:
        return _code_page(half)
    email = db.session.get_one(User, half.id).email or ""
    counters = tries.counters_of(f"code {half.id}", email)
    if wait := tries.count(counters):
        return tries.slow_down(wait, lambda: _code_page(half))
    begin_write(db.session)
    user = _locked(half.id)
    try:
        _take_code(user, request.form.get("code", ""))
    except WrongCode as wrong:
        note_refusal(user, "second_factor")
        flash(str(wrong), "danger")
        return _code_page(half)
    throttle.forgive(db.session, counters)
    sessions.end(db.session, user.id, half.session_id, Why.REPLACED)
    return _open(user, email, _target())


@auth.post("/logout")
def logout() -> Any:
    """Sign out."""
    if current_user.is_authenticated:
        begin_write(db.session)
        if sessions.end(db.session, current_user.id, current_user.session_id, Why.SIGNED_OUT):
            sign_in.record(db.session, current_user.actor, "sign_out")
        db.session.commit()
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"))


def enter(user: User, counters: Counters, target: str) -> Response:
    """Sign in whoever proved to be `user`, or lead on to the second factor; then to `target`."""
    proven, email = user.password_hash, user.email or ""
    begin_write(db.session)
    user = _locked(user.id)
    if not user.is_active or user.password_hash != proven:  # changed in this very moment
        db.session.rollback()
        flash(WRONG, "danger")
        return redirect(url_for("auth.login", next=target))
    throttle.forgive(db.session, counters)
    throttle.forget(db.session)
    has_factor = second_factor.is_on(db.session, user.id)
    if not has_factor and user.role not in current_app.config["SECOND_FACTOR_ROLES"]:
        return _open(user, email, target)
    if not has_factor:
        second_factor.start(db.session, user.id)
    token = _begin(user.id, complete=False)
    session[HALF] = token
    generate_csrf()
    return redirect(url_for("auth.code", next=target))


def note_refusal(user: User | None, action: str = "sign_in") -> None:
    """Note in the audit that somebody was refused, and commit."""
    begin_write(db.session)
    sign_in.refused(db.session, user, action)
    db.session.commit()


def limits() -> Limits:
    """How long a sign-in lasts here."""
    config = current_app.config
    return Limits(config["SESSION_IDLE"], config["PERMANENT_SESSION_LIFETIME"])


@login_manager.user_loader
def _load(token: str) -> Person | None:
    """Whoever this request comes from, read anew every time: what ended has ended at once."""
    begin_read(db.session)
    person = sessions.find(db.session, token, limits())
    if person and person.stale:
        note = partial(_note_seen, db.engine, person.session_id)
        after_this_request(lambda response: _afterwards(response, note))
    return person


@login_manager.unauthorized_handler
def _sign_in_first() -> Any:
    """To the sign-in, and from there back to the page, or to the one whose form was sent."""
    here = request.full_path.rstrip("?")
    back = here if request.method in SAFE else came_from(url_for("admin.index"))
    return redirect(url_for("auth.login", next=back))


def _note_seen(engine: Engine, session_id: int) -> None:
    """The answer has left: without a database to write to, this is left to a later request."""
    try:
        with engine.connect() as connection:
            sessions.seen(connection, session_id)
            connection.commit()
    except SQLAlchemyError as error:
        if not out_of_reach(error):
            raise


def _afterwards(response: Response, note: Callable[[], None]) -> Response:
    """Do something when the answer has been sent: nobody waits for it."""
    response.call_on_close(note)
    return response


def _target() -> str:
    return safe_next(request.args.get("next"), url_for("admin.index"))


def _login_page(form: SignInForm) -> str:
    return render_template("auth/login.html", form=form)


def _half() -> Person | None:
    token = session.get(HALF)
    return sessions.find(db.session, token, limits(), complete=False) if token else None


def _code_page(half: Person) -> str:
    if second_factor.is_on(db.session, half.id):
        return render_template("auth/code.html")
    setting_up = factors.shown(db.session.get_one(User, half.id))
    return render_template("auth/code.html", setting_up=setting_up)


def _take_code(user: User, typed: str) -> None:
    if second_factor.is_on(db.session, user.id):
        second_factor.check(db.session, key(), user.id, typed)
    else:
        second_factor.confirm(db.session, key(), user.actor, user, typed)


def _open(user: User, email: str, target: str) -> Response:
    """Begin the sign-in, with an id of its own, and lead on; this browser is known from now on."""
    sign_in.record(db.session, user.actor)
    token = _begin(user.id, complete=True)
    person = sessions.find(db.session, token, limits())
    login_user(person)
    generate_csrf()  # the cookie of the sign-in is good for forms too: a script may keep just that
    return browsers.remember(redirect(target), email)


def _begin(user_id: int, complete: bool) -> str:
    """A new row, committed, and an empty cookie. What this browser had before has ended."""
    if current_user.is_authenticated:
        sessions.end(db.session, current_user.id, current_user.session_id, Why.REPLACED)
    network, words = browsers.network(), browsers.words()
    token = sessions.begin(db.session, user_id, address=network, agent=words, complete=complete)
    db.session.commit()
    session.clear()
    session.permanent = True
    return token


def _locked(id: int) -> User:
    """The person's row, as it is now and until the sign-in is committed."""
    return db.session.get_one(User, id, with_for_update={"key_share": True}, populate_existing=True)
