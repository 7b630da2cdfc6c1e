"""A client that keeps its connection, as a browser does, and one person's session."""

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.settings import EMAIL, PASSWORD

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and the seconds from asking to the last byte."""

    status: int
    body: bytes
    seconds: float
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Client:
    """One connection. `longest` is after how many seconds it gives up."""

    def __init__(self, port: int, longest: float = 600) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=longest)
        self._cookies: dict[str, str] = {}
        self.csrf_token = ""

    def get(self, path: str, **headers: str) -> Answer:
        """Read a page; anything but 200 is an error."""
        return self._expect(200, self._send("GET", path, None, headers), path)

    def post(self, path: str, fields: Mapping[str, str], expected: int, **headers: str) -> Answer:
        """Send a form; another answer than `expected` is an error."""
        body = urlencode({**fields, "csrf_token": self.csrf_token})
        given = {"Content-Type": FORM, **headers}
        return self._expect(expected, self._send("POST", path, body, given), path)

    def sign_in(self) -> "Client":
        """As the regulator, who sees every row."""
        self.csrf_token = csrf_token_in(self.get("/login").text)
        self.post("/login", {"email": EMAIL, "password": PASSWORD}, 302)
        self.csrf_token = csrf_token_in(self.get("/admin/participant/").text)
        return self

    def _send(self, verb: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        began = time.perf_counter()
        self._connection.request(verb, path, body, {**headers, "Cookie": cookies})
        response = self._connection.getresponse()
        content = response.read()
        took = time.perf_counter() - began
        for cookie in response.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(response.status, content, took, dict(response.headers))

    def _expect(self, status: int, answer: Answer, path: str) -> Answer:
        if answer.status != status:
            start = answer.body[:300].decode(errors="replace")
            raise RuntimeError(f"{path} answered {answer.status}, not {status}: {start}")
        return answer


def csrf_token_in(page: str) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    return found[1] if found else ""


def field_values(page: str) -> dict[str, str]:
    """The fields of an edit form as a browser would send them."""
    form = next(part for part in page.split("</form>") if 'name="version"' in part)
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        values[_attribute(tag, "name")] = _attribute(tag, "value")
    for name, content in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r"<option[^>]* selected[^>]*>", content)
        values[name] = _attribute(chosen[0], "value") if chosen else ""
    for name, content in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>\s?(.*?)</textarea>', form, re.S
    ):
        values[name] = content
    return {name: value for name, value in values.items() if name}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""
