"""What every page shows around its content: menu, person, seats in use, support, form tokens."""

import secrets
import uuid
from typing import Any

from flask import Flask, g, request, url_for
from flask_login import current_user

from seatadmin.extensions import db
from seatadmin.services import seats
from seatadmin.views import cells
from seatadmin.views.gate import actor


def init_app(app: Flask) -> None:
    """Give templates what the frame needs."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # a page is half blanks else
    app.jinja_env.globals |= {"shell": Shell(app), "cells": cells}


class Shell:
    """The frame of a page. What a page does not show is not looked up."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return bool(current_user.is_authenticated)

    @property
    def person(self) -> Any:
        """The signed-in person."""
        return current_user

    @property
    def seats(self) -> seats.Usage:
        """The person's own count of seats."""
        return seats.own_usage(db.session, actor())

    @property
    def holders(self) -> str:
        """The address of everybody who uses one of these seats."""
        return cells.seat_holders()

    @property
    def menu(self) -> list[dict[str, Any]]:
        """The pages that the person may enter."""
        admin = self._app.extensions["admin"][0]
        return [
            {
                "label": view.name,
                "href": url_for(f"{view.endpoint}.{view._default_view}"),
                "here": request.blueprint == view.endpoint,
                "icon": view.menu_icon_value,
            }
            for view in admin._views
            if view.is_accessible()
        ]

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
    def request_id(self) -> str:
        """A fresh id for a form: sending the form twice does its work once."""
        return str(uuid.uuid4())


def nonce() -> str:
    """This answer's script nonce."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)
