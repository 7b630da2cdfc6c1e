"""The composition root: configure, bind extensions, register views and commands; nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from seatadmin import cli, extensions, logs
from seatadmin import config as settings


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application. `config` wins over the environment. Raises `WrongSetting`."""
    app = Flask(__name__, static_folder="seatadmin/static", static_url_path="/static")
    app.config.from_mapping(settings.load(config, Path(app.root_path), Path(app.instance_path)))
    if not app.testing:
        logs.install(app.config["LOG_FORMAT"])
    if cli.is_all_that_is_asked():
        extensions.init_app(app)
    else:
        from seatadmin import views  # to import and register the pages takes a third of a start

        app.jinja_environment = views.shell.Pages  # before an extension has asked for one
        extensions.init_app(app)
        views.init_app(app)
    cli.init_app(app)
    return app
