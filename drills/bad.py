"""Thousands of requests that no browser sends, and bytes that no parser expects."""

import json
import random
import re
import subprocess
import sys
from collections import Counter
from contextlib import suppress

from drills.client import Answer, Client
from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import Server, serving
from drills.settings import ROOT, number

SLOW = 2.0
SPARE = "regulator@example.org"
TRACE = re.compile(r"Traceback|File &#34;|File \"|sqlalchemy|psycopg|sqlite3|werkzeug", re.I)

ENDING = re.compile("log(in|out)|session|password|factor")
"""Routes that may end a sign-in: they are asked by somebody who does nothing else."""

TEXTS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1.5",
        "1e9",
        "NaN",
        "null",
        "true",
        "[]",
        "{}",
        "[1]",
        "1,2,3",
        ",",
        "²",
    ),
    *("9" * 19, "9" * 40, "9" * 5_000, "0x10", "\u0661", "1 or 1=1", "' OR '1'='1", "'; --"),
    *(
        "\x00",
        "a\x00b",
        "\r\nSet-Cookie: a=b",
        "\u2028",
        "\u202e\u200b\ufeff",
        "\ufffd",
        "\U0001f600",
    ),
    *('"><script>alert(1)</script>', "{{7*7}}", "${7*7}", "<%= 7 %>", "%s%n%d", "%00", "../../etc"),
    *("x" * 10_000, "ﷺ" * 300, "i\u0307" * 300, "\ud800", "=1+1", "@SUM(1)", "a@b", "a@b.c" * 60),
    *(
        "2024-02-30",
        "20240230",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "2024-13-01",
        "12/31/24",
    ),
    *("//evil.example", "http:evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\x\\y"),
    *(
        "active",
        "cancelled",
        "regulator",
        "all",
        "cancel",
        "asc",
        "id",
        "__proto__",
        "self.__class__",
    ),
)
HEADERS = (
    "Accept",
    "X-Request-ID",
    "Referer",
    "X-Forwarded-For",
    "Content-Type",
    "Range",
)
TYPES = (
    *("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"),
    *("multipart/form-data", "text/csv", "application/xml", "x", ""),
)


def run(place: Place) -> Outcome:
    """By a regulator, by a sponsor, by an employer administrator and by nobody."""
    place.seeded(300, 2, 6)
    count = number("bad.requests")
    with serving(place) as server:
        wrong, statuses, slowest = _sent(server, count, random.Random(place.kind))
    wrong += place.examined()
    with serving(place, app="drills.faulty:create_app()") as server:
        seen = _sent(server, 300, random.Random(1))[0]
    fuzzed = _fuzzed(number("bad.fuzz"))
    if "wrong" in fuzzed:
        wrong.append(fuzzed)
    told = ", ".join(f"{n:,} x {status}" for status, n in sorted(statuses.items()))
    found = f"{count:,} requests: {told}; slowest {slowest:.2f} s; {fuzzed}; {faults(wrong)}"
    control = f"an application with a fault in one list: {len(seen)} found in 300 requests"
    return Outcome(not wrong, found, control, bool(seen))


def _sent(
    server: Server, count: int, chance: random.Random
) -> tuple[list[str], Counter[int], float]:
    emails = (SPARE, "sponsor@example.org", "employer@example.org")
    people = {email: Client(server.port).signed_in(email) for email in emails}
    spare = Client(server.port).signed_in(SPARE)
    routes = _routes()
    wrong: list[str] = []
    statuses: Counter[int] = Counter()
    slowest = 0.0
    for _ in range(count):
        rule, methods = chance.choice(routes)
        email = chance.choice((*emails, *emails, ""))
        person = people.get(email) or Client(server.port)
        if ENDING.search(rule):
            email, person = SPARE, spare
        what, answer = _one(person, rule, methods, chance)
        if email and answer.headers.get("Location", "").startswith("/login"):
            _again(person, email)
        statuses[answer.status] += 1
        slowest = max(slowest, answer.seconds)
        if answer.status >= 500 or answer.seconds > SLOW or TRACE.search(answer.text):
            wrong.append(f"{what[:300]}: {answer.status} in {answer.seconds:.1f} s")
    return wrong, statuses, slowest


def _again(person: Client, email: str) -> None:
    """A new sign-in, where bad requests have not made that impossible."""
    person.cookies.clear()
    with suppress(RuntimeError):
        person.signed_in(email)


def _one(
    person: Client, rule: str, methods: list[str], chance: random.Random
) -> tuple[str, Answer]:
    """A request to a route: right in most of its parts, and wrong in one to four."""
    path = re.sub(r"<[^>]*>", lambda _match: chance.choice(("1", "x", "..", "%00")), rule)
    method = chance.choice(methods)
    fields = {
        chance.choice(FIELDS): chance.choice((*TEXTS, _noise(chance)))
        for _ in range(chance.randint(1, 4))
    }
    headers: dict[str, str] = {}
    if chance.random() < 0.2:
        headers[chance.choice(HEADERS)] = _header(chance)
    if method in ("GET", "HEAD"):
        path += "?" + "&".join(f"{name}={_quoted(value)}" for name, value in fields.items())
        answer = person.send(method, path[:6_000], headers=headers)
    elif chance.random() < 0.15:
        body = chance.choice((json.dumps(fields).encode(), chance.randbytes(500), b"--x\r\n"))
        headers["Content-Type"] = chance.choice(TYPES)
        answer = person.send(method, path, headers=headers, body=body)
    else:
        right = {"csrf_token": person.token, "id": "1", "rowids": "1,2,3", "version": "1"}
        answer = person.send(method, path, {**right, **fields}, headers)
    return f"{method} {path} {fields!r} {headers!r}", answer


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode(errors="surrogatepass"))


def _noise(chance: random.Random) -> str:
    return "".join(chr(chance.choice((chance.randrange(128), chance.randrange(0xD7FF))))
                   for _ in range(chance.randint(1, 40)))  # fmt: skip


def _header(chance: random.Random) -> str:
    text = chance.choice(TEXTS) + _noise(chance)
    return "".join(char for char in text if 32 <= ord(char) < 256)[:2_000]


def _routes() -> list[tuple[str, list[str]]]:
    from app import create_app

    app = create_app({"SEATADMIN_ENV": "testing", "SECRET_KEY": "drills"})
    rules = [
        (rule.rule, sorted((rule.methods or set()) - {"OPTIONS"}))
        for rule in app.url_map.iter_rules()
    ]
    return sorted(rules)


FIELDS = (
    *("id", "rowid", "rowids", "action", "selection", "expect", "effective_date", "reason", "note"),
    *("request_id", "csrf_token", "version", "confirm", "url", "next", "search", "sort", "desc"),
    *("page", "page_size", "after", "before", "flt0_program_status_equals", "flt1_employer_equals"),
    *("flt0_out_of_step_equals", "flt2_account_status_equals", "flt0_kind_equals", "first_name"),
    *("last_name", "email", "password", "employer", "sponsor", "role", "apprentice_number", "name"),
    *(
        "registration_date",
        "expected_completion_date",
        "program_status",
        "status_date",
        "q",
        "code",
    ),
    *(
        "cancellation_reason",
        "status_note",
        "seat_limit",
        "program_number",
        "query",
        "file",
        "token",
    ),
)


def _fuzzed(times: int) -> str:
    """Atheris on every parser, where it is installed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "drills.fuzz", str(times)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode:
        return f"a parser went wrong: {last or done.stderr[-300:]}"
    return last


DRILL = Drill(
    "bad requests: payloads x fields x endpoints, and fuzzed parsers",
    "0 x 500, no trace in any body, nothing over 2 s",
    run,
)
