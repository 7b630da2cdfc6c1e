"""For whoever watches: is the process alive, is it ready."""

from functools import cache
from typing import Any

from flask import Blueprint, current_app, jsonify

from seatadmin.extensions import db
from seatadmin.services import clock
from seatadmin.views.errors import RETRY_AFTER, UNREACHABLE

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Any:
    """The process answers."""
    return jsonify(status="alive")


@health.get("/readyz")
def ready() -> Any:
    """Whether pages can be served, or why not: 503, so that a balancer asks another node.

    A schema newer than this code is no hindrance: during an upgrade both serve side by side.
    """
    from alembic.migration import MigrationContext  # when first asked: see extensions

    try:
        present = MigrationContext.configure(db.session.connection()).get_current_heads()
    except UNREACHABLE:
        return _not_ready("the database cannot be reached")
    if max(present, default="") < _head(current_app.extensions["migrate"].directory):
        return _not_ready("migrations are not at head: run flask db upgrade")
    if clock.is_wrong(db.session):
        return _not_ready("the clock here is not the database's")
    return jsonify(status="ready")


def _not_ready(why: str) -> Any:
    return jsonify(status=why), 503, {"Retry-After": RETRY_AFTER[503]}


@cache
def _head(folder: str) -> str:
    """The last migration that this code knows; they are numbered."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(folder).get_current_head() or ""
