"""A line of the log …"""

import json
import logging
import re
import sys
from typing import Any

import pytest
from flask import Flask

from seatadmin.logs import Lines, install
from tests.installation import Installation
from tests.views.browsing import Person
from tests.views.conftest import World

Caught = pytest.LogCaptureFixture


@pytest.fixture(autouse=True)
def _heard(caplog: Caught, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen where the lines are written: how the process logs otherwise is no matter here."""
    ours = logging.getLogger("seatadmin.request")
    monkeypatch.setattr(ours, "handlers", [caplog.handler])
    monkeypatch.setattr(ours, "propagate", False)
    monkeypatch.setattr(ours, "disabled", False)
    caplog.set_level(logging.INFO, logger=ours.name)


def lines(caplog: Caught) -> list[dict[str, Any]]:
    """What has been logged, as it is printed: each record one line of JSON."""
    printed = [Lines().format(record) for record in caplog.records]
    assert not any(re.search(r"[\x00-\x1f\x7f-\uffff]", line) for line in printed)
    told = [json.loads(line) for line in printed]
    for line in told:
        line.pop("message", None)  # pytest's own handler has formatted the record before
    return told


def test_tells_of_each_request_what_happened_and_not_to_whom(
    regulator: Person, world: World, caplog: Caught
) -> None:
    regulator.get("/admin/participant/", search="Apprentice South", flt0_occupation_equals="x")

    (line,) = lines(caplog)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("time"))
    assert line.pop("ms") > 0
    assert line.pop("statements") > 1
    assert re.fullmatch("[0-9a-f]{32}", line.pop("request_id"))
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/admin/participant/",
        "status": 200,
        "user": world.regulator,
    }


def test_bears_the_id_that_the_answer_bears(app: Flask, caplog: Caught) -> None:
    client = app.test_client()
    for given in ("abc-123.X_y", "0" * 64, None, "", "a b", "0" * 65, "a\u2028b", "é", '"}'):
        headers = {} if given is None else {"X-Request-ID": given}
        with client.get("/healthz", headers=headers) as answer:
            answered = answer.headers["X-Request-ID"]
        is_sane = bool(given) and len(given) < 65 and given[0] in "a0" and given.isascii()
        is_sane = is_sane and " " not in given
        assert (answered == given) == is_sane, given
        assert re.fullmatch(r"[\w.-]{1,64}", answered)
    assert len({line["request_id"] for line in lines(caplog)}) == 9


def test_holds_nothing_that_a_request_brings(anonymous: Person, caplog: Caught) -> None:
    anonymous.get("/nowhere/lovelace%0a%7b@example.org", as_json=True)
    anonymous.client.open("/login", method="ADA").close()
    anonymous.post("/login", email="lovelace@example.org", password="secret of lovelace")

    text = "\n".join(map(json.dumps, lines(caplog))).casefold()
    assert "lovelace" not in text
    assert [line["method"] for line in lines(caplog)][1] == "other"
    assert lines(caplog)[0]["route"] is None


def test_of_a_fault_tells_types_and_places_but_no_words(
    installation: Installation, world: World, caplog: Caught
) -> None:
    app = installation.app
    regulator = Person(app, world.regulator)

    def broken(**_kwargs: Any) -> None:
        raise ValueError("lovelace@example.org\nsaid this")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    view, app.view_functions["sponsor.index_view"] = (
        app.view_functions["sponsor.index_view"],
        broken,
    )
    try:
        regulator.get("/admin/sponsor/", search="lovelace")
    finally:
        app.view_functions["sponsor.index_view"] = view
        app.config["PROPAGATE_EXCEPTIONS"] = None

    fault, request = lines(caplog)[-2:]
    assert (fault["event"], fault["level"]) == ("fault", "error")
    assert fault["exception"] == ["builtins.ValueError"]
    assert re.fullmatch(r"tests/views/test_logs.py:\d+ broken", fault["traceback"][-1])
    assert (request["status"], request["level"]) == (500, "error")
    assert fault["request_id"] == request["request_id"]
    assert "lovelace" not in json.dumps(fault)


def test_of_the_server_keeps_numbers_and_no_addresses() -> None:
    def printed(level: int, message: str, *args: Any) -> str:
        record = logging.LogRecord("gunicorn.error", level, "", 1, message, args, None)
        return str(json.loads(Lines().format(record))["event"])

    assert printed(logging.INFO, "Listening at: %s (%s)", "x:1", 7) == "Listening at: x:1 (7)"
    assert (
        printed(logging.ERROR, "Error handling request %s", "/?lovelace")
        == "Error handling request …"
    )
    assert printed(logging.ERROR, "Worker (pid:%s) was sent %s!", 7, "x") == (
        "Worker (pid:7) was sent …!"
    )
    assert (
        printed(logging.WARNING, "Invalid request from ip=1.2.3.4: lovelace") == "Invalid request"
    )


def test_of_a_broken_constraint_names_it_without_the_values(session: Any) -> None:
    from tests.factories import ParticipantFactory

    ParticipantFactory(email="lovelace@example.org")
    try:
        ParticipantFactory(email="LOVELACE@example.org")
    except Exception:
        record = logging.LogRecord("seatadmin", logging.ERROR, "", 1, "fault", (), sys.exc_info())
    line = json.loads(Lines().format(record))

    assert "lovelace" not in json.dumps(line).casefold()
    expected = "UNIQUE" if session.get_bind().dialect.name == "sqlite" else "uq_user_email_key"
    assert any(expected in one for one in line["exception"])


def test_is_for_people_in_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    install("text")
    install("text")

    (handler,) = logging.getLogger().handlers
    record = logging.LogRecord("seatadmin.request", logging.INFO, "", 1, "request", (), None)
    record.__dict__ |= {"route": "/admin/", "status": 200}
    printed = handler.format(record)
    assert "route=/admin/" in printed
    assert "{" not in printed
