"""What every page shows around its content: menu, person, seats in use, support, form tokens."""

import re
import secrets
import time
import uuid
from collections.abc import Callable, Hashable, MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Flask, g, request, session
from flask.templating import Environment
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from jinja2.ext import Extension

from seatadmin.extensions import db
from seatadmin.permissions import Actor, Role
from seatadmin.services import seats
from seatadmin.views import cells
from seatadmin.views.gate import actor, person

KEPT = 500
"""Parts of pages that are kept ready, of some KB each."""

KEPT_SECONDS = 10


class Pages(Environment):
    """Templates, none of which is given globals of its own."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The one dictionary. Each import of a macro compares globals: chained ones take longer."""
        return super().make_globals(d) if d else self.globals


def init_app(app: Flask) -> None:
    """Give templates what the frame needs."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # a page is half blanks else
    app.jinja_env.add_extension(Unindented)
    parts = {"shell": Shell(app), "cells": cells, "asset": asset, "kept": kept}
    app.jinja_env.globals |= parts


class Unindented(Extension):
    """Pages are sent without the indentation of their templates."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source of a template, each line from its first letter on."""
        return re.sub(r"\n\s+", "\n", source)


def asset(name: str) -> str:
    """The address of one of our static files: `url_for` is slow for what never changes."""
    return f"{request.script_root}/static/{name}"


def kept(macro: Callable[..., str], *arguments: Hashable) -> str:
    """What `macro` makes of its arguments, the person among them if the person matters.

    The same part of a page comes again and again: it is made anew every few seconds only.
    """
    return made(int(time.monotonic() / KEPT_SECONDS), macro, *arguments)


@lru_cache(KEPT)
def made(_when: int, macro: Callable[..., str], *arguments: Hashable) -> str:
    """What `macro` makes, as of a moment."""
    return macro(*arguments)


def own_seats() -> seats.Usage:
    """The signed-in person's own count of seats, asked once a request."""
    if "own_seats" not in g:
        g.own_seats = seats.own_usage(db.session, actor())
    counted: seats.Usage = g.own_seats
    return counted


class Entry(NamedTuple):
    """A page in the menu."""

    endpoint: str
    label: str
    href: str
    icon: str


class Shell:
    """The frame of a page. What a page does not show is not looked up."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._menu = lru_cache(self._entries)

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return bool(current_user.is_authenticated)

    @property
    def person(self) -> Any:
        """The signed-in person."""
        return person()

    @property
    def actor(self) -> Actor:
        """The signed-in person as far as rights go."""
        return actor()

    @property
    def seats(self) -> seats.Usage:
        """The person's own count of seats."""
        return own_seats()

    @property
    def holders(self) -> str:
        """The address of everybody who uses one of these seats."""
        return cells.seat_holders()

    @property
    def menu(self) -> tuple[Entry, ...]:
        """The pages that the person may enter."""
        return self._menu(actor().role, request.script_root)

    @property
    def here(self) -> str | None:
        """The menu's entry under which the present page lies."""
        return request.blueprint

    @property
    def theme(self) -> str | None:
        """The remembered choice of light or dark; None follows the system. Scripts set it."""
        chosen = request.cookies.get("theme")
        return chosen if chosen in ("light", "dark") else None

    @property
    def folded(self) -> bool:
        """Whether the menu was left narrow. Scripts remember it."""
        return "fold" in request.cookies

    @property
    def support_url(self) -> str:
        """Where a support ticket is opened."""
        return str(self._app.config["SUPPORT_URL"])

    @property
    def form_token(self) -> str:
        """What forms prove with that they are ours: signed anew every few seconds only."""
        known = session.get("csrf_token")
        return kept(_signed, known) if known else generate_csrf()

    @property
    def request_id(self) -> str:
        """A fresh id for a form: sending the form twice does its work once."""
        return str(uuid.uuid4())

    def _entries(self, role: Role, root: str) -> tuple[Entry, ...]:
        return tuple(
            Entry(view.endpoint, view.name, f"{root}{view.url}/", view.menu_icon_value)
            for view in self._app.extensions["admin"][0]._views
            if view.menu_icon_value and view.opens_to(role)  # the others are reached from pages
        )


def _signed(_session_token: str) -> str:
    return generate_csrf()


def nonce() -> str:
    """This answer's script nonce."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)
