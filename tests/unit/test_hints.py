"""Hints before an act …"""

from datetime import date

import pytest

from seatadmin.hints import Facts, hints, why_seat
from seatadmin.lifecycle import ACTS, AccountStatus, ProgramStatus
from seatadmin.permissions import Reach

DAY = date(2026, 3, 1)
LAST = "No active participant would be left of Acme: a program needs at least one."
PROBATION = "2 of them are within 90 days"
OWN = "Your sponsor must tell the registration agency about it within 45 days"
OTHER = "The sponsor must tell the registration agency about it within 45 days: by Apr 15, 2026."
ALONE = "Not recommended for a participant"

ORDERED = [
    ("cancel", Reach.SPONSOR, [LAST, PROBATION, OTHER]),
    ("cancel", Reach.ALL, [LAST, PROBATION, OTHER]),
    ("cancel", Reach.EMPLOYER, [LAST, PROBATION, OWN]),
    ("suspend", Reach.SPONSOR, [LAST, OTHER]),
    ("complete", Reach.EMPLOYER, [LAST, OWN]),
    ("deactivate", Reach.SPONSOR, [ALONE, LAST]),
    ("reinstate", Reach.SPONSOR, []),
    ("reactivate", Reach.ALL, []),
]


@pytest.mark.parametrize(("act", "reach", "expected"), ORDERED)
def test_are_given_where_they_apply(act: str, reach: Reach, expected: list[str]) -> None:
    emptied = () if ACTS[act].takes_seat else ("Acme",)
    facts = Facts(reach, DAY, changed=5, participants=5, in_probation=2, emptied=emptied)

    given = [words for words, _ in hints(ACTS[act], facts)]

    assert len(given) == len(expected)
    assert all(words.startswith(start) for words, start in zip(given, expected, strict=True))


def test_are_not_given_where_nothing_changes() -> None:
    assert list(hints(ACTS["cancel"], Facts(Reach.ALL, DAY))) == []


def test_are_of_participants_alone() -> None:
    assert list(hints(ACTS["deactivate"], Facts(Reach.ALL, DAY, changed=2))) == []


def test_name_some_sponsors_and_count_the_rest() -> None:
    facts = Facts(Reach.ALL, DAY, emptied=["A", "B", "C", "D", "E"])

    assert "left of A, B, C and 2 more:" in next(hints(ACTS["suspend"], facts))[0]


def test_follow_the_settings() -> None:
    facts = Facts(Reach.ALL, DAY, 1, 1, report_days=10, probation_days=30)
    given = [words for words, _ in hints(ACTS["cancel"], facts)]

    assert given[0].startswith("It is within 30 days of the registration")
    assert given[1].endswith("within 10 days: by Mar 11, 2026.")


def test_tell_why_there_is_a_seat_or_none() -> None:
    active, off = AccountStatus.ACTIVE, AccountStatus.DEACTIVATED
    assert why_seat(ProgramStatus.ACTIVE, active) == "the account is active"
    assert why_seat(ProgramStatus.CANCELLED, off) == "the program is cancelled"
    assert "though the program is active" in why_seat(ProgramStatus.ACTIVE, off)
