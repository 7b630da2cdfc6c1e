"""Error pages: a plain sentence, the way on, and the support link. Never a trace."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, default_exceptions

from seatadmin import timelimit
from seatadmin.extensions import db, login_manager
from seatadmin.permissions import NotPermitted
from seatadmin.services.invalid import NotFound
from seatadmin.services.requests import OtherContent
from seatadmin.views.gate import wants_json

RETRY_AFTER = {429: "60", 503: "5"}
"""Seconds after which a repeat has a chance."""

UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout)

WORDS: dict[int, tuple[str, str]] = {
    400: ("That request could not be read", "Go back, reload the page and try again."),
    403: ("Not permitted", "Your role does not include this."),
    404: ("Not found", "There is no such page or record in what you can see."),
    405: ("Not like that", "This address does not take such a request."),
    409: ("Something changed meanwhile", "Reload the page and look again."),
    413: ("Too much at once", "Choose “all that match” instead of ticking so many rows."),
    429: ("Too many attempts", "Wait a minute, then try again."),
    500: ("Something went wrong on our side", "Nothing was changed. Please open a support ticket."),
    503: ("The database cannot be reached", "Nothing was changed. Try again in a few seconds."),
}


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours, or as JSON."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _no_token)
    # Gunicorn reads chunks when the form is: what is wrong with them turns up only here.
    app.register_error_handler(ParseException, lambda _error: answer(400))
    app.register_error_handler(NotPermitted, lambda error: answer(403, str(error)))
    app.register_error_handler(NotFound, lambda _error: answer(404))
    app.register_error_handler(OtherContent, lambda error: answer(409, str(error)))
    for unreachable in UNREACHABLE:
        app.register_error_handler(unreachable, _too_long_or_unreachable)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(500, lambda _error: answer(500))


def answer(
    code: int, detail: str | None = None, headers: Mapping[str, str] = {}, title: str | None = None
) -> Any:
    """The error as JSON or as a page; `detail` is a sentence about this case."""
    db.session.rollback()
    if code in RETRY_AFTER:
        headers = {"Retry-After": RETRY_AFTER[code], **headers}
    usual, way_on = WORDS.get(code, WORDS[400 if code < 500 else 500])
    stock = default_exceptions[code].description if code in default_exceptions else None
    told = detail if detail and detail != stock and code in (400, 403, 409, 413, 503) else way_on
    if wants_json():
        return jsonify(error=told), code, headers
    try:
        page = render_template("errors/error.html", code=code, title=title or usual, words=told)
    except UNREACHABLE as error:  # the frame shows the person
        if code == 503 and not current_user.is_authenticated:
            raise
        return _unreachable(error)
    return page, code, headers


def out_of_reach(error: Exception) -> bool:
    """Whether the database could not be asked, or cannot be written to, for now.

    A connection that broke under way tells so whatever the error's class; all else is a fault.
    """
    broke = isinstance(error, DBAPIError) and error.connection_invalidated
    return broke or isinstance(error, UNREACHABLE)


def _no_token(error: CSRFError) -> Any:
    """The token is in the session: where that has ended, the way on is to sign in again."""
    if request.blueprint != "auth" and not current_user.is_authenticated:
        return login_manager.unauthorized()
    return answer(400, f"{error.description} Reload the page.")


def _http_error(error: HTTPException) -> Any:
    """The page instead of Werkzeug's, with the headers that belong to it (which methods, when)."""
    kept = {name: value for name, value in error.get_headers() if name == "Allow"}
    return answer(error.code or 500, error.description, kept)


def _too_long_or_unreachable(error: Exception) -> Any:
    limit = timelimit.seconds()
    if not (limit and isinstance(error, DBAPIError) and timelimit.is_over(error)):
        return _unreachable(error)
    timelimit.extend()  # for the page that says so
    told = f"This took longer than {limit} seconds and was stopped. Nothing was changed."
    return answer(503, f"{told} Narrow it: fewer rows, more filters.", title="That took too long")


def _unreachable(_error: Exception) -> Any:
    g._login_user = login_manager.anonymous_user()  # else the page would ask for the person again
    return answer(503)


def _database_error(error: DBAPIError) -> Any:
    if out_of_reach(error):
        return _unreachable(error)
    raise error
