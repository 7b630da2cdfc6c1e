"""The commands: `flask …`. Each module registers its own."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register every command with `app`."""
