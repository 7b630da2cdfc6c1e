"""Bad input is answered plainly, never by a fault, and loses nothing."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.installation import Installation
from tests.views.browsing import JSON, Answer, Person
from tests.views.conftest import World

ODD_IDS = (
    "",
    "0",
    "-1",
    "1.5",
    "x",
    "1 or 1=1",
    "%00",
    "\x00",
    "²",
    "\u0661",
    "9" * 19,
    "9" * 40,
    "9" * 5_000,
    "0" * 20 + "1" + "9" * 40,
    "1,2",
    "null",
    "[]",
    "\U0001f600",
    "'",
    "../1",
)

ODD_TEXTS = (
    "\x00",
    "a\x00b",
    "\U0001f600",
    "x" * 10_000,
    "' OR '1'='1",
    '"><script>alert(1)</script>',
    "{{ 7 * 7 }}",
    "%s%n%d",
    "\u202e\u200b\ufeff",
    "\r\nSet-Cookie: a=b",
    "ﷺ" * 300,
    "i\u0307" * 300,
    "\ufffd",
)

PATHS = ("participant", "user", "employer", "sponsor", "change")


def test_odd_ids_are_not_found(regulator: Person, world: World, contents: Any) -> None:
    before = contents()
    for path in PATHS:
        for id in ODD_IDS:
            assert regulator.get(f"/admin/{path}/details/", id=id).status == 404, (path, id)
    for id in ODD_IDS:
        for path in PATHS[:4]:
            assert regulator.get(f"/admin/{path}/edit/", id=id).status == 404, (path, id)
        assert regulator.get("/admin/participant/delete/", id=id).status == 404, id
        deleted = regulator.post("/admin/participant/delete/", id=id, confirm="x")
        assert deleted.status == 404, id
    assert regulator.get("/admin/participant/details/").status == 404
    assert contents() == before


def test_odd_pages_are_not_found_or_ignored(regulator: Person, world: World) -> None:
    ignored = ("page", "page_size", "sort", "desc")
    for path in PATHS:
        for value in ODD_IDS:
            answer = regulator.get(f"/admin/{path}/", **dict.fromkeys(ignored, value))
            assert answer.status == 200, (path, value)
    for value in ODD_IDS:
        for name in ("after", "before"):
            answer = regulator.get("/admin/participant/", **{name: value})
            assert answer.status == (404 if value else 200), (name, value)


def test_odd_filters_and_searches_are_answered(regulator: Person, world: World) -> None:
    for path, names in (
        ("participant", ("program_status", "employer", "occupation", "out_of_step")),
        ("user", ("role", "sponsor")),
        ("employer", ("sponsor", "over_limit")),
        ("change", ("kind", "action", "subject")),
    ):
        for value in (*ODD_IDS, *ODD_TEXTS):
            query = {f"flt{i}_{name}_equals": value for i, name in enumerate(names)}
            answer = regulator.get(f"/admin/{path}/", search=value, **query)
            assert answer.status == 200, (path, value)
    for value in (*ODD_IDS, *ODD_TEXTS):
        for path in ("participant", "sponsor"):
            assert regulator.get(f"/admin/{path}/", search=value).status == 200, (path, value)
    for name in ("flt", "flt0", "flt0_", "flt_x_equals", "flt²_employer_equals", "flt0_employer"):
        assert regulator.get("/admin/participant/", **{name: "1"}).status == 200, name


def test_a_script_in_the_address_is_shown_as_text(regulator: Person, world: World) -> None:
    evil = '"><script>alert(1)</script>'
    for query in (
        {"search": evil},
        {"flt0_occupation_equals": evil},
        {"flt0_employer_equals": evil},
        {"flt0_program_status_equals": evil},
        {"flt0_" + evil + "_equals": "1"},
        {"sort": evil},
    ):
        answer = regulator.get("/admin/participant/", **query)
        assert "<script>alert" not in answer.text, query


def test_raw_bytes_in_the_address_are_answered(regulator: Person, world: World) -> None:
    assert regulator.token
    for raw in ("%ff", "%ed%a0%80", "%00", "%", "%zz", "&&&=", "=", "+", "a=b=c", "%F0%9F%98%80"):
        for name in ("search", "flt0_employer_equals", "flt0_occupation_equals", "id", "after"):
            for path in ("/admin/participant/", "/admin/participant/details/", "/login"):
                response = regulator.client.get(f"{path}?{name}={raw}")
                assert response.status_code in (200, 302, 404), (path, name, raw)


@pytest.mark.parametrize("path", ["participant", "user", "employer", "sponsor"])
def test_odd_texts_in_every_field_are_saved_or_refused_at_the_field(
    regulator: Person, world: World, path: str
) -> None:
    known = {
        "participant": world.active["north"],
        "user": world.north_admin,
        "employer": world.north,
        "sponsor": world.acme,
    }
    edit, new = f"/admin/{path}/edit/?id={known[path]}", f"/admin/{path}/new/"
    fields = regulator.get(edit).form
    for value in (*ODD_TEXTS, *ODD_IDS):
        everywhere = dict.fromkeys(fields, value)
        assert regulator.post(new, **everywhere).status in (200, 302), value
        answer = regulator.post(edit, as_json=True, **everywhere)
        assert answer.status in (409, 422), value
    for value in ("\x00", "\U0001f600", "x" * 10_000, "9" * 40):
        for field in fields:
            answer = regulator.post(edit, **regulator.get(edit).form | {field: value})
            assert answer.status in (200, 302, 409), (field, value)


def test_a_field_may_come_twice_or_as_a_file(regulator: Person, world: World) -> None:
    address = f"/admin/participant/edit/?id={world.active['north']}"
    form = regulator.get(address).form
    twice = form | {"first_name": ["Zoe", "Zoa"], "program_status": ["active", "cancelled"]}
    assert regulator.post(address, **twice).status == 302
    with open(__file__, "rb") as file, open(__file__, "rb") as other:
        answer = regulator.post(address, **form | {"first_name": file, "version": other})
        assert answer.status in (200, 409)


def test_other_bodies_are_answered(regulator: Person, world: World, contents: Any) -> None:
    before = contents()
    headers = {"X-CSRFToken": regulator.token, **JSON}
    for path in (
        "/admin/participant/action/",
        "/admin/participant/action/preview/",
        "/admin/participant/new/",
        f"/admin/participant/edit/?id={world.active['north']}",
        "/admin/participant/delete/",
        "/admin/user/new/",
        "/login",  # which notes that it refused somebody
    ):
        for body, kind in (
            (b'{"action": "cancel"}', "application/json"),
            (b"{", "application/json"),
            (b"\xff\xfe", "text/plain"),
            (b"a=b", "multipart/form-data"),
            (b"--x\r\n", "multipart/form-data; boundary=x"),
            (b"%ff=%ff&action=%ff", "application/x-www-form-urlencoded"),
            (b"<a/>", "application/xml"),
            (b"", ""),
        ):
            response = regulator.client.post(path, data=body, content_type=kind, headers=headers)
            allowed = (200, 429) if path == "/login" else (400, 404, 409, 422)
            assert response.status_code in allowed, (path, body)
        assert contents() == before or path == "/login"


def test_a_body_that_is_too_large_is_refused(regulator: Person, world: World) -> None:
    many = ",".join(["123456789"] * 100_000)
    page = regulator.post("/admin/participant/action/", action="cancel", rowids=many)
    assert page.status == 413
    assert "all that match" in page.text
    script = regulator.act("/admin/participant/", "cancel", rowids=many)
    assert (script.status, "error" in script.json) == (413, True)


def test_many_parameters_are_answered(regulator: Person, world: World) -> None:
    query = {f"flt{i}_program_status_equals": "active" for i in range(300)}
    assert regulator.get("/admin/participant/", **query).status == 200
    query = {f"flt{i}_employer_equals": str(i + 1) for i in range(300)}
    assert regulator.get("/admin/participant/", **query).status == 200


NAMES = st.sampled_from(
    [
        "search",
        "sort",
        "desc",
        "page_size",
        "page",
        "after",
        "before",
        "flt0_program_status_equals",
        "flt1_employer_equals",
        "flt2_sponsor_equals",
        "flt3_occupation_equals",
        "flt4_out_of_step_equals",
        "flt5_cancellation_reason_equals",
        "flt6_account_status_equals",
    ]
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.sampled_from(["active", "cancelled", "1", "0", "yes", "name", "status_date", "health"]),
)


@pytest.fixture
def somebody(app: Flask, world: World) -> Person:
    return Person(app, world.regulator)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(query=st.lists(st.tuples(NAMES, VALUES), max_size=6))
def test_any_query_of_a_list_is_answered(somebody: Person, query: list[tuple[str, str]]) -> None:
    response = somebody.client.get("/admin/participant/", query_string=query)
    answer = Answer(response)
    assert answer.status in (200, 404)
    if answer.status == 200:
        assert answer.total.isdigit()


def test_the_fault_page_shows_no_trace(installation: Installation, world: World) -> None:
    """What cannot happen, happens: a plain page, and for a script plain JSON."""
    app = installation.app
    person = Person(app, world.regulator)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    broken = app.view_functions["sponsor.index_view"]
    app.view_functions["sponsor.index_view"] = lambda **_kwargs: 1 / 0
    try:
        page, script = person.get("/admin/sponsor/"), person.get("/admin/sponsor/", as_json=True)
    finally:
        app.view_functions["sponsor.index_view"] = broken
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert (page.status, script.status) == (500, 500)
    for answer in (page, script):
        assert "Traceback" not in answer.text
        assert "ZeroDivision" not in answer.text
    assert "support ticket" in page.text
    assert list(script.json) == ["error"]
