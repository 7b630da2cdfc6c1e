"""Error pages, the headers of every answer, and what no page may hold."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from seatadmin.extensions import db
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World

EVERY_PAGE = (
    "/admin/",
    "/admin/participant/",
    "/admin/participant/?search=nobody-at-all",
    "/admin/participant/?flt0_program_status_equals=cancelled&page_size=20",
    "/admin/participant/new/",
    "/admin/participant/details/?id={active}",
    "/admin/participant/details/?id={out_of_step}",
    "/admin/participant/edit/?id={active}",
    "/admin/participant/edit/?id={out_of_step}",
    "/admin/participant/delete/?id={active}",
    "/admin/participant/action/confirm/?action=cancel&rowid={active}",
    "/admin/participant/action/confirm/?action=deactivate&selection=all",
    "/admin/user/",
    "/admin/user/new/",
    "/admin/user/details/?id={staff}",
    "/admin/user/edit/?id={staff}",
    "/admin/user/action/confirm/?action=deactivate&rowid={staff}",
    "/admin/employer/",
    "/admin/employer/new/",
    "/admin/employer/details/?id={north}",
    "/admin/employer/edit/?id={north}",
    "/admin/sponsor/",
    "/admin/sponsor/new/",
    "/admin/sponsor/details/?id={acme}",
    "/admin/sponsor/edit/?id={acme}",
    "/admin/change/",
    "/admin/password/",
    "/admin/nowhere/",
    "/admin/participant/details/?id=0",
    "/admin/change/new/",
    "/admin/participant/action/",
)


def addresses(world: World) -> list[str]:
    known = {
        "active": world.active["north"],
        "out_of_step": world.out_of_step["north"],
        "staff": world.north_admin,
        "north": world.north,
        "acme": world.acme,
    }
    return [path.format(**known) for path in EVERY_PAGE]


def test_errors_have_a_page_and_a_way_on(regulator: Person, world: World) -> None:
    for path, code in (
        ("/admin/nowhere/", 404),
        ("/admin/participant/details/?id=0", 404),
        ("/admin/change/new/", 403),
        ("/admin/participant/action/", 405),
    ):
        page, script = regulator.get(path), regulator.get(path, as_json=True)
        assert (page.status, script.status) == (code, code)
        assert list(script.json) == ["error"], path
        assert [node for node in page.page if node.tag == "h1"], path
        assert "support" in page.text.casefold(), path
    assert regulator.post("/admin/participant/new/", token="x").status == 400


def test_anonymous_persons_get_error_pages_too(anonymous: Person) -> None:
    for path in ("/nowhere", "/static/nowhere.css", "/admin/nowhere/"):
        answer = anonymous.get(path)
        assert answer.status == 404, path
        assert "support" in answer.text.casefold(), path
    assert anonymous.get("/logout").status == 405


def test_every_page_has_title_heading_and_support_link(
    regulator: Person, app: Flask, world: World
) -> None:
    for path in addresses(world):
        page = regulator.get(path).page
        head = next(node for node in page if node.tag == "head")
        (title,) = (node.text for node in head if node.tag == "title")
        assert len(title) > len(" · Seat Admin"), path
        assert len([node for node in page if node.tag == "h1"]) == 1, path
        assert page.having(href=app.config["SUPPORT_URL"]), path


def test_no_page_holds_handlers_or_styles_of_its_own(
    regulator: Person, anonymous: Person, world: World
) -> None:
    answers = [regulator.get(path) for path in addresses(world)] + [anonymous.get("/login")]
    for answer in answers:
        assert not re.search(r"""<[^>]*\son[a-z]+\s*=""", answer.text), answer
        assert not re.search(r"""<[^>]*\sstyle\s*=""", answer.text), answer
        assert "javascript:" not in answer.text.casefold(), answer
        for node in answer.page:
            inline = node.tag == "script" and "src" not in node.attrs
            data = node.attrs.get("type") == "application/json"
            assert not inline or data or "nonce" in node.attrs, answer
            assert node.tag != "style", answer


EVIL = "\"'><b onclick=alert(1)>{{7*7}}</b>"


def test_what_people_type_is_shown_as_text(regulator: Person, world: World, stored: Stored) -> None:
    """Names, notes and searches that are markup stay text on every page."""
    id = world.active["north"]
    for path, fields in (
        (f"/admin/sponsor/edit/?id={world.acme}", {"name": EVIL, "program_number": EVIL}),
        (f"/admin/employer/edit/?id={world.north}", {"name": EVIL}),
        (f"/admin/user/edit/?id={world.north_admin}", {"first_name": EVIL, "last_name": EVIL}),
        (
            f"/admin/participant/edit/?id={id}",
            {
                "first_name": EVIL,
                "last_name": EVIL,
                "occupation": EVIL,
                "apprentice_number": EVIL,
                "program_status": "cancelled",
                "cancellation_reason": "other",
                "status_note": EVIL,
            },
        ),
    ):
        saved = regulator.post(path, as_json=True, version=1, **fields)
        assert saved.status == 200, saved
    change = regulator.act("/admin/participant/", "reinstate", id, note=EVIL).json["change_id"]
    shown = regulator.post(f"/admin/participant/edit/?id={id}", version=1, occupation=EVIL)
    answers = [regulator.get(path) for path in addresses(world)] + [shown]
    answers.append(regulator.get("/admin/change/details/", id=change))
    answers.append(regulator.get("/admin/participant/", search=EVIL, flt0_occupation_equals=EVIL))
    for answer in answers:
        assert "<b onclick" not in answer.text, answer
        assert "{49}" not in answer.text, answer
    assert sum("&lt;b onclick" in answer.text for answer in answers) > 15


def _is_guarded(answer: Answer) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'self'; script-src 'self' 'nonce-[\w-]{20,}'; object-src 'none';"
        r" base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        policy,
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in answer.headers


def test_every_answer_carries_the_policy(
    regulator: Person, anonymous: Person, world: World
) -> None:
    paths = (
        *addresses(world),
        "/admin/participant/export/csv/",
        "/static/js/app.js",
        "/static/css/app.css",
        "/static/nowhere",
        "/admin/static/nowhere",
        "/healthz",
        "/readyz",
        "/",
        "/login",
        "/admin",
    )
    nonces = set()
    for path in paths:
        for person in (regulator, anonymous):
            answer = person.get(path)
            _is_guarded(answer)
            nonces.add(answer.headers["Content-Security-Policy"])
    assert len(nonces) == 2 * len(paths)
    _is_guarded(anonymous.post("/login", email="x", password="y"))
    _is_guarded(regulator.post("/admin/participant/new/", token="x"))


def test_nothing_of_a_person_is_kept_by_caches(regulator: Person, world: World) -> None:
    for path in ("/admin/", "/admin/participant/export/csv/", "/admin/nowhere/"):
        assert regulator.get(path).headers["Cache-Control"] == "no-store"
    assert "no-store" not in regulator.get("/static/js/app.js").headers.get("Cache-Control", "")


def test_too_many_attempts_have_a_page(anonymous: Person) -> None:
    answers = [anonymous.post("/login", email="x@y.org", password="z") for _ in range(7)]
    assert answers[-1].status == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 31
    assert "Too many attempts" in answers[-1].text
    script = anonymous.post("/login", as_json=True, email="x@y.org", password="z")
    assert (script.status, list(script.json)) == (429, ["error"])
    _is_guarded(answers[-1])


@pytest.fixture
def cut_off() -> Iterator[Flask]:
    """The app whose PostgreSQL is not there: nobody listens on port 1."""
    app = create_app(
        {
            "SEATADMIN_ENV": "testing",
            "SECRET_KEY": "tests",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2",
        }
    )
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_database_out_of_reach_is_503_and_when_to_try_again(cut_off: Flask) -> None:
    signed_in, nobody = Person(cut_off), Person(cut_off)
    signed_in.carry("some token")
    for person, path in (
        (signed_in, "/admin/"),
        (signed_in, "/admin/participant/"),
        (signed_in, "/login"),
        (signed_in, "/nowhere"),
        (nobody, "/readyz"),
    ):
        for as_json in (False, True):
            answer = person.get(path, as_json=as_json)
            assert answer.status == (404 if path == "/nowhere" and as_json else 503), path
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0, path
            assert "psycopg" not in answer.text
            _is_guarded(answer)
    assert nobody.get("/healthz").status == 200
    assert nobody.get("/login").status == 200
    assert nobody.post("/login", email="a@b.org", password="x").status == 503


def test_health_is_told_without_signing_in(anonymous: Person) -> None:
    assert anonymous.get("/healthz").json == {"status": "alive"}
    assert anonymous.get("/readyz").json == {"status": "ready"}
    assert anonymous.get("/metrics").status == 404


def test_it_is_not_ready_before_its_migrations(anonymous: Person, stored: Stored) -> None:
    with stored() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '000'"))
        session.commit()
    answer = anonymous.get("/readyz")
    assert (answer.status, "migrations" in answer.json["status"]) == (503, True)


def test_an_error_page_tells_what_a_page_before_it_had_to_tell(
    regulator: Person, world: World
) -> None:
    """A message waits in the session until some page shows it, and that may be an error's."""
    done = regulator.post(
        "/admin/participant/action/", action="suspend", rowid=world.active["north"]
    )
    assert done.status == 302
    answer = regulator.get("/admin/nowhere/")
    assert answer.status == 404
    assert "1 suspended" in answer.messages
