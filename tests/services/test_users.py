"""A member of staff …"""

from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.access import UserSession, Why
from seatadmin.lifecycle import AccountStatus
from seatadmin.models import User
from seatadmin.permissions import SYSTEM, Actor, NotPermitted, Role
from seatadmin.services import passwords, sessions, users
from seatadmin.services.invalid import Invalid, NotFound, StaleVersion
from seatadmin.services.regulators import LastRegulator
from tests.factories import (
    PASSWORD,
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)
from tests.services.acting import audit, changes_of, items_of, personal_of, scopes_of

# who may create and edit whom, typed by hand as the customer ordered it
ORDERED = {
    ("regulator", "regulator"): "yes",
    ("regulator", "sponsor"): "yes",
    ("regulator", "employer_admin"): "yes",
    ("sponsor", "regulator"): "no",
    ("sponsor", "sponsor"): "own",
    ("sponsor", "employer_admin"): "own",
    ("employer_admin", "regulator"): "never",
    ("employer_admin", "sponsor"): "never",
    ("employer_admin", "employer_admin"): "never",
}
places = pytest.mark.parametrize("place", ["own", "foreign"])
pairs = pytest.mark.parametrize(("role", "target"), ORDERED)


@pytest.fixture
def organizations(session: Any) -> dict[str, Any]:
    regulator()
    return {"own": EmployerFactory(), "foreign": EmployerFactory()}


def actor_of(role: str, organizations: dict[str, Any]) -> Actor:
    own = organizations["own"]
    make = {
        "regulator": regulator,
        "sponsor": lambda: sponsor_staff(own.sponsor),
        "employer_admin": lambda: employer_admin(own),
    }
    return make[role]().actor


def position(target: str, employer: Any) -> dict[str, Any]:
    """Role and organization, as a form gives them."""
    sponsor_id, employer_id = employer.sponsor_id, employer.id
    return {
        "role": Role(target),
        "sponsor_id": None if target == "regulator" else sponsor_id,
        "employer_id": employer_id if target == "employer_admin" else None,
    }


def create(session: Any, actor: Actor, **given: Any) -> User:
    named = {"first_name": "Robin", "last_name": "Hill", "email": "robin@example.org"}
    return users.create_staff(session, actor, **{**named, **given})


def edit(session: Any, actor: Actor, user: User, **given: Any) -> User:
    return users.edit_staff(session, actor, user.id, user.version, given)


@pairs
@places
def test_is_created_by_whoever_may(
    session: Any, organizations: dict[str, Any], role: str, target: str, place: str
) -> None:
    actor = actor_of(role, organizations)
    wanted = position(target, organizations[place])
    recorded = audit(session)

    if (ORDERED[role, target], place) in {("yes", "own"), ("yes", "foreign"), ("own", "own")}:
        user = create(session, actor, **wanted)

        session.refresh(user)
        assert {key: getattr(user, key) for key in wanted} == wanted
        assert user.is_active
        assert user.password_hash is None
        (change,) = changes_of(session)
        assert (change.kind, change.actor_id, change.subject) == ("create", actor.id, "user")
        assert items_of(session, change.id)[user.id].fields["role"] == [None, target]
        assert scopes_of(session, change.id) == {(user.sponsor_id, user.employer_id, 1, user.id)}
        return
    refusal = NotPermitted if ORDERED[role, target] == "never" else Invalid
    with pytest.raises(refusal):
        create(session, actor, **wanted)
    assert audit(session) == recorded


@pairs
@places
def test_is_edited_by_whoever_may(
    session: Any, organizations: dict[str, Any], role: str, target: str, place: str
) -> None:
    employer = organizations[place]
    user = {
        "regulator": regulator,
        "sponsor": lambda: sponsor_staff(employer.sponsor),
        "employer_admin": lambda: employer_admin(employer),
    }[target]()
    actor = actor_of(role, organizations)

    if (ORDERED[role, target], place) in {("yes", "own"), ("yes", "foreign"), ("own", "own")}:
        edit(session, actor, user, first_name="Kim")

        assert user.first_name == "Kim"
        (change,) = changes_of(session)
        assert change.kind == "edit"
        assert personal_of(session, change.id) == {(user.id, "first_name", "Robin", "Kim")}
        return
    with pytest.raises(NotPermitted if ORDERED[role, target] == "never" else NotFound):
        edit(session, actor, user, first_name="Kim")
    assert user.first_name == "Robin"
    assert audit(session)["change"] == 0


def test_belongs_where_the_role_says_whatever_else_is_given(session: Any) -> None:
    employer = EmployerFactory()
    everything = {"sponsor_id": employer.sponsor_id, "employer_id": employer.id}

    made = {
        role: create(session, SYSTEM, email=f"{role}@example.org", role=role, **everything)
        for role in Role
    }

    assert {role: (user.sponsor_id, user.employer_id) for role, user in made.items()} == {
        "regulator": (None, None),
        "sponsor": (employer.sponsor_id, None),
        "employer_admin": (employer.sponsor_id, employer.id),
    }


@pytest.mark.parametrize(
    ("role", "given", "wrong"),
    [
        (Role.SPONSOR, {}, "sponsor"),
        (Role.SPONSOR, {"sponsor_id": 999_999}, "sponsor"),
        (Role.EMPLOYER_ADMIN, {}, "employer"),
        (Role.EMPLOYER_ADMIN, {"employer_id": 999_999}, "employer"),
        (Role.REGULATOR, {"email": None}, "email"),
        (Role.REGULATOR, {"email": "ROBIN@example.org"}, "email"),
    ],
)
def test_is_not_created_from_wrong_values(session: Any, role: Role, given: Any, wrong: str) -> None:
    ParticipantFactory(email="robin@example.org")

    with pytest.raises(Invalid) as caught:
        create(session, SYSTEM, **{"email": "new@example.org", "role": role, **given})

    assert set(caught.value.errors) == {wrong}
    assert audit(session)["change"] == 0


def test_is_not_put_with_the_employer_of_another_sponsor(session: Any) -> None:
    employer, sponsor = EmployerFactory(), SponsorFactory()

    with pytest.raises(Invalid, match="another sponsor"):
        create(
            session,
            SYSTEM,
            role=Role.EMPLOYER_ADMIN,
            sponsor_id=sponsor.id,
            employer_id=employer.id,
        )


def test_is_given_another_role_as_a_change_of_permission(session: Any) -> None:
    actor, employer = regulator(), EmployerFactory()
    user = employer_admin(employer)

    edit(session, actor.actor, user, **position("sponsor", employer))

    session.refresh(user)
    assert (user.role, user.sponsor_id, user.employer_id) == ("sponsor", employer.sponsor_id, None)
    (change,) = changes_of(session)
    assert change.kind == "permission"
    assert items_of(session, change.id)[user.id].fields == {
        "role": ["employer_admin", "sponsor"],
        "employer_id": [employer.id, None],
    }
    assert (employer.sponsor_id, employer.id, 0, None) in scopes_of(session, change.id)


@pytest.mark.parametrize("target", ["sponsor", "employer_admin"])
def test_never_changes_the_own_role(session: Any, target: str) -> None:
    regulator()
    employer = EmployerFactory()
    me = regulator() if target == "sponsor" else sponsor_staff(employer.sponsor)

    with pytest.raises(Invalid) as caught:
        edit(session, me.actor, me, **position(target, employer))

    assert caught.value.errors == {"role": "Nobody changes their own role."}
    session.rollback()


def test_changes_the_own_name(session: Any) -> None:
    me = regulator()

    edit(session, me.actor, me, first_name="Kim")

    assert me.first_name == "Kim"


def test_is_not_demoted_as_the_last_active_regulator(session: Any) -> None:
    last, employer = regulator(), EmployerFactory()
    regulator(account_status=AccountStatus.DEACTIVATED)
    session.commit()

    with pytest.raises(LastRegulator):
        edit(session, SYSTEM, last, **position("sponsor", employer))

    session.rollback()
    session.refresh(last)
    assert last.role is Role.REGULATOR
    assert audit(session)["change"] == 0


def test_changed_by_somebody_else_is_not_overwritten(session: Any) -> None:
    user = regulator()
    edit(session, SYSTEM, user, first_name="Kim")

    with pytest.raises(StaleVersion) as caught:
        users.edit_staff(session, SYSTEM, user.id, 1, {"first_name": "Lou"})

    assert caught.value.current is user
    assert user.first_name == "Kim"


def test_is_not_a_participant(session: Any) -> None:
    regulator()
    participant = ParticipantFactory()

    with pytest.raises(NotFound):
        edit(session, SYSTEM, participant, first_name="Kim")


def test_is_given_a_password_that_the_audit_does_not_hold(session: Any) -> None:
    user = create(session, SYSTEM, role=Role.REGULATOR, password=PASSWORD)

    (change,) = changes_of(session)
    assert passwords.verify(user.password_hash, PASSWORD)
    assert items_of(session, change.id)[user.id].fields["password_hash"] == [None, "changed"]

    users.set_password(session, SYSTEM, user, "another four barrels of salt")
    session.flush()
    assert passwords.verify(user.password_hash, "another four barrels of salt")
    second = changes_of(session)[1]
    assert (second.kind, second.action) == ("permission", "set_password")
    assert items_of(session, second.id)[user.id].fields == {"password_hash": [None, "changed"]}


def test_is_not_given_a_weak_password(session: Any) -> None:
    with pytest.raises(passwords.WeakPassword):
        create(session, SYSTEM, role=Role.REGULATOR, password="short")


def test_is_not_given_a_password_made_of_the_own_name(session: Any) -> None:
    sponsor = SponsorFactory(name="Harborside Carpentry")
    named = {"role": Role.SPONSOR, "sponsor_id": sponsor.id}

    for password in ("Robin Hill Robin!", "robin@example.org", "harborside-carpentry"):
        with pytest.raises(passwords.WeakPassword, match="easy to guess"):
            create(session, SYSTEM, **named, password=password)


def test_changes_the_own_password_with_the_present_one(session: Any) -> None:
    user = regulator(signs_in=True)
    for _ in range(3):
        sessions.begin(session, user.id)
    begun = session.scalars(select(UserSession).order_by(UserSession.id)).all()

    with pytest.raises(Invalid) as refused:
        users.change_password(session, user.actor, "not it, not it, not it", PASSWORD)
    assert list(refused.value.errors) == ["present"]
    with pytest.raises(passwords.WeakPassword):
        users.change_password(session, user.actor, PASSWORD, "short")
    assert changes_of(session) == []

    users.change_password(
        session, user.actor, PASSWORD, "another four barrels of salt", keep=begun[0].id
    )

    session.refresh(user)
    assert passwords.verify(user.password_hash, "another four barrels of salt")
    for one in begun:
        session.refresh(one)
    assert [one.ended_why for one in begun] == [None, Why.PASSWORD, Why.PASSWORD]
    (change,) = changes_of(session)
    assert (change.kind, change.actor_id) == ("permission", user.id)
    assert items_of(session, change.id)[user.id].fields == {"password_hash": [None, "changed"]}
