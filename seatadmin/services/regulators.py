"""The last active regulator stays, also when two people act at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from seatadmin.lifecycle import AccountStatus
from seatadmin.models import User
from seatadmin.permissions import Role


class LastRegulator(Exception):
    """Without this person nobody could administer everything."""

    def __init__(self) -> None:
        super().__init__("The last active regulator cannot be deactivated or given another role.")


@contextmanager
def one_stays(session: Session, when: bool = True) -> Iterator[None]:
    """Hold all active regulators while a block may take one away.

    Raises `LastRegulator` when none is left after it. Does nothing unless `when`, nor where there
    was none before.
    """
    locked = _active(User.id).order_by(User.id).with_for_update(key_share=True)
    held = when and session.execute(locked).all()
    yield
    if held:
        session.flush()
        if not session.scalar(_active(func.count())):
            raise LastRegulator


def _active(what: object) -> Select[tuple[int]]:
    return select(what).where(  # type: ignore[call-overload, no-any-return]
        User.role == Role.REGULATOR, User.account_status == AccountStatus.ACTIVE
    )
