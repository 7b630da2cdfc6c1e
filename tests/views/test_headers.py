"""The headers of every answer, whatever it is; which hosts are answered; where redirects lead."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from seatadmin.config import LARGEST_REQUEST
from seatadmin.extensions import db
from seatadmin.views.addresses import came_from, return_address, safe_next
from tests.databases import Database
from tests.views.browsing import Answer, Person
from tests.views.conftest import World

KEY = "violet-kettles-cross-the-harbor!"
POLICY = (
    r"default-src 'self'; script-src 'self' 'nonce-[\w-]{20,}'; object-src 'none';"
    r" base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SITE = "http://localhost"


def guarded(answer: Any, *, kept: bool = False) -> None:
    """Whether an answer carries what every answer must; only static files are `kept` by caches."""
    headers = answer.headers
    assert re.fullmatch(POLICY, headers["Content-Security-Policy"]), answer
    assert {name: headers.get(name) for name in FIXED} == FIXED, answer
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), answer
    assert ("no-store" in headers["Cache-Control"]) is not kept, answer
    assert len(headers.get_all("Content-Security-Policy")) == 1, answer


def everywhere(app: Flask) -> list[str]:
    """An address of every rule."""
    names = {"<export_type>": "csv", "<path:filename>": "js/app.js", "<token>": "x" * 43}
    found = []
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name, value in names.items():
            path = path.replace(name, value)
        found.append(re.sub(r"<[^>]*>", "1", path))
    return found


def test_every_address_answers_with_them(regulator: Person, anonymous: Person, app: Flask) -> None:
    for path in everywhere(app):
        for person in (regulator, anonymous):
            for method in ("GET", "HEAD", "OPTIONS", "PUT"):
                answer = person.client.open(path, method=method)
                is_file = "/static/" in path and answer.status_code == 200 and method != "OPTIONS"
                guarded(answer, kept=is_file)
                answer.close()
            if path != "/logout":
                guarded(person.post(path))


def test_every_kind_of_answer_has_them(
    regulator: Person, employer_admin: Person, anonymous: Person, world: World
) -> None:
    for person, path, status in (
        (regulator, "/admin/", 200),
        (regulator, "/admin/participant/export/csv/", 200),
        (regulator, f"/admin/user/details/?id={world.active['north']}", 302),
        (anonymous, "/admin/", 302),
        (employer_admin, "/admin/sponsor/", 403),
        (regulator, "/nowhere", 404),
        (regulator, "/static/nowhere.js", 404),
        (regulator, "/admin/participant/details/?id=0", 404),
        (regulator, "/admin/participant/action/", 405),
        (regulator, "/admin/change/new/", 403),
    ):
        for as_json in (False, True):
            answer = person.get(path, as_json=as_json)
            assert answer.status == status, path
            guarded(answer)
    guarded(regulator.get("/static/js/app.js"), kept=True)
    guarded(regulator.post("/admin/participant/new/", token="x"))
    large = regulator.post("/admin/participant/new/", first_name="x" * (LARGEST_REQUEST + 1))
    assert large.status == 413
    guarded(large)
    many = [anonymous.post("/login", email="x@y.org", password="z") for _ in range(12)]
    assert many[-1].status == 429
    guarded(many[-1])


@pytest.fixture
def production(app: Flask, database: Database) -> Iterator[Callable[..., Flask]]:
    """Makes the app as it is in production, with a page that breaks."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        given = {"SEATADMIN_ENV": "production", "SECRET_KEY": KEY, "DATABASE_URL": database.url}
        made.append(create_app({**given, **settings}))
        made[-1].add_url_rule("/broken", view_func=lambda: 1 // 0)
        return made[-1]

    yield make
    for one in made:
        with one.app_context():
            db.engine.dispose()


def ask(app: Flask, path: str = "/login", **request: Any) -> Answer:
    return Answer(app.test_client().get(path, base_url="https://localhost", **request))


def test_a_fault_has_them_too_and_shows_no_trace(production: Callable[..., Flask]) -> None:
    answer = ask(production(), "/broken")
    assert answer.status == 500
    assert "support" in answer.text.casefold()
    assert "ZeroDivisionError" not in answer.text
    guarded(answer)


def test_a_database_out_of_reach_has_them(production: Callable[..., Flask]) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"
    answer = ask(production(DATABASE_URL=nowhere), "/readyz")
    assert answer.status == 503
    guarded(answer)


def test_production_tells_browsers_to_come_by_https_only(
    production: Callable[..., Flask], anonymous: Person
) -> None:
    name = "Strict-Transport-Security"
    for path in ("/login", "/broken", "/nowhere", "/static/js/app.js", "/", "/healthz"):
        assert ask(production(), path).headers[name] == "max-age=31536000", path
    assert ask(production(HSTS_SECONDS="60")).headers[name] == "max-age=60"
    assert name not in ask(production(HSTS_SECONDS="-1")).headers
    assert name not in anonymous.get("/login").headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("seats.example.org", 200),
        ("SEATS.example.org:8443", 200),
        ("a.example.net", 200),
        ("example.net", 200),
        ("evil.example.com", 400),
        ("seats.example.org.evil.com", 400),
        ("evilexample.net", 400),
        ("localhost", 400),
        ("127.0.0.1", 400),
    ],
)
def test_only_hosts_on_the_list_are_answered(
    production: Callable[..., Flask], host: str, status: int
) -> None:
    app = production(ALLOWED_HOSTS="seats.example.org, .example.net")
    for path in ("/login", "/nowhere", "/static/js/app.js"):
        answer = ask(app, path, headers={"Host": host})
        assert (answer.status == 400) is (status == 400), (path, answer)
        assert "example" not in answer.text.replace("support@example.org", ""), answer
        guarded(answer, kept=answer.status == 200 and "static" in path)


@pytest.mark.parametrize(
    "host", ["a b", "evil:99999", "x@y", "[::1", "a/../b", "<script>", "", "é", "a" * 5000]
)
def test_a_malformed_host_is_no_fault(production: Callable[..., Flask], host: str) -> None:
    app = production()
    for path in ("/login", "/admin/", "/nowhere"):
        answer = ask(app, path, headers={"Host": host})
        assert answer.status in (200, 302, 400, 404), (path, answer)
        assert "<script>alert" not in answer.text
        guarded(answer)


def test_no_page_and_no_redirect_repeats_a_strange_host(
    regulator: Person, anonymous: Person, app: Flask
) -> None:
    """Addresses are relative, so it does no harm that any host is answered by default."""
    for path in everywhere(app):
        for person in (regulator, anonymous):
            strange = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"}
            answer = Answer(person.client.get(path, headers=strange))
            assert "evil.example.com" not in answer.text, path
            assert "evil.example.com" not in str(answer.headers), path


PIECES = st.one_of(
    st.sampled_from(
        ["/", "//", "\\", "/\\", "evil.com", "localhost", "@", ":", "?", "#", "&", "."]
    ),
    st.sampled_from(["http:", "https:", "javascript:", "data:,", "..", ";", "[", "]", "x=1", "é"]),
    st.sampled_from(
        ["%2f", "%5c", "%09", "\t", "\n", "\r", "\0", " ", "\u200b", "\ufeff", "\u2028"]
    ),
)
TARGETS = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=40))


def stays(target: str) -> bool:
    """Whether a browser that follows `target` remains at this site.

    Browsers drop tabs and line breaks, strip blanks and controls, and take \\ for /.
    """
    seen = re.sub(r"[\t\n\r]", "", target).strip("".join(map(chr, range(33)))).replace("\\", "/")
    try:
        return urlsplit(urljoin(f"{SITE}/login", seen))[:2] == ("http", "localhost")
    except ValueError:
        return False


@given(TARGETS)
def test_no_next_address_leads_out_of_the_site(target: str) -> None:
    assert stays(safe_next(target, "/admin/"))


@given(TARGETS)
def test_no_return_address_or_referrer_leads_out_of_the_site(target: str) -> None:
    app = Flask(__name__)
    with app.test_request_context("/x/", query_string={"url": target}):
        assert stays(return_address("/admin/"))
    for referrer in (target, f"{SITE}{target}", f"{SITE}/{target}"):
        environ = {"HTTP_REFERER": referrer.encode().decode("latin-1")}
        with app.test_request_context("/x/", environ_overrides=environ):
            assert stays(came_from("/admin/"))


@pytest.mark.parametrize(
    "target",
    [
        "//evil.com",
        "/\\evil.com",
        "https://evil.com",
        "/\t/evil.com",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_the_control_sees_what_leads_out(target: str) -> None:
    """Of the two tests above: each of these is turned down, most of them because they lead out."""
    assert safe_next(target, "/admin/") == "/admin/"
    assert stays(target) is (target == "evil")


def test_signing_in_never_leads_out_of_the_site(app: Flask, world: World) -> None:
    for target in (
        "//evil.com",
        "/\\evil.com",
        "https://evil.com/",
        "/%09/evil.com",
        "/\t/evil.com",
    ):
        page = Person(app).get("/login", next=target)
        action = page.page.having(method="post")[0].attrs.get("action", "")
        assert stays(action), target
        answer = Person(app).post(
            action, email="acme@example.org", password="three apprentices in a boat"
        )
        assert answer.status == 302
        assert stays(answer.location or ""), target
