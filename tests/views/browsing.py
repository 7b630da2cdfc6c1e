"""A person at a browser, or a script: requests with the form token, answers read as pages."""

import json
import re
from functools import cached_property
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from seatadmin.extensions import db
from seatadmin.services import sessions
from tests.views import html
from tests.views.html import Cell, Node

JSON = {"Accept": "application/json"}

_FRESH = re.compile(
    r'(?<=name="csrf_token" value=")[^"]*|(?<=name="request_id" value=")[^"]*|(?<=nonce=")[^"]*'
)


class Answer:
    """What came back: status, place to go on to, and the page."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.location = response.headers.get("Location")
        self.headers = response.headers
        self.text = response.get_data(as_text=True)
        response.close()

    def __repr__(self) -> str:
        return f"<{self.status} {self.location or ''} {self.text[:2000]}>"

    @property
    def stable(self) -> str:
        """The body without what is new in every answer."""
        return _FRESH.sub("", self.text)

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @cached_property
    def page(self) -> Node:
        return html.parse(self.text)

    @property
    def rows(self) -> dict[int, dict[str, Cell]]:
        """id -> cells of a list's rows, in their order."""
        found = self.page.having("data-id")
        return {int(row.attrs["data-id"]): html.cells(row) for row in found if row.tag == "tr"}

    @property
    def ids(self) -> list[int]:
        return list(self.rows)

    @property
    def fields(self) -> dict[str, Cell]:
        """The cells of a page of details."""
        return html.cells(self.page)

    @property
    def total(self) -> str:
        (total,) = self.page.having("data-total", tag="span") or self.page.having("data-total")[:1]
        return total.attrs["data-total"]

    def rel(self, name: str) -> str | None:
        """The address of the page's `rel` link."""
        links = [link for link in self.page.having("href", rel=name) if link.tag == "a"]
        return links[0].attrs["href"] if links else None

    @property
    def form(self) -> dict[str, Any]:
        """What the page's main form would post as it stands, without token and id."""
        (main,) = (node for node in self.page if node.tag == "main")
        values = html.controls(main)
        return {key: values[key] for key in values.keys() - {"csrf_token", "request_id"}}

    @property
    def request_id(self) -> str:
        return self.page.having(name="request_id")[0].attrs["value"]

    def message_at(self, field: str) -> str:
        """The words that describe a control."""
        described: list[str] = []
        for control in self.page.having("aria-describedby", name=field):
            described += control.attrs["aria-describedby"].split()
        return " ".join(node.text for id in described for node in self.page.having(id=id))

    @property
    def messages(self) -> str:
        """What the page announces."""
        said = [*self.page.having(role="alert"), *self.page.having(role="status")]
        return " ".join(node.text for node in said)

    def usage(self, kind: str) -> dict[int, tuple[str, str, str]]:
        """id -> used, limit, free of the seat rows of sponsors or employers."""
        rows = self.page.having(f"data-{kind}-id")
        names = ("data-used", "data-limit", "data-free")
        return {
            int(row.attrs[f"data-{kind}-id"]): tuple(row.attrs[name] for name in names)
            for row in rows
        }

    @property
    def header(self) -> tuple[str, str]:
        """Seats used and allowed, as the head of the page says."""
        (count,) = self.page.having("data-seats-used", "data-seats-limit")
        return count.attrs["data-seats-used"], count.attrs["data-seats-limit"]


class Person:
    """Somebody with a browser of their own, signed in by the session or not at all."""

    def __init__(self, app: Flask, user_id: int | None = None) -> None:
        self.client = app.test_client()
        self.user_id = user_id
        if user_id is not None:
            with app.app_context():
                token = sessions.begin(db.session, user_id, agent="A test")
                db.session.commit()
            self.carry(token)

    def carry(self, token: str) -> None:
        """Have the cookie of the sign-in with this token."""
        with self.client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True

    @cached_property
    def token(self) -> str:
        """The form token of this session, from whatever page it may see."""
        answer = self.get("/login")
        if answer.status != 200:
            answer = self.get("/admin/")
        return str(answer.page.having(name="csrf_token")[0].attrs["value"])

    def get(self, path: str, /, as_json: bool = False, **query: Any) -> Answer:
        headers = JSON if as_json else {}
        return Answer(self.client.get(path, query_string=query or None, headers=headers))

    def follow(self, answer: Answer) -> Answer:
        """The page that an answer leads on to."""
        assert answer.location, answer
        return self.get(answer.location)

    def post(self, path: str, /, as_json: bool = False, **fields: Any) -> Answer:
        """Post a form with its token. `token=None` leaves the token out."""
        token = fields.pop("token", ...)
        data = {"csrf_token": self.token if token is ... else token, **fields}
        data = {name: value for name, value in data.items() if value is not None}
        return Answer(self.client.post(path, data=data, headers=JSON if as_json else {}))

    def act(self, path: str, action: str, *ids: int, **fields: Any) -> Answer:
        """A script's act on rows of a list."""
        rows = {"rowids": ",".join(map(str, ids))} if ids else {}
        return self.post(f"{path}action/", as_json=True, action=action, **rows, **fields)
