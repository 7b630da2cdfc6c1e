"""The control of the drill `bad`: the product, with a list that fails."""

from typing import Any

from flask import Flask

import app


def create_app() -> Flask:
    """The application with a fault."""
    made = app.create_app()
    inner = made.view_functions["participant.index_view"]
    asked = iter(range(1_000_000))

    def faulty(**given: Any) -> Any:
        return 1 / 0 if next(asked) > 4 else inner(**given)

    made.view_functions["participant.index_view"] = faulty
    return made
