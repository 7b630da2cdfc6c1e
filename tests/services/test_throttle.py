"""Guessing …"""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.access import Attempts
from seatadmin.extensions import begin_write, db
from seatadmin.services import throttle
from seatadmin.services.throttle import ACCOUNT, ACCOUNT_HERE, ADDRESS, DEVICE, Limit

HERE, THERE = "192.0.2.7", "198.51.100.9"


def tries(
    session: Session, times: int, account: str = "ada", address: str = HERE, device: str = ""
) -> list[int]:
    """The seconds to wait, of so many wrong tries one after the other."""
    waits = []
    for _ in range(times):
        begin_write(session)
        counters = throttle.counters(account, address, device or None)
        waits.append(throttle.attempt(session, counters))
        session.commit()
    return waits


def later(session: Session, by: timedelta) -> None:
    """Let time pass."""
    for one in session.scalars(select(Attempts)):
        one.last_at -= by
    session.commit()


def test_has_some_tries_free_and_then_waits(session: Session) -> None:
    waits = tries(session, 8)

    assert waits[:6] == [0] * 6
    assert all(25 <= wait <= 31 for wait in waits[6:])


def test_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour(session: Session) -> None:
    tries(session, 6)
    waits = []
    for _ in range(8):
        waits.append(tries(session, 1)[0])
        later(session, timedelta(seconds=waits[-1]))
        assert tries(session, 1) == [0]

    expected = (30, 60, 120, 240, 480, 900, 900, 900)
    assert all(abs(wait - given) <= 5 for wait, given in zip(waits, expected, strict=True))


def test_while_waiting_makes_the_wait_no_longer(session: Session) -> None:
    tries(session, 6)
    tries(session, 30)

    later(session, timedelta(seconds=31))

    assert tries(session, 1) == [0]


def test_at_an_account_leaves_other_accounts_and_other_addresses_alone(session: Session) -> None:
    tries(session, 40)

    assert tries(session, 1, account="ben") == [0]
    assert tries(session, 1, address=THERE) == [0]
    assert tries(session, 1)[0] > 0


def test_from_one_address_never_delays_an_account_for_others_however_long_it_goes_on(
    session: Session,
) -> None:
    """Lock-out is no weapon: a patient guesser waits his turn for days, the person gets in."""
    for _ in range(150):
        tries(session, 1)
        later(session, timedelta(minutes=15))
    assert tries(session, 1) == [0]

    assert tries(session, 1, address=THERE) == [0]


def test_from_many_addresses_slows_an_account_down_but_not_in_a_known_browser(
    session: Session,
) -> None:
    waits = [tries(session, 1, address=f"203.0.113.{number}")[0] for number in range(55)]

    assert waits[: ACCOUNT.free] == [0] * ACCOUNT.free
    assert all(wait > 0 for wait in waits[ACCOUNT.free :])
    assert tries(session, 1, address=THERE)[0] > 0
    assert tries(session, 1, address=THERE, device="the laptop") == [0]


def test_at_many_accounts_from_one_address_slows_the_address_down(session: Session) -> None:
    waits = [tries(session, 1, account=f"staff {number}")[0] for number in range(62)]

    assert waits[: ADDRESS.free] == [0] * ADDRESS.free
    assert waits[ADDRESS.free] > 0
    assert tries(session, 1, account="ada", address=THERE) == [0]
    assert tries(session, 1, account="ada", device="the laptop") == [0]


def test_in_a_known_browser_is_counted_too(session: Session) -> None:
    waits = tries(session, DEVICE.free + 1, device="the laptop")

    assert waits[:-1] == [0] * DEVICE.free
    assert waits[-1] > 0
    assert tries(session, 1, device="another laptop") == [0]


def test_is_forgotten_here_when_the_person_gets_in(session: Session) -> None:
    counters = throttle.counters("ada", HERE, None)
    tries(session, 5)
    throttle.attempt(session, counters)

    throttle.forgive(session, counters)
    session.commit()

    assert tries(session, ACCOUNT_HERE.free + 1)[: ACCOUNT_HERE.free] == [0] * ACCOUNT_HERE.free


def test_is_not_made_free_again_by_signing_in_now_and_then(session: Session) -> None:
    own = throttle.counters("mallory", HERE, None)
    waits = []
    for number in range(62):
        waits.append(tries(session, 1, account=f"staff {number}")[0])
        if not throttle.attempt(session, own):
            throttle.forgive(session, own)
        session.commit()

    assert waits[-1] > 0


@pytest.mark.parametrize("off", [timedelta(hours=13), timedelta(days=400), timedelta(days=-2)])
def test_is_forgotten_after_a_day_also_by_a_clock_that_is_off(
    session: Session, off: timedelta
) -> None:
    tries(session, 7)

    later(session, off)

    assert tries(session, 1) == [0]


def test_of_long_ago_leaves_no_rows(session: Session) -> None:
    tries(session, 1)
    later(session, timedelta(hours=13))
    tries(session, 1, address=THERE)

    assert len(session.scalars(select(Attempts)).all()) == 5
    throttle.forget(session)

    assert len(session.scalars(select(Attempts)).all()) == 3


def test_keeps_no_address(session: Session) -> None:
    tries(session, 1, account="ada@example.org")

    (row, *_) = session.scalars(select(Attempts)).all()
    assert not {"ada@example.org", HERE} & {row.key}
    assert len(row.key) == 64


def test_many_times_at_once_gets_no_more_free_tries(app: Flask) -> None:
    """All workers share one count; what is not counted yet is not looked at."""
    free: list[int] = []
    barrier = threading.Barrier(20)

    def guess() -> None:
        with app.app_context():
            barrier.wait()
            free.extend(tries(db.session, 1))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(free) == 20
    assert free.count(0) == ACCOUNT_HERE.free


def test_waits_no_longer_than_the_longest_wait_whatever_the_count() -> None:
    assert Limit(free=2).wait(10_000) == throttle.LONGEST_WAIT
