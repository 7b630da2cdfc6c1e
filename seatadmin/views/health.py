"""For whoever watches: is the process alive, is it ready."""

from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify

from seatadmin.extensions import db

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Any:
    """The process answers."""
    return jsonify(status="alive")


@health.get("/readyz")
def ready() -> Any:
    """The database is reachable and its schema is the one that this code knows."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    present = MigrationContext.configure(db.session.connection()).get_current_heads()
    if set(present) != set(scripts.get_heads()):
        return jsonify(status="migrations are not at head"), 503
    return jsonify(status="ready")
