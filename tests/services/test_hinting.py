"""The facts behind hints …"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from seatadmin.hints import Facts
from seatadmin.permissions import SYSTEM
from seatadmin.services import hinting
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.acting import act_on, ask, statements

TODAY = date.today()


def facts(session: Session, act: str, *who: int, **details: object) -> Facts:
    return hinting.facts(session, ask(session, SYSTEM, act, *who, **details), 45, 90)


def test_name_the_sponsors_that_would_be_left_without_an_active_one(session: Session) -> None:
    acme, birch = (EmployerFactory(sponsor=SponsorFactory(name=name)) for name in ("Acme", "Birch"))
    last, gone = (
        ParticipantFactory(employer=acme),
        ParticipantFactory(employer=acme, suspended=True),
    )
    first, second = ParticipantFactory(employer=birch), ParticipantFactory(employer=birch)

    assert facts(session, "cancel", last.id, first.id).emptied == ["Acme"]
    assert facts(session, "cancel", first.id, second.id, last.id).emptied == ["Acme", "Birch"]
    assert facts(session, "deactivate", last.id).emptied == ["Acme"]
    assert facts(session, "cancel", gone.id).emptied == []


def test_count_those_in_probation_on_the_day(session: Session) -> None:
    new = ParticipantFactory(registration_date=TODAY - timedelta(days=89))
    old = ParticipantFactory(registration_date=TODAY - timedelta(days=90))

    found = facts(session, "cancel", new.id, old.id)
    assert (found.changed, found.in_probation) == (2, 1)
    earlier = facts(session, "cancel", old.id, effective_date=TODAY - timedelta(days=1))
    assert earlier.in_probation == 1


def test_count_those_for_whom_something_is_planned(session: Session) -> None:
    planned, other = ParticipantFactory(), ParticipantFactory()
    gone = ParticipantFactory(suspended=True)
    for act, who in (("cancel", planned), ("complete", gone)):
        act_on(session, SYSTEM, act, who, effective_date=TODAY + timedelta(days=1))

    assert facts(session, "suspend", planned.id, other.id).planned == 1
    assert facts(session, "suspend", other.id).planned == 0
    assert facts(session, "reinstate", gone.id).planned == 1
    assert facts(session, "deactivate", planned.id).planned == 0


def test_are_none_where_only_an_account_comes_back(session: Session) -> None:
    gone = ParticipantFactory(out_of_step=True)

    with statements() as sent:
        asked = ask(session, SYSTEM, "reactivate", gone)
        before = len(sent)
        found = hinting.facts(session, asked, 45, 90)

    assert (found.changed, len(sent) - before) == (0, 0)


def test_take_one_statement_however_many(session: Session) -> None:
    ids = [ParticipantFactory().id for _ in range(20)]
    asked = ask(session, SYSTEM, "cancel", *ids)

    with statements() as sent:
        assert len(hinting.facts(session, asked, 45, 90).emptied) == 20

    assert len(sent) == 1
