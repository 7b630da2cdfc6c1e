"""A program and an account …

The tables are typed by hand: they are what the customer ordered.
"""

from datetime import date

import pytest

from seatadmin.lifecycle import (
    ACCOUNT_ACTIONS,
    ACCOUNT_FOLLOWS,
    ACTS,
    NO_SEAT,
    TRANSITION_TO,
    TRANSITIONS,
    AccountStatus,
    ProgramStatus,
    Refusal,
    TransitionRefused,
    WrongDate,
    effects,
    is_out_of_step,
    is_plan,
)

# name, from, only as a correction from, to, account becomes, carries a reason, permission
ORDERED = [
    ("cancel", "active suspended", "", "cancelled", "deactivated", True, "program:end"),
    ("suspend", "active", "", "suspended", "deactivated", False, "program:end"),
    ("complete", "active suspended", "", "completed", "deactivated", False, "program:end"),
    ("reinstate", "suspended", "completed cancelled", "active", "active", False, "seats:take"),
]
# name, account becomes, permission
ORDERED_FOR_ACCOUNTS = [
    ("deactivate", "deactivated", "participant:deactivate"),
    ("reactivate", "active", "seats:take"),
]
DAY = date(2026, 3, 14)


@pytest.mark.parametrize(
    ("name", "sources", "corrects", "target", "account", "reason", "permission"), ORDERED
)
def test_moves_from_and_to_what_was_ordered(
    name: str,
    sources: str,
    corrects: str,
    target: str,
    account: str,
    reason: bool,
    permission: str,
) -> None:
    act = TRANSITIONS[name]

    assert act.name == name
    assert act.sources == set(sources.split())
    assert act.corrects == set(corrects.split())
    assert (act.target, act.account) == (target, account)
    assert act.carries_reason is reason
    assert act.permission == permission


@pytest.mark.parametrize(("name", "account", "permission"), ORDERED_FOR_ACCOUNTS)
def test_is_deactivated_and_reactivated_alone(name: str, account: str, permission: str) -> None:
    act = ACCOUNT_ACTIONS[name]

    assert (act.name, act.account, act.permission) == (name, account, permission)


def test_takes_a_seat_by_two_acts_only() -> None:
    assert {act.name for act in ACTS.values() if act.takes_seat} == {"reinstate", "reactivate"}


def test_offers_its_acts_in_the_ordered_order() -> None:
    in_order = ["cancel", "suspend", "complete", "reinstate", "deactivate", "reactivate"]

    assert list(ACTS) == in_order
    assert list(TRANSITIONS) == in_order[:4]
    assert list(ACCOUNT_ACTIONS) == in_order[4:]


def test_warns_before_the_account_alone_is_deactivated_and_nowhere_else() -> None:
    assert [act.name for act in ACTS.values() if act.not_recommended] == ["deactivate"]
    assert ACTS["deactivate"].not_recommended.startswith("Not recommended")


def test_reaches_every_program_status_by_one_transition() -> None:
    assert {status: act.name for status, act in TRANSITION_TO.items()} == {
        "active": "reinstate",
        "suspended": "suspend",
        "completed": "complete",
        "cancelled": "cancel",
    }


def test_deactivates_the_account_by_every_end_and_activates_it_by_none() -> None:
    assert ACCOUNT_FOLLOWS == {
        "suspended": "deactivated",
        "completed": "deactivated",
        "cancelled": "deactivated",
    }
    for status, account in ACCOUNT_FOLLOWS.items():
        assert TRANSITION_TO[status].account is account


@pytest.mark.parametrize(
    ("name", "program", "account", "reason"),
    [
        ("cancel", "cancelled", "deactivated", "health"),
        ("suspend", "suspended", "deactivated", None),
        ("complete", "completed", "deactivated", None),
        ("reinstate", "active", "active", None),
    ],
)
def test_gets_all_its_columns_from_a_transition(
    name: str, program: str, account: str, reason: str | None
) -> None:
    assert effects(ACTS[name], DAY, "health", "as told") == {
        "program_status": program,
        "account_status": account,
        "status_date": DAY,
        "cancellation_reason": reason,
        "status_note": "as told",
        "reported_on": None,
        "plan_id": None,
    }


def test_loses_the_old_reason_and_note_where_none_are_given() -> None:
    columns = effects(ACTS["cancel"], DAY)

    assert columns["cancellation_reason"] is None
    assert columns["status_note"] is None


@pytest.mark.parametrize(
    ("name", "account"), [("deactivate", "deactivated"), ("reactivate", "active")]
)
def test_keeps_its_program_columns_under_an_act_on_the_account(name: str, account: str) -> None:
    assert effects(ACTS[name], DAY, "health", "as told") == {"account_status": account}


@pytest.mark.parametrize("name", TRANSITIONS)
def test_is_planned_for_a_day_to_come_within_a_year(name: str) -> None:
    act = ACTS[name]

    assert [is_plan(act, given, DAY) for given in (None, DAY, date(2020, 2, 29))] == [False] * 3
    assert is_plan(act, date(2026, 3, 15), DAY)
    assert is_plan(act, date(2027, 3, 15), DAY)
    with pytest.raises(WrongDate, match="2027-03-16 lies more than a year ahead"):
        is_plan(act, date(2027, 3, 16), DAY)


@pytest.mark.parametrize("name", ACCOUNT_ACTIONS)
def test_has_an_account_that_is_changed_at_once_or_not(name: str) -> None:
    assert not is_plan(ACTS[name], DAY, DAY)
    with pytest.raises(WrongDate, match="at once"):
        is_plan(ACTS[name], date(2026, 3, 15), DAY)


@pytest.mark.parametrize("program", [None, *ProgramStatus])
@pytest.mark.parametrize("account", list(AccountStatus))
def test_is_out_of_step_only_when_active_without_an_account(
    program: ProgramStatus | None, account: AccountStatus
) -> None:
    expected = (program, account) == ("active", "deactivated")

    assert is_out_of_step(program, account) is expected


def test_refuses_in_words_that_differ_and_end() -> None:
    words = [refusal.value for refusal in Refusal]

    assert len(set(words)) == len(words) == len(Refusal.__members__)
    assert all(text.endswith(".") for text in words)
    assert {refusal.name for refusal in NO_SEAT} == {"NO_SPONSOR_SEAT", "NO_EMPLOYER_SEAT"}


def test_says_who_was_refused_from_where_to_where_and_why() -> None:
    refused = TransitionRefused(7, "completed", "suspend", Refusal.ENDED)

    assert (refused.subject, refused.source, refused.target) == (7, "completed", "suspend")
    assert str(refused) == refused.why == "The program has already ended; reinstate it first."


def test_has_labels_that_people_read() -> None:
    assert [status.label for status in ProgramStatus] == [
        "Active",
        "Suspended",
        "Completed",
        "Cancelled",
    ]
    assert [status.label for status in AccountStatus] == ["Active", "Deactivated"]
