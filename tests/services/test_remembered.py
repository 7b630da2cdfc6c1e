"""What every page asks is known for some seconds, per database."""

import time_machine
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from seatadmin.services.remembered import MOST, SECONDS, forget, remember, remembered


def test_an_answer_is_known_for_some_seconds_and_then_asked_anew() -> None:
    with time_machine.travel(0, tick=False) as clock, Session(_engine()) as session:
        assert remember(session, "reasons", ["left"]) == ["left"]
        clock.shift(SECONDS - 1)
        assert remembered(session, "reasons") == ["left"]
        clock.shift(1)
        assert remembered(session, "reasons") is None
        clock.shift(-400 * 24 * 3600)
        assert remembered(session, "reasons") is None


def test_another_database_and_another_question_are_not_answered() -> None:
    with Session(_engine()) as session, Session(_engine()) as other:
        remember(session, "reasons", ["left"])
        assert remembered(other, "reasons") is None
        assert remembered(session, "employers") is None


def test_what_is_forgotten_is_asked_anew() -> None:
    with Session(_engine()) as session:
        remember(session, "reasons", ["left"])
        forget()
        assert remembered(session, "reasons") is None


def test_words_that_were_searched_for_do_not_pile_up() -> None:
    with Session(_engine()) as session:
        for number in range(MOST + 1):
            remember(session, number)
        assert [number for number in range(MOST + 1) if remembered(session, number)] == [MOST]


def _engine() -> Engine:
    return create_engine("sqlite://")
