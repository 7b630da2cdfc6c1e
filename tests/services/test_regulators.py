"""The last active regulator …"""

import threading
from typing import Any

import pytest
from flask import Flask

from seatadmin.extensions import begin_write, db
from seatadmin.lifecycle import AccountStatus
from seatadmin.models import User
from seatadmin.permissions import Role
from seatadmin.services.regulators import LastRegulator, one_stays
from tests.factories import EmployerFactory, regulator, sponsor_staff


def test_stays_active(session: Any) -> None:
    last = regulator()
    regulator(account_status=AccountStatus.DEACTIVATED)

    with pytest.raises(LastRegulator), one_stays(session):
        last.account_status = AccountStatus.DEACTIVATED


def test_stays_a_regulator(session: Any) -> None:
    last, employer = regulator(), EmployerFactory()

    with pytest.raises(LastRegulator), one_stays(session):
        last.role, last.sponsor_id = Role.SPONSOR, employer.sponsor_id


def test_stays_on_record(session: Any) -> None:
    last = regulator()

    with pytest.raises(LastRegulator), one_stays(session):
        session.delete(last)


def test_may_go_when_another_comes(session: Any) -> None:
    last = regulator()

    with one_stays(session):
        last.account_status = AccountStatus.DEACTIVATED
        regulator()


def test_is_not_missed_where_there_never_was_one(session: Any) -> None:
    staff = sponsor_staff()

    with one_stays(session):
        staff.account_status = AccountStatus.DEACTIVATED


def test_is_not_asked_about_where_nobody_can_go(session: Any) -> None:
    with one_stays(session, when=False):
        pass


def test_is_left_when_two_deactivate_each_other(app: Flask) -> None:
    with app.app_context():
        ids = [regulator().id, regulator().id]
        db.session.commit()
    start = threading.Barrier(2)
    refused: list[int] = []

    def deactivate(id: int) -> None:
        with app.app_context():
            start.wait()
            begin_write(db.session)
            try:
                with one_stays(db.session):
                    db.session.get(User, id).account_status = AccountStatus.DEACTIVATED
                db.session.commit()
            except LastRegulator:
                refused.append(id)

    threads = [threading.Thread(target=deactivate, args=[id]) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with app.app_context():
        active = [id for id in ids if db.session.get(User, id).is_active]
    assert active == refused
    assert len(active) == 1
