"""A person, or a script, that goes on when the server does not answer: what came is an `Answer`."""

import http.client
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from drills.settings import PASSWORD, REGULATOR

_addresses = count(1)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status (0: the connection broke), the body, and the seconds until its last byte."""

    status: int
    body: bytes = b""
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The body, read; an empty dictionary when it is something else."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")


class Client:
    """One browser: a connection that is kept, cookies, an address of its own."""

    def __init__(self, port: int, longest: float = 120) -> None:
        self.port, self._longest = port, longest
        self.cookies: dict[str, str] = {}
        self.token = ""
        number = next(_addresses)
        self._address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._longest)

    def send(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask; a connection that breaks is status 0 and is made anew next time."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookies, "X-Forwarded-For": self._address, **(headers or {})}
        if fields is not None:
            body = urlencode(fields, doseq=True, errors="surrogatepass").encode()
            sent.setdefault("Content-Type", FORM)
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, sent)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = self._connect()
            return Answer(0, seconds=time.perf_counter() - began)
        for cookie in response.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        took = time.perf_counter() - began
        return Answer(response.status, content, took, dict(response.headers))

    def get(self, path: str) -> Answer:
        """Read a page."""
        return self.send("GET", path)

    def post(self, path: str, **fields: Any) -> Answer:
        """Send a form as a script does."""
        given = {"csrf_token": self.token, **fields}
        return self.send("POST", path, given, {"Accept": "application/json"})

    def act(self, action: str, *ids: int, request_id: str | None = None, **fields: Any) -> Answer:
        """A batch: these rows, or all that match."""
        rows = {"rowids": ",".join(map(str, ids))} if ids else {"selection": "all"}
        chosen = request_id or str(uuid.uuid4())
        return self.post(
            "/admin/participant/action/", action=action, request_id=chosen, **rows, **fields
        )

    def signed_in(self, email: str = REGULATOR, password: str = PASSWORD) -> "Client":
        """The same, after the sign-in."""
        page = self.get("/login")
        fields = {"csrf_token": token_in(page.text), "email": email, "password": password}
        answer = self.send("POST", "/login", fields)
        if answer.status != 302:
            raise RuntimeError(f"{email} cannot sign in: {answer.status} {answer.text[:2000]}")
        page = self.get("/admin/participant/")
        self.token = token_in(page.text)
        if not self.token:
            raise RuntimeError(f"{email} sees no list: {page.status} {page.text[:500]}")
        return self


def token_in(page: str) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    return found[1] if found else ""
