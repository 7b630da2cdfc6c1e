"""The one gate: every page of the panel is entered here, or not at all.

A view names the permission of each of its endpoints in `verbs`. An endpoint without one is denied.
A request that changes something runs in one transaction, committed here, and is answered once.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, g, make_response, redirect, request, session
from flask_admin import BaseView
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from seatadmin.extensions import begin_write, db, login_manager, lost_turn
from seatadmin.permissions import Actor, Permission, Role, allows
from seatadmin.services import requests

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

UNCOMPARED = frozenset({"csrf_token", "request_id", "password", "present", "again"})
"""Fields that do not tell one request from another. Of passwords not even a digest is kept."""


class Gated(BaseView):
    """A Flask-Admin view behind the gate."""

    verbs: ClassVar[Mapping[str, Permission]] = {}
    asking: ClassVar[frozenset[str]] = frozenset()
    """Endpoints that change nothing although they take a POST (for long lists of ids)."""

    def is_accessible(self) -> bool:
        """Whether the menu shows this view."""
        return bool(current_user.is_authenticated) and self.opens_to(actor().role)

    def opens_to(self, role: Role) -> bool:
        """Whether people of this role may enter this view's first page."""
        return self._lets(role, "index_view", "index")

    def may(self, *endpoints: str) -> bool:
        """Whether the signed-in person may enter one of these endpoints."""
        return self._lets(actor().role, *endpoints)

    def _lets(self, role: Role, *endpoints: str) -> bool:
        verbs = (self.verbs.get(endpoint) for endpoint in endpoints)
        return any(verb and allows(role, verb) for verb in verbs)

    def _handle_view(self, name: str, **_kwargs: Any) -> Any:
        if self._writes(name) and session.get("_user_id"):
            begin_write(db.session)
            g.pop("_login_user", None)  # the person is read inside the transaction
            g.pop("actor", None)
        if not current_user.is_active:
            return login_manager.unauthorized()
        if not self.may(name):
            abort(403)
        return None

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._writes(fn.__name__):
            return fn(self, *args, **kwargs)
        messages = list(session.get("_flashes", ()))
        try:
            return answer_once(lambda: fn(self, *args, **kwargs))
        except DBAPIError as error:
            if not lost_turn(error):
                raise
        _rewind(messages)
        refused = self._handle_view(fn.__name__)
        return refused or answer_once(lambda: fn(self, *args, **kwargs))

    def _writes(self, endpoint: str) -> bool:
        return request.method not in SAFE and endpoint not in self.asking


def person() -> Any:
    """The signed-in person."""
    return current_user._get_current_object()


def actor() -> Actor:
    """The signed-in person as services know them, settled once a request."""
    if "actor" not in g:
        g.actor = current_user.actor
    acting: Actor = g.actor
    return acting


def wants_json() -> bool:
    """Whether the answer is for a script rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def answer_once(view: Callable[[], Any], also: Sequence[tuple[str, str]] = ()) -> Response:
    """Run a view that writes and commit it; a repeated `request_id` gets the first answer.

    `also` is what the request holds beside its fields. What was refused changes nothing, and leaves
    the id free for another try.
    """
    request_id = _request_id()
    if request_id:
        earlier = requests.claim(db.session, actor(), request_id, _content(also))
        if earlier is not None:
            return _replay(earlier)
    response = make_response(view())
    if not _is_done(response):
        db.session.rollback()
        return response
    if request_id:
        requests.keep_answer(db.session, actor(), request_id, _recorded(response))
    db.session.commit()
    return response


def _rewind(messages: list[Any]) -> None:
    """As the request came: somebody else was first, and it is carried out once more, from there."""
    session["_flashes"] = messages
    for file in request.files.values():
        file.seek(0)


def _is_done(response: Response) -> bool:
    """A form that comes back, or an error, is no deed."""
    return response.is_json if response.status_code == 200 else 201 <= response.status_code < 400


def _request_id() -> str | None:
    given = request.form.get("request_id")
    try:
        return str(uuid.UUID(given)) if given else None
    except ValueError:
        abort(400, "request_id is a UUID.")


def _content(also: Sequence[tuple[str, str]]) -> str:
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name not in UNCOMPARED
    ]
    return requests.digest(request.full_path, [*fields, *also])


def _recorded(response: Response) -> dict[str, Any]:
    """What a repeat is answered with."""
    if response.is_json:
        return {"status": response.status_code, "json": response.get_json()}
    return {"location": response.location, "messages": session.get("_flashes", [])}


def _replay(answer: dict[str, Any]) -> Response:
    if "json" in answer:
        return make_response(answer["json"], answer["status"])
    session["_flashes"] = [tuple(message) for message in answer.get("messages", [])]
    return make_response(redirect(answer.get("location") or request.full_path))
