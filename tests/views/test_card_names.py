"""On a phone a row is a card, and the style sheet names its values …"""

import re
from pathlib import Path

from flask import Flask
from flask_admin import Admin

from seatadmin.views.base import ListView

CSS = (Path(__file__).parents[2] / "seatadmin/static/css/app.css").read_text()
NAMED = dict(re.findall(r'\[data-field="(\w+)"\] {\s*--named: "([^"]+)";', CSS))


def test_as_the_head_of_the_table_does(app: Flask) -> None:
    (admin,) = app.extensions["admin"]
    assert isinstance(admin, Admin)
    lists = [view for view in admin._views if isinstance(view, ListView)]
    names = {
        (name, view.label(name))
        for view in lists
        for name in (*view.column_list[1:], *view.more_columns)
    }
    assert len(lists) == 5
    assert names <= NAMED.items()
