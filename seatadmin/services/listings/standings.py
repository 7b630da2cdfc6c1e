"""Participants by program and account status together, in the shortest condition.

The cascade leaves few pairs of the two. Filters on either are sets of these pairs: what excludes
each other is seen before the database is asked, and what follows is said to it, so that one index
finds the rows in the order of their names.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from seatadmin.lifecycle import ACCOUNT_FOLLOWS, AccountStatus, Kind, ProgramStatus
from seatadmin.models import User
from seatadmin.services.listings.clauses import written
from seatadmin.services.listings.engine import Standings

EVERY: Standings = frozenset(
    (program, account)
    for program in ProgramStatus
    for account in AccountStatus
    if ACCOUNT_FOLLOWS.get(program, account) is account
)
"""The pairs that a participant can have. The database refuses any other."""


def standings(
    programs: Collection[ProgramStatus] = tuple(ProgramStatus),
    accounts: Collection[AccountStatus] = tuple(AccountStatus),
) -> Standings:
    """The pairs with one of these programs and one of these accounts."""
    return frozenset(pair for pair in EVERY if pair[0] in programs and pair[1] in accounts)


def condition(found: Standings | None, narrowed: bool = False) -> ColumnElement[bool]:
    """The participants of these pairs (of any, for None), `narrowed` by something else or not.

    Only a participant has a program status: an index that holds it tells them from staff. It is
    asked where few rows are left; where many are, the rows that come are read anyway.
    """
    if found is None:
        return _is_participant(narrowed)
    if not found:
        return false()
    programs, accounts = {pair[0] for pair in found}, {pair[1] for pair in found}
    if found == standings(programs, accounts):
        by_program = _among(User.program_status, programs, ProgramStatus)
        return and_(
            *(by_program or [_is_participant(narrowed)]),
            *_among(User.account_status, accounts, AccountStatus),
        )
    return or_(*(condition(frozenset({pair})) for pair in sorted(found)))


def _is_participant(narrowed: bool) -> ColumnElement[bool]:
    return User.program_status.is_not(None) if narrowed else written(User.kind, Kind.PARTICIPANT)


def _among(column: Any, wanted: Collection[Any], every: Iterable[Any]) -> list[ColumnElement[bool]]:
    """One of some values; nothing when it may be any."""
    if set(wanted) == set(every):
        return []
    return [or_(*(written(column, value) for value in sorted(wanted)))]
