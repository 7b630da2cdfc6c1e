"""The product with a clock that is off by DRILL_OFFSET hours: only this process is told so."""

import os
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask

import app


def create_app() -> Flask:
    """The application, from now on in another time."""
    hours = float(os.environ["DRILL_OFFSET"])
    time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)).start()
    return app.create_app()
