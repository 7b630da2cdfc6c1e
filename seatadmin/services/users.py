"""Staff: create and edit them, within the roles that each role may give."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.access import Why
from seatadmin.ledger import ChangeKind
from seatadmin.lifecycle import Kind
from seatadmin.models import Employer, Sponsor, User
from seatadmin.permissions import MANAGES, REACH, Actor, Permission, Reach, Role, require
from seatadmin.services import changes, passwords, scope, sessions
from seatadmin.services.invalid import (
    NotFound,
    StaleVersion,
    check_unique_keys,
    checked,
    unique_keys_race,
)
from seatadmin.services.regulators import one_stays
from seatadmin.services.scope import visible

POSITION = ("role", "sponsor_id", "employer_id")
"""What decides which rows somebody sees: a change of it is a change of permission."""


def create_staff(
    session: Session,
    actor: Actor,
    *,
    first_name: str,
    last_name: str,
    email: str,
    role: Role,
    sponsor_id: int | None = None,
    employer_id: int | None = None,
    password: str | None = None,
) -> User:
    """A new member of staff, with its audit. The caller commits.

    Without a password nobody can sign in as this person yet. Raises `NotPermitted`, `Invalid`,
    `WeakPassword`.
    """
    require(actor, Permission.STAFF_EDIT)
    user = User(first_name=first_name, last_name=last_name, email=email)
    _place(session, actor, user, role, sponsor_id, employer_id)
    _check_email(session, actor, user)
    if password is not None:
        user.password_hash = passwords.hash_password(password, _about(session, user))
    session.add(user)
    with unique_keys_race():
        changes.record_one(session, actor, ChangeKind.CREATE, "create", user, {})
    return user


def edit_staff(
    session: Session, actor: Actor, id: int, version: int, values: Mapping[str, Any]
) -> User:
    """Save what a form holds; fields left out stay. The caller commits.

    Raises `NotPermitted`, `NotFound`, `StaleVersion`, `Invalid`, `LastRegulator`.
    """
    require(actor, Permission.STAFF_EDIT)
    with one_stays(session):
        user = locked(session, actor, id)
        if user.version != version:
            raise StaleVersion(user)
        before = changes.snapshot(user)
        for key in ("first_name", "last_name", "email"):
            setattr(user, key, values.get(key, getattr(user, key)))
        _place(session, actor, user, *(values.get(key, before[key]) for key in POSITION))
        _check_email(session, actor, user)
        moved = any(getattr(user, key) != before[key] for key in POSITION)
        kind = ChangeKind.PERMISSION if moved else ChangeKind.EDIT
        with unique_keys_race():
            changes.record_one(session, actor, kind, "edit", user, before)
    return user


def set_password(
    session: Session, actor: Actor, user: User, password: str, keep: int | None = None
) -> None:
    """Give `user` a password, and end every sign-in but the one with the id `keep`.

    The caller commits. Raises `WeakPassword`.
    """
    before = changes.snapshot(user)
    user.password_hash = passwords.hash_password(password, _about(session, user))
    sessions.end_all(session, user.id, Why.PASSWORD, keep)
    changes.record_one(session, actor, ChangeKind.PERMISSION, "set_password", user, before)


def change_password(
    session: Session, actor: Actor, present: str, password: str, keep: int | None = None
) -> None:
    """Give the actor's own account another password. The caller commits.

    Raises `Invalid` when `present` is not the present one, and `WeakPassword`.
    """
    user = session.get(User, actor.id, with_for_update={"key_share": True})
    if user is None:
        raise NotFound
    with checked() as errors:
        if not passwords.verify(user.password_hash, present):
            errors["present"] = "This is not your present password."
    set_password(session, actor, user, password, keep)


def locked(session: Session, actor: Actor, id: int) -> User:
    """A member of staff whom the actor may edit: in scope, and of a role that the actor gives."""
    rows = select(User).where(User.id == id, User.kind == Kind.STAFF, visible(actor, User))
    rows = rows.where(User.role.in_(MANAGES[actor.role]))
    rows = rows.with_for_update(key_share=True).execution_options(populate_existing=True)
    user: User | None = session.scalars(rows).one_or_none()
    if user is None:
        raise NotFound
    return user


def _place(
    session: Session,
    actor: Actor,
    user: User,
    role: Role,
    sponsor_id: int | None,
    employer_id: int | None,
) -> None:
    """Set role and organization, which belong together, as far as the actor reaches."""
    with checked() as errors, session.no_autoflush:
        if role not in MANAGES[actor.role]:
            errors["role"] = "Your role cannot give this role."
        elif user.id and user.id == actor.id and role is not user.role:
            errors["role"] = "Nobody changes their own role."
        reach = REACH[role]
        employer = scope.get(session, actor, Employer, employer_id)
        if reach is Reach.EMPLOYER and employer is None:
            errors["employer"] = "Choose one of your employers."
        elif reach is Reach.EMPLOYER and sponsor_id not in (None, employer.sponsor_id):
            errors["employer"] = "This employer belongs to another sponsor."
        sponsor = scope.get(session, actor, Sponsor, sponsor_id)
        if reach is Reach.SPONSOR and sponsor is None:
            errors["sponsor"] = "Choose a sponsor."
        if errors:
            return
        user.role = role
        user.sponsor_id = {
            Reach.ALL: None,
            Reach.SPONSOR: sponsor and sponsor.id,
            Reach.EMPLOYER: employer and employer.sponsor_id,
        }[reach]
        user.employer_id = employer.id if reach is Reach.EMPLOYER else None


def _about(session: Session, user: User) -> list[str]:
    """The words that others know of a person."""
    with session.no_autoflush:
        sponsor = session.get(Sponsor, user.sponsor_id) if user.sponsor_id else None
        employer = session.get(Employer, user.employer_id) if user.employer_id else None
    organizations = [place.name for place in (sponsor, employer) if place]
    return [user.first_name, user.last_name, user.email or "", *organizations]


def _check_email(session: Session, actor: Actor, user: User) -> None:
    with session.no_autoflush, checked() as errors:
        if not user.email:
            errors["email"] = "Give an e-mail address: staff sign in with it."
        errors |= check_unique_keys(session, actor, user.email, None, user.id)
