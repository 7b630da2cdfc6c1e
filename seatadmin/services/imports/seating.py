"""Who finds a seat: lines are refused from the end of the file until the others fit."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.lifecycle import Refusal
from seatadmin.models import Employer, Sponsor
from seatadmin.services.imports.findings import Move
from seatadmin.services.imports.organizations import Place
from seatadmin.services.scope import one_of
from seatadmin.services.seats import used_by_employer, used_by_sponsor

Limit = tuple[Refusal, int]
"""An organization's id, after the words for a line that its seat limit refuses."""


def without_seat(session: Session, moves: list[Move]) -> dict[int, Refusal]:
    """The lines that find no free seat, and whose limit is reached.

    Exact only while the sponsors of these seats are locked.
    """
    places = {place for move in moves for place in (move.frees, move.takes) if place}
    return refused_by(moves, _room(session, places))


def refused_by(moves: list[Move], room: Mapping[Limit, int]) -> dict[int, Refusal]:
    """The lines that do not fit into `room`, the free seats of all organizations with a limit.

    A refused move leaves its old seat taken as well, which may refuse another line.
    """
    left = dict(room)
    takers: dict[Limit, list[Move]] = defaultdict(list)
    for move in moves:
        for limit in _limits(move.frees, move.takes):
            if limit in left:
                left[limit] += 1
        for limit in _limits(move.takes, move.frees):
            if limit in left:
                left[limit] -= 1
                takers[limit].append(move)
    refused: dict[int, Refusal] = {}
    waiting = sorted(left, key=lambda limit: limit[0] is Refusal.NO_EMPLOYER_SEAT)
    while waiting:
        limit = waiting.pop()  # employers first: whom they refuse leaves seats of the sponsor
        while left[limit] < 0 and takers[limit]:
            last = takers[limit].pop()
            if last.line in refused:
                continue
            refused[last.line] = limit[0]
            for other in _limits(last.takes, last.frees):
                if other in left:
                    left[other] += 1
            for other in _limits(last.frees, last.takes):
                if other in left:
                    left[other] -= 1
                    waiting.append(other)
    return refused


def _limits(here: Place | None, there: Place | None) -> Iterator[Limit]:
    """Whose limits count a seat `here` that is not counted `there`."""
    if here:
        if there is None or here[0] != there[0]:
            yield Refusal.NO_SPONSOR_SEAT, here[0]
        if here != there:
            yield Refusal.NO_EMPLOYER_SEAT, here[1]


def _room(session: Session, places: set[Place]) -> dict[Limit, int]:
    sponsors = one_of(session, Sponsor.id, [sponsor for sponsor, _ in places])
    employers = one_of(session, Employer.id, [employer for _, employer in places])
    of_sponsors = select(Sponsor.id, Sponsor.seat_limit - used_by_sponsor()).where(
        sponsors, Sponsor.seat_limit.is_not(None)
    )
    of_employers = select(Employer.id, Employer.seat_limit - used_by_employer()).where(
        employers, Employer.seat_limit.is_not(None)
    )
    room: dict[Limit, Any] = {}
    room |= {(Refusal.NO_SPONSOR_SEAT, id): free for id, free in session.execute(of_sponsors)}
    room |= {(Refusal.NO_EMPLOYER_SEAT, id): free for id, free in session.execute(of_employers)}
    return room
