"""The second factor: codes from an app (TOTP), and recovery codes for when the app is lost.

Nothing that is kept in the database is enough to make a code: secrets and recovery codes are made
from a random salt and the program's key, and recovery codes are kept as digests.
"""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

import pyotp
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from seatadmin.access import RecoveryCode, SecondFactor, Why
from seatadmin.ledger import ChangeKind
from seatadmin.models import User
from seatadmin.permissions import Actor, Permission, require
from seatadmin.services import changes, sessions, users
from seatadmin.services.invalid import NotFound

ISSUER = "Seat Admin"
CODES = 10
STEP = 30
"""Seconds for which a code of the app is shown."""

DRIFT = 1
"""How many steps a clock may be off, either way."""


class WrongCode(ValueError):
    """A code that is wrong, or was used before."""

    def __init__(self) -> None:
        super().__init__("This code is wrong, or was used already. Wait for the next one.")


class NothingToSetUp(Exception):
    """There is no second factor that waits for its first code."""


def is_on(session: Session, user_id: int) -> bool:
    """Whether this person gives a code when signing in."""
    on = select(SecondFactor.user_id).where(
        SecondFactor.user_id == user_id, SecondFactor.salt.is_not(None)
    )
    return session.scalar(on) is not None


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes are not used yet."""
    left = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def start(session: Session, user_id: int) -> None:
    """Make a new secret, which counts from its first code on; until then an older one stays.

    The caller has asked for the password, and commits.
    """
    factor = _locked(session, user_id)
    if factor is None:
        factor = SecondFactor(user_id=user_id)
        session.add(factor)
    factor.new_salt = secrets.token_hex(20)
    session.flush()


def being_set_up(session: Session, key: str, user_id: int, name: str) -> tuple[str, str, list[str]]:
    """The secret, the address for an app, and the recovery codes of what `start` began.

    `name` is what the app calls the account. They are shown until the first code is given, and
    cannot be had afterwards. Raises `NothingToSetUp` when nothing is being set up.
    """
    salt = session.scalar(select(SecondFactor.new_salt).where(SecondFactor.user_id == user_id))
    if salt is None:
        raise NothingToSetUp
    secret = _secret(key, salt)
    address = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)
    return secret, address, _recovery_codes(key, salt)


def confirm(session: Session, key: str, actor: Actor, user: User, code: str) -> None:
    """Switch on what `start` began, with its first code; recovery codes of before are void.

    The caller commits. Raises `WrongCode`, `NothingToSetUp`.
    """
    factor = _locked(session, user.id)
    if factor is None or factor.new_salt is None:
        raise NothingToSetUp
    step = _step_of(_secret(key, factor.new_salt), code)
    if step is None or step <= factor.last_step:
        raise WrongCode
    codes = _recovery_codes(key, factor.new_salt)
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(
        insert(RecoveryCode), [{"user_id": user.id, "digest": _digest(code)} for code in codes]
    )
    factor.salt, factor.new_salt, factor.last_step = factor.new_salt, None, step
    _record(session, actor, "second_factor_on", user)


def check(session: Session, key: str, user_id: int, code: str) -> None:
    """Take a code of the app, or a recovery code, once. The caller commits. Raises `WrongCode`."""
    factor = _locked(session, user_id)
    if factor is None or factor.salt is None:
        raise WrongCode
    step = _step_of(_secret(key, factor.salt), code)
    if step is None:
        return _use_recovery_code(session, user_id, code)
    if step <= factor.last_step:
        raise WrongCode
    factor.last_step = step
    session.flush()


def switch_off(session: Session, actor: Actor, user: User) -> None:
    """The person needs no code any more. The caller has asked for the password, and commits."""
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    _record(session, actor, "second_factor_off", user)


def reset(session: Session, actor: Actor, id: int) -> User:
    """Switch off the second factor of somebody who lost it, and sign that person out everywhere.

    For staff whom the actor may edit, but not oneself: that is `switch_off`, before which the
    password is asked for. The caller commits. Raises `NotPermitted`, `NotFound`.
    """
    require(actor, Permission.STAFF_EDIT)
    if id == actor.id:
        raise NotFound
    user = users.locked(session, actor, id)
    switch_off(session, actor, user)
    sessions.end_all(session, user.id, Why.SECOND_FACTOR)
    return user


def _record(session: Session, actor: Actor, action: str, user: User) -> None:
    changes.record_about(session, actor, ChangeKind.PERMISSION, action, user)


def _locked(session: Session, user_id: int) -> SecondFactor | None:
    """The row, locked: of two requests with the same code the second one sees it used."""
    row = select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).one_or_none()


def _use_recovery_code(session: Session, user_id: int, typed: str) -> None:
    plain = "".join(character for character in typed.upper() if character.isalnum())
    mine = (RecoveryCode.user_id == user_id) & (RecoveryCode.digest == _digest(plain))
    used = update(RecoveryCode).where(mine, RecoveryCode.used_at.is_(None))
    result: Any = session.execute(used.values(used_at=func.now()))
    if result.rowcount != 1:
        raise WrongCode


def _step_of(secret: str, typed: str) -> int | None:
    """The time step whose code was typed; None when it is none of those that are due."""
    code, now = "".join(typed.split()).encode(), int(time.time()) // STEP
    app = pyotp.TOTP(secret, interval=STEP)
    due = {step: app.generate_otp(step).encode() for step in range(now - DRIFT, now + DRIFT + 1)}
    return next((step for step, right in due.items() if hmac.compare_digest(right, code)), None)


def _secret(key: str, salt: str) -> str:
    return base64.b32encode(_made(key, salt, "secret")[:20]).decode()


def _recovery_codes(key: str, salt: str) -> list[str]:
    return [
        base64.b32encode(_made(key, salt, f"recovery {number}")[:10]).decode()
        for number in range(CODES)
    ]


def _made(key: str, salt: str, use: str) -> bytes:
    return hmac.digest(key.encode(), f"second factor {salt} {use}".encode(), "sha256")


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
