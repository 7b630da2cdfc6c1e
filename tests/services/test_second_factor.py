"""A second factor …"""

from collections.abc import Callable

import pyotp
import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from seatadmin.access import UserSession
from seatadmin.ledger import Change, ChangeItem
from seatadmin.models import User
from seatadmin.permissions import NotPermitted, Role
from seatadmin.services import second_factor, sessions
from seatadmin.services.invalid import NotFound
from seatadmin.services.second_factor import STEP, NothingToSetUp, WrongCode
from tests.factories import EmployerFactory, SponsorFactory, StaffFactory

KEY = "the key of the tests"
NOON = 1_800_000_000 - 1_800_000_000 % STEP


@pytest.fixture
def at() -> Callable[[int], time_machine.travel]:
    """`with at(2):` two steps after the beginning."""
    return lambda steps: time_machine.travel(NOON + steps * STEP + 3, tick=False)


@pytest.fixture
def person(session: Session) -> User:
    return StaffFactory(role=Role.REGULATOR, email="ada@example.org")


def set_up(session: Session, person: User) -> tuple[pyotp.TOTP, list[str]]:
    """Begin; the app with its secret, and the recovery codes."""
    second_factor.start(session, person.id)
    secret, _, codes = second_factor.being_set_up(session, KEY, person.id, "ada")
    return pyotp.TOTP(secret), codes


def switched_on(session: Session, person: User) -> tuple[pyotp.TOTP, list[str]]:
    app, codes = set_up(session, person)
    second_factor.confirm(session, KEY, person.actor, person, app.now())
    return app, codes


def audited(session: Session) -> list[tuple[str, str, int]]:
    rows = select(Change.kind, Change.action, ChangeItem.subject_id).join(
        ChangeItem, ChangeItem.change_id == Change.id
    )
    return [tuple(row) for row in session.execute(rows.order_by(Change.id))]


def test_is_on_from_its_first_code_on(session: Session, person: User) -> None:
    app, codes = set_up(session, person)
    assert not second_factor.is_on(session, person.id)
    with pytest.raises(WrongCode):
        second_factor.confirm(session, KEY, person.actor, person, "000000x")

    second_factor.confirm(session, KEY, person.actor, person, app.now())

    assert second_factor.is_on(session, person.id)
    assert second_factor.codes_left(session, person.id) == len(codes) == 10
    assert audited(session) == [("permission", "second_factor_on", person.id)]


def test_is_shown_only_until_then(session: Session, person: User) -> None:
    switched_on(session, person)

    with pytest.raises(NothingToSetUp):
        second_factor.being_set_up(session, KEY, person.id, "ada")
    with pytest.raises(NothingToSetUp):
        second_factor.confirm(session, KEY, person.actor, person, "123456")


def test_tells_the_app_what_it_needs(session: Session, person: User) -> None:
    second_factor.start(session, person.id)
    secret, address, codes = second_factor.being_set_up(session, KEY, person.id, "ada@example.org")

    parsed = pyotp.parse_uri(address)
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.name, parsed.issuer) == (secret, "ada@example.org", "Seat Admin")
    assert len(secret) == 32
    assert len(set(codes)) == 10


def test_cannot_be_read_from_the_database(session: Session, person: User) -> None:
    app, codes = switched_on(session, person)
    stored = " ".join(
        str(row)
        for table in ("second_factor", "recovery_code", "change_personal", "change_item")
        for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
    )

    assert not [secret for secret in (app.secret, *codes) if secret in stored]


def test_takes_each_code_once_and_none_of_before(
    session: Session, person: User, at: Callable[[int], time_machine.travel]
) -> None:
    with at(0):
        app, _ = switched_on(session, person)
        first = app.now()
        with pytest.raises(WrongCode):
            second_factor.check(session, KEY, person.id, first)
    with at(2):
        second_factor.check(session, KEY, person.id, f" {app.now()[:3]} {app.now()[3:]}")
        with pytest.raises(WrongCode):
            second_factor.check(session, KEY, person.id, app.now())
        with pytest.raises(WrongCode):
            second_factor.check(session, KEY, person.id, app.at(NOON + STEP))


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_allows_for_a_clock_that_is_a_little_off(
    session: Session,
    person: User,
    at: Callable[[int], time_machine.travel],
    off: int,
    taken: bool,
) -> None:
    with at(0):
        app, _ = switched_on(session, person)
    with at(10):
        code = app.at(NOON + (10 + off) * STEP)
        if taken:
            return second_factor.check(session, KEY, person.id, code)
        with pytest.raises(WrongCode):
            second_factor.check(session, KEY, person.id, code)


@pytest.mark.parametrize("typed", ["", " ", "000000", "١٢٣٤٥٦", "x" * 5_000, "AAAA AAAA AAAA AAAA"])
def test_refuses_whatever_else_is_typed(session: Session, person: User, typed: str) -> None:
    with time_machine.travel(NOON, tick=False):
        app, _ = switched_on(session, person)
        assert typed not in {app.at(NOON + off * STEP) for off in (-1, 0, 1)}
        with pytest.raises(WrongCode):
            second_factor.check(session, KEY, person.id, typed)


def test_is_stood_in_for_by_each_recovery_code_once(session: Session, person: User) -> None:
    _, codes = switched_on(session, person)
    typed = f"{codes[3][:4].lower()}-{codes[3][4:]} "

    second_factor.check(session, KEY, person.id, typed)

    assert second_factor.codes_left(session, person.id) == 9
    with pytest.raises(WrongCode):
        second_factor.check(session, KEY, person.id, codes[3])
    with pytest.raises(WrongCode):
        second_factor.check(session, KEY, StaffFactory(role=Role.REGULATOR).id, codes[4])


def test_set_up_again_leaves_the_old_one_until_its_first_code(
    session: Session, person: User, at: Callable[[int], time_machine.travel]
) -> None:
    with at(0):
        old, old_codes = switched_on(session, person)
        new, codes = set_up(session, person)
    with at(5):
        second_factor.check(session, KEY, person.id, old.now())
    with at(10):
        second_factor.confirm(session, KEY, person.actor, person, new.now())
        for void in (old.now(), old_codes[0]):
            with pytest.raises(WrongCode):
                second_factor.check(session, KEY, person.id, void)
        second_factor.check(session, KEY, person.id, codes[0])


def test_can_be_switched_off(session: Session, person: User) -> None:
    _, codes = switched_on(session, person)

    second_factor.switch_off(session, person.actor, person)

    assert not second_factor.is_on(session, person.id)
    assert second_factor.codes_left(session, person.id) == 0
    with pytest.raises(WrongCode):
        second_factor.check(session, KEY, person.id, codes[0])
    assert audited(session)[-1] == ("permission", "second_factor_off", person.id)


def test_is_reset_by_staff_who_may_edit_the_person_and_ends_the_sign_ins(session: Session) -> None:
    acme = SponsorFactory()
    employer = EmployerFactory(sponsor=acme)
    sponsor = StaffFactory(role=Role.SPONSOR, sponsor=acme)
    lost = StaffFactory(role=Role.EMPLOYER_ADMIN, employer=employer)
    switched_on(session, lost)
    sessions.begin(session, lost.id)

    second_factor.reset(session, sponsor.actor, lost.id)

    assert not second_factor.is_on(session, lost.id)
    assert session.scalars(select(UserSession.ended_why)).all() == ["second_factor"]
    assert audited(session)[-1] == ("permission", "second_factor_off", lost.id)


def test_is_reset_by_nobody_else(session: Session, person: User) -> None:
    acme, birch = SponsorFactory(), SponsorFactory()
    sponsor = StaffFactory(role=Role.SPONSOR, sponsor=acme)
    stranger = StaffFactory(role=Role.SPONSOR, sponsor=birch)
    admin = StaffFactory(role=Role.EMPLOYER_ADMIN, employer=EmployerFactory(sponsor=acme))
    for one in (person, sponsor):
        switched_on(session, one)

    for actor, target in ((stranger, sponsor), (sponsor, person), (sponsor, sponsor)):
        with pytest.raises(NotFound):
            second_factor.reset(session, actor.actor, target.id)
    with pytest.raises(NotPermitted):
        second_factor.reset(session, admin.actor, admin.id)

    assert second_factor.is_on(session, sponsor.id)
    assert second_factor.is_on(session, person.id)
