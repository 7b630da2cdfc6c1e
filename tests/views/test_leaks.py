"""Nothing of another sponsor shows, on any page that staff can come to.

Everything that staff of Acme and of its employer North reach by links, forms and exports is read
twice: before there is another sponsor at all, and when there is one that has a word of its own in
every text. Not a letter may differ: no list, choice, count, message or history knows of it.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import JSON, Enum, LargeBinary, String, select
from sqlalchemy.orm import Session

from seatadmin.extensions import db
from seatadmin.ledger import ChangeKind, Subject
from seatadmin.lifecycle import CANCEL, DEACTIVATE, REINSTATE, SUSPEND
from seatadmin.models import User
from seatadmin.permissions import SYSTEM, Actor, Role
from seatadmin.saved import SavedView
from seatadmin.services import changes, participants, status, users
from seatadmin.services.scope import Selection
from seatadmin.uploads import ImportMapping, Upload
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, StaffFactory
from tests.installation import Installation
from tests.views.browsing import JSON as AS_JSON
from tests.views.browsing import Answer
from tests.views.standing import Standing

WORD = "quokkaxylo"
"""What every text of the other sponsor holds. What is typed to find it is a part of it."""

PART = WORD[:7]
READERS = {"sponsor": 30, "employer_admin": 20}
"""Who reads, and how many pages there are at least: a crawl that stops early has seen nothing."""

PAGES = ("/admin/", "/admin/user/new/", "/admin/participant/new/", "/admin/nowhere/", "/nowhere")
ASKED_FOR = (
    "/admin/participant/?search={part}",
    "/admin/participant/?search={part}%40example",
    "/admin/participant/?flt0_occupation_equals={part}",
    "/admin/participant/?flt0_employer_equals={employer}",
    "/admin/participant/?flt0_employer_equals={part}",
    "/admin/participant/?flt0_sponsor_equals={sponsor}",
    "/admin/user/?search={part}",
    "/admin/user/?flt0_sponsor_equals={sponsor}&flt1_employer_equals={employer}",
    "/admin/employer/?search={part}",
    "/admin/employer/?flt0_sponsor_equals={sponsor}",
    "/admin/sponsor/?search={part}",
    "/admin/change/?flt0_actor_equals={staff}",
    "/admin/?search={part}",
    "/admin/find/?q={part}",
    "/admin/participant/ajax/lookup/?name=employer&query={part}",
    "/admin/participant/ajax/lookup/?name=sponsor&query={part}",
    "/admin/participant/export/csv/?search={part}",
    "/admin/participant/export/csv/?flt0_employer_equals={employer}",
    "/admin/user/export/csv/?flt0_sponsor_equals={sponsor}",
    "/admin/change/export/csv/",
    "/admin/participant/details/?id={participant}",
    "/admin/participant/edit/?id={participant}",
    "/admin/participant/delete/?id={participant}",
    "/admin/user/details/?id={staff}",
    "/admin/user/edit/?id={staff}",
    "/admin/employer/details/?id={employer}",
    "/admin/sponsor/details/?id={sponsor}",
    "/admin/change/details/?id={change}",
    "/admin/participant/action/confirm/?action=cancel&rowids={participant}",
    "/admin/participant/action/preview/?action=cancel&rowids={participant}",
    "/admin/participant/action/preview/?action=cancel&selection=all&search={part}",
    "/admin/participant/action/confirm/?action=cancel&selection=all",
    "/admin/user/action/preview/?action=deactivate&selection=all",
)
"""Asked for by somebody who knows the other's ids, and a part of the word."""

FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/admin/participant/new/", {"first_name": "A", "last_name": "B", "employer": "{employer}"}),
    ("/admin/participant/new/", {"first_name": "A", "last_name": "B", "employer": "{part}"}),
    ("/admin/user/new/", {"role": "employer_admin", "employer": "{employer}"}),
    ("/admin/user/new/", {"role": "sponsor", "sponsor": "{sponsor}"}),
    ("/admin/employer/new/", {"name": "New", "sponsor": "{sponsor}"}),
    ("/admin/participant/action/", {"action": "cancel", "rowids": "{participant}"}),
    ("/admin/user/action/", {"action": "deactivate", "rowids": "{staff}"}),
    ("/admin/participant/delete/", {"id": "{participant}", "confirm": "x"}),
    ("/admin/participant/edit/?id={participant}", {"version": "1", "first_name": "A"}),
    ("/admin/user/edit/?id={staff}", {"version": "1", "first_name": "A"}),
    ("/admin/password/link/", {"id": "{staff}"}),
)

KEPT_BY_ITSELF = {
    "user": {"name_key", "search_text", "email_key", "password_hash", "cancellation_reason"},
    "sponsor": {"name_key"},
    "employer": {"name_key"},
    "change": {"action", "reason"},
    "change_personal": {"field"},
    "change_item": {"old_program_status", "new_program_status", "old_account_status"}
    | {"new_account_status", "old_cancellation_reason", "new_cancellation_reason"},
    "upload": {"id", "digest"},
    "saved_view": {"endpoint"},
}
"""Text columns in which nobody types: keys of others, names of fields, enumerations, digests."""

NOBODYS = {"cancellation_reason", "occupation", "alembic_version"}
"""Tables that belong to no sponsor."""

SECRETS = {"sign_in_attempts", "password_link", "recovery_code", "request", "second_factor"} | {
    "user_session",
    "change_seal",
    "upload_part",
}
"""Tables whose texts are digests or keys, or are the person's own alone."""


@pytest.fixture(scope="module")
def standing(shared: Installation) -> Standing:
    standing = Standing(shared, _first)
    standing.let_in(**standing.made)
    return standing


@pytest.fixture(scope="module")
def before(standing: Standing) -> dict[str, dict[str, str]]:
    """person -> address -> page, as long as there is nobody else."""
    return {person: dict(_crawled(standing, person)) for person in READERS}


@pytest.fixture(scope="module")
def other(standing: Standing, before: Any) -> dict[str, Any]:
    """The ids of the other sponsor and of what it has; it came after `before` was read."""
    return standing.add(_other)


def _first(session: Session) -> dict[str, int]:
    """Acme with its employer North, staff and a history; and a regulator."""
    acme = SponsorFactory(name="Acme Training", program_number="P-1", seat_limit=30)
    north = EmployerFactory(name="North Electric", sponsor=acme)
    regulator = StaffFactory(role=Role.REGULATOR, last_name="Regulator", email="r@example.org")
    staff = StaffFactory(
        role=Role.SPONSOR, sponsor=acme, last_name="Sponsor", email="s@example.org"
    )
    admin = StaffFactory(role=Role.EMPLOYER_ADMIN, employer=north, last_name="N", email="n@x.org")
    for i in range(6):
        ParticipantFactory(employer=north, last_name=f"Apprentice {i}", email=f"a{i}@example.org")
    _act(session, staff.actor, SUSPEND, _some(session, north.id, 3), note="They move away")
    _act(session, regulator.actor, CANCEL, _some(session, north.id, 1), note="The regulator's note")
    return {"regulator": regulator.id, "sponsor": staff.id, "employer_admin": admin.id}


def _other(session: Session) -> dict[str, Any]:
    """Another sponsor, with the word in every text that somebody typed."""
    sponsor = SponsorFactory(name=f"{WORD} Works", program_number=f"P-{WORD}", seat_limit=900)
    places = [EmployerFactory(name=f"{WORD} {i}", sponsor=sponsor) for i in range(3)]
    staff = StaffFactory(role=Role.SPONSOR, sponsor=sponsor, **_named(0))
    StaffFactory(role=Role.EMPLOYER_ADMIN, employer=places[0], **_named(1))
    for i in range(60):
        ParticipantFactory(
            employer=places[i % 3],
            occupation=WORD,
            apprentice_number=f"{WORD}-{i}",
            **_named(i + 2),
            **({"cancelled": True, "status_note": f"A note of {WORD}"} if i % 3 == 0 else {}),
        )
    ids = _some(session, places[1].id, 9)
    _act(session, staff.actor, SUSPEND, ids[:4], note=f"Because of {WORD}")
    _act(session, staff.actor, REINSTATE, ids[:2], note=f"{WORD} again")
    _act(session, SYSTEM, DEACTIVATE, ids[4:6], note=WORD)
    participants.edit(
        session, staff.actor, ids[7], 1, {"occupation": f"{WORD}s", "status_note": None}
    )
    users.edit_staff(session, SYSTEM, staff.id, staff.version, {"last_name": f"New {WORD}"})
    changes.record_event(session, staff.actor, ChangeKind.EXPORT, "export", Subject.USER)
    upload = Upload(id="u" * 32, actor_id=staff.id, name=f"{WORD}.csv", digest="0" * 64, rows=1)
    upload.header, upload.sensitive, upload.fields = [WORD], [f"{WORD} ssn"], [f"{WORD}"]
    upload.findings, upload.sponsor_id, upload.create_employers = {"x": WORD}, sponsor.id, True
    session.add_all([upload, ImportMapping(sponsor_id=sponsor.id, columns={WORD: "email"})])
    view = {"endpoint": "participant", "name": f"A {WORD}", "query": f"search={WORD}"}
    session.add(SavedView(user_id=staff.id, **view))
    session.flush()
    return {
        "part": PART,
        "sponsor": sponsor.id,
        "employer": places[0].id,
        "staff": staff.id,
        "participant": ids[0],
        "change": changes.record_about(
            session, staff.actor, ChangeKind.PERMISSION, "password_link", staff
        ).id,
    }


def _named(i: int) -> dict[str, str]:
    return {
        "first_name": f"{WORD.capitalize()}",
        "last_name": f"{WORD.upper()} {i}",
        "email": f"{WORD}.{i}@{WORD}.example.org",
    }


def _some(session: Session, employer_id: int, count: int) -> list[int]:
    rows = select(User.id).where(
        User.employer_id == employer_id, User.program_status == "active", User.role.is_(None)
    )
    return list(session.scalars(rows.order_by(User.id).limit(count)))


def _act(session: Session, actor: Actor, act: Any, ids: list[int], note: str) -> None:
    asked = status.order(session, actor, act, Selection(tuple(ids)), note=note)
    assert status.perform(session, asked).changed == len(ids)


def _crawled(standing: Standing, person: str) -> Iterator[tuple[str, str]]:
    """Every page that `person` comes to by links, filters and exports included, each once."""
    waiting, known = list(PAGES), set(PAGES)
    while waiting:
        address = waiting.pop(0)
        answer = _read(standing, person, address)
        yield address, answer.stable
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for node in answer.page:
            for name in ("href", "action", "data-lookup", "formaction"):
                kind = _kind_of(node.attrs.get(name, ""))
                if kind and kind not in known:
                    known.add(kind)
                    waiting.append(node.attrs[name])


def _kind_of(address: str) -> str | None:
    """What a page is, apart from the values of its filters; None for what is no page of ours."""
    parts = urlsplit(address)
    if parts.netloc or not parts.path.startswith("/admin/") or "/static/" in parts.path:
        return None
    asked = [
        (name, value if name in ("id", "name", "action") else "")
        for name, value in parse_qsl(parts.query)
    ]
    return f"{parts.path} {sorted(asked)}"


def _read(standing: Standing, person: str, address: str) -> Answer:
    return standing.ask(lambda: standing.person(person).get(address)).answer


@pytest.mark.parametrize("person", READERS)
def test_a_page_is_the_same_to_the_letter_whoever_else_there_is(
    standing: Standing, before: dict[str, dict[str, str]], other: dict[str, Any], person: str
) -> None:
    assert len(before[person]) >= READERS[person]
    assert any("/export/" in address for address in before[person])
    after = dict(_crawled(standing, person))
    assert after.keys() == before[person].keys()
    for address, text in after.items():
        assert text == before[person][address], address


@pytest.mark.parametrize("person", READERS)
def test_whoever_knows_ids_and_half_a_word_does_not_learn_the_rest(
    standing: Standing, other: dict[str, Any], person: str
) -> None:
    for address in ASKED_FOR:
        for headers in ({}, AS_JSON):
            path = address.format(**other)
            acting = standing.person(person)
            answer = standing.ask(
                lambda: Answer(acting.client.get(path, headers=headers))  # noqa: B023
            ).answer
            _tells_nothing(answer, address)
    for address, fields in FORMS:
        typed = {name: value.format(**other) for name, value in fields.items()}
        for email in ("", f"{WORD}.5@{WORD}.example.org", "a3@example.org"):
            given = {**typed, **({"email": email} if email else {})}
            acting = standing.person(person)
            answer = standing.ask(
                lambda: acting.post(address.format(**other), **given)  # noqa: B023
            ).answer
            _tells_nothing(answer, address, typed=email)


def test_the_control_finds_the_word_everywhere(standing: Standing, other: dict[str, Any]) -> None:
    """A regulator sees it on most pages: the word is where it can be found."""
    pages = dict(_crawled(standing, "regulator"))
    found = {address for address, text in pages.items() if WORD in text.casefold()}
    assert len(found) > 20, found
    asked = [_read(standing, "regulator", address.format(**other)) for address in ASKED_FOR]
    assert sum(WORD in answer.text.casefold() for answer in asked) > 20


def test_the_word_stands_in_every_text(standing: Standing, other: dict[str, Any]) -> None:
    """A new text column is a decision: put the word into it above, or say why it needs none."""
    with standing.app.app_context():
        missing = [
            f"{table.name}.{column.name}"
            for table in db.metadata.sorted_tables
            if table.name not in NOBODYS | SECRETS
            for column in table.columns
            if isinstance(column.type, (String, JSON, LargeBinary))
            and not isinstance(column.type, Enum)
            and column.name not in KEPT_BY_ITSELF.get(table.name, ())
            and not any(
                WORD in str(value).casefold() for value in db.session.scalars(select(column))
            )
        ]
    assert missing == []


def _tells_nothing(answer: Answer, address: str, typed: str = "") -> None:
    said = answer.text.casefold()
    if typed:
        said = said.replace(typed.casefold(), "")
    assert WORD not in said, (address, answer)
    assert WORD not in str(answer.headers).casefold(), address
    assert answer.status < 500, (address, answer)
