"""The composition root: configure, bind extensions, register views and commands; nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from seatadmin import cli, extensions, views
from seatadmin import config as settings
from seatadmin.views.shell import Pages


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application. `config` wins over the environment. Raises `WrongSetting`."""
    app = Flask(__name__, static_folder="seatadmin/static", static_url_path="/static")
    app.jinja_environment = Pages
    app.config.from_mapping(settings.load(config, Path(app.root_path), Path(app.instance_path)))
    extensions.init_app(app)
    views.init_app(app)
    cli.init_app(app)
    return app
