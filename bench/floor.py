"""The floor of a page: a page that says hello, on the same server with the same flags."""

from flask import Flask


def create_app() -> Flask:
    """An application with nothing in it."""
    app = Flask("floor")
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>Hello</title><p>Hello, world")
    return app
