"""Seats in a roster …"""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seatadmin.lifecycle import Refusal
from seatadmin.models import Employer
from seatadmin.services.imports.findings import Move
from seatadmin.services.imports.seating import refused_by
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.acting import active_participants
from tests.services.imports.rosters import Row, counts, imported, whys

EMPLOYER, SPONSOR = Refusal.NO_EMPLOYER_SEAT, Refusal.NO_SPONSOR_SEAT


def new(number: str, employer: Employer, **cells: str) -> Row:
    """A line for somebody new."""
    return {
        "apprentice_number": number,
        "first_name": "Ann",
        "last_name": "Lee",
        "sponsor": employer.sponsor.name,
        "employer": employer.name,
        **cells,
    }


def test_go_to_the_first_lines_of_the_file(session: Any) -> None:
    sponsor = SponsorFactory(seat_limit=3)
    tight = EmployerFactory(sponsor=sponsor, seat_limit=1)
    roomy = EmployerFactory(sponsor=sponsor)
    ParticipantFactory(employer=roomy)

    rows = [new(f"N{i}", employer) for i, employer in enumerate((tight, tight, roomy, roomy))]
    answer = imported(session, *rows, skip_refused=True)

    assert whys(answer) == {3: EMPLOYER, 5: SPONSOR}
    assert (answer.new, answer.seats_freed) == (2, -2)
    assert active_participants(session) == 3


def test_are_not_taken_by_those_whose_program_ended(session: Any) -> None:
    full = EmployerFactory(seat_limit=0)

    answer = imported(session, new("N1", full, program_status="completed"))

    assert (counts(answer), answer.seats_freed) == ((1, 0, 0, 0), 0)


def test_that_this_file_frees_are_taken_by_it(session: Any) -> None:
    employer = EmployerFactory(seat_limit=1)
    ParticipantFactory(employer=employer, apprentice_number="OLD")
    ending = {"apprentice_number": "OLD", "program_status": "completed"}

    answer = imported(session, new("N1", employer), ending, new("N2", employer), skip_refused=True)

    assert whys(answer) == {4: EMPLOYER}
    assert (counts(answer), answer.seats_freed) == ((1, 1, 0, 1), 0)
    assert active_participants(session) == 1


def test_are_needed_to_reinstate(session: Any) -> None:
    employer = EmployerFactory(sponsor=SponsorFactory(seat_limit=1))
    for number in ("N1", "N2"):
        ParticipantFactory(employer=employer, apprentice_number=number, suspended=True)

    answer = imported(
        session,
        {"apprentice_number": "N1", "program_status": "active"},
        {"apprentice_number": "N2", "program_status": "active"},
    )

    assert whys(answer) == {3: SPONSOR}
    assert answer.change_id is None


def test_move_with_whoever_moves(session: Any) -> None:
    sponsor = SponsorFactory(seat_limit=2)
    one = EmployerFactory(sponsor=sponsor, seat_limit=1)
    other = EmployerFactory(sponsor=sponsor, seat_limit=1)
    ParticipantFactory(employer=one, apprentice_number="N1")
    ParticipantFactory(employer=other, apprentice_number="N2")
    swap = [
        {"apprentice_number": "N1", "employer": other.name},
        {"apprentice_number": "N2", "employer": one.name},
    ]

    alone = imported(session, swap[0])
    both = imported(session, *swap)

    assert whys(alone) == {2: EMPLOYER}
    assert (counts(both), both.seats_freed) == ((0, 2, 0, 0), 0)


def test_stay_taken_by_whoever_cannot_move(session: Any) -> None:
    sponsor = SponsorFactory()
    full = EmployerFactory(sponsor=sponsor, seat_limit=0)
    left = EmployerFactory(sponsor=sponsor, seat_limit=1)
    ParticipantFactory(employer=left, apprentice_number="N1")

    answer = imported(
        session,
        new("N2", left),
        {"apprentice_number": "N1", "employer": full.name},
        skip_refused=True,
    )

    assert whys(answer) == {2: EMPLOYER, 3: EMPLOYER}
    assert answer.change_id is None


def test_above_a_lowered_limit_stay_with_who_has_them(session: Any) -> None:
    employer = EmployerFactory(seat_limit=1)
    for number in ("N1", "N2", "N3"):
        ParticipantFactory(employer=employer, apprentice_number=number)

    answer = imported(
        session,
        {"apprentice_number": "N1", "occupation": "Roofer"},
        {"apprentice_number": "N2", "program_status": "suspended"},
        new("N4", employer),
        skip_refused=True,
    )

    assert whys(answer) == {4: EMPLOYER}
    assert (counts(answer), answer.seats_freed) == ((0, 2, 0, 1), 1)


places = st.none() | st.tuples(st.integers(1, 2), st.integers(1, 3)).map(
    lambda pair: (pair[0], pair[0] * 10 + pair[1])
)
pairs = st.tuples(places, places).filter(lambda pair: pair[0] != pair[1])
rooms = st.dictionaries(
    st.sampled_from(
        [(SPONSOR, 1), (SPONSOR, 2), *((EMPLOYER, s * 10 + e) for s in (1, 2) for e in (1, 2, 3))]
    ),
    st.integers(-2, 3),
)


@given(st.lists(pairs, max_size=12), rooms)
def test_are_never_given_beyond_a_limit(
    seats: list[tuple[Any, Any]], room: dict[tuple[Refusal, int], int]
) -> None:
    moves = [Move(line, *pair) for line, pair in enumerate(seats)]

    refused = refused_by(moves, room)

    left: Counter[tuple[Refusal, int]] = Counter(room)
    gaining: Counter[tuple[Refusal, int]] = Counter()
    for move in moves:
        if move.line in refused:
            assert move.takes is not None
            continue
        here, there = move.takes, move.frees
        for sign, place in ((-1, here), (1, there)):
            for key in ((SPONSOR, place[0]), (EMPLOYER, place[1])) if place else ():
                left[key] += sign
                gaining[key] -= sign
    for key, free in room.items():
        assert left[key] >= 0 or gaining[key] <= 0, (key, free)
