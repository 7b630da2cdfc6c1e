"""The services, in any order and by anybody, …"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from seatadmin.counts import SeatCount
from seatadmin.ledger import ChangeItem
from seatadmin.lifecycle import ProgramStatus, TransitionRefused
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import NotPermitted
from seatadmin.services import organizations, participants, plans
from seatadmin.services.invalid import Invalid, NotFound
from seatadmin.services.seats import NoFreeSeat
from tests.factories import EmployerFactory, employer_admin, regulator, sponsor_staff
from tests.services.acting import act_on, ask, refused
from tests.services.model import ENDS, Model, Row

REFUSALS = (NotPermitted, NotFound, Invalid, NoFreeSeat, TransitionRefused)
EDITORS = {
    "sponsor": (Sponsor, organizations.edit_sponsor),
    "employer": (Employer, organizations.edit_employer),
}
ABSENT = 999_999
TODAY = date.today()
YESTERDAY = TODAY - timedelta(days=1)

roles = st.sampled_from(["regulator", "sponsor", "employer_admin"])
places = st.integers(0, 2)
limits = st.sampled_from([None, 0, 1, 2, 3])
acts = st.sampled_from([*ENDS, "reinstate", "deactivate", "reactivate"])
programs = st.sampled_from(list(ProgramStatus))
transitions = st.sampled_from([*ENDS, "reinstate"])
planned = precondition(lambda self: self.model.planned)
somebody = precondition(lambda self: self.model.rows)


class Services(RuleBasedStateMachine):
    """Two sponsors, of which one has two employers; three people act. `model` runs beside."""

    def __init__(self, session: Any) -> None:
        super().__init__()
        session.rollback()
        self.notes = count(1)
        first = EmployerFactory()
        employers = [first, EmployerFactory(sponsor=first.sponsor), EmployerFactory()]
        self.session = session
        self.model = Model({employer.id: employer.sponsor_id for employer in employers})
        self.actors = {
            "regulator": regulator().actor,
            "sponsor": sponsor_staff(first.sponsor).actor,
            "employer_admin": employer_admin(first).actor,
        }
        self.gone: list[int] = []

    def teardown(self) -> None:
        self.session.rollback()

    def attempt(self, allowed: bool, action: Callable[..., Any], role: str, *given: Any) -> Any:
        """Do it the way a request does; it is refused exactly when the model says so."""
        result, refusal = None, None
        try:
            with self.session.begin_nested():
                result = action(self.session, self.actors[role], *given)
        except REFUSALS as error:
            refusal = error
            self.session.expire_all()
        assert (refusal is None) is allowed, repr(refusal)
        return result

    def edit(self, allowed: bool, role: str, id: int, **values: Any) -> Any:
        version = self.session.get(User, id).version
        return self.attempt(allowed, participants.edit, role, id, version, values)

    def limit(self, whose: tuple[str, int], seats: int | None) -> None:
        model, edit = EDITORS[whose[0]]
        version = self.session.get(model, whose[1]).version
        self.attempt(True, edit, "regulator", whose[1], version, {"seat_limit": seats})
        self.model.limits[whose] = seats

    @initialize(one=limits, other=limits, employer=limits)
    def begin(self, one: int | None, other: int | None, employer: int | None) -> None:
        """Two participants each, and limits that have room for one more or are passed already."""
        first, _, last = self.model.employers
        for place in range(6):
            self.create("regulator", place % 3)
        self.limit(("sponsor", self.model.sponsor_of[first]), one)
        self.limit(("sponsor", self.model.sponsor_of[last]), other)
        self.limit(("employer", first), employer)

    @rule(place=places, of_employer=st.booleans(), seats=limits)
    def change_a_limit(self, place: int, of_employer: bool, seats: int | None) -> None:
        whose = self.model.whose(self.model.employers[place])
        self.limit(whose[0] if of_employer else whose[1], seats)

    @rule(role=roles, place=places)
    def create(self, role: str, place: int) -> None:
        employer = self.model.employers[place]
        values = {
            "first_name": "Ada",
            "last_name": "King",
            "apprentice_number": f"{len(self.model.rows) + len(self.gone)}",
            "employer_id": employer,
        }
        may = role != "employer_admin" and self.model.sees(role, employer)
        allowed = may and self.model.fits(employer)
        made = self.attempt(allowed, participants.create, role, values)
        if made:
            self.model.rows[made.id] = Row(employer)

    @somebody
    @rule(role=roles, act=acts, noted=st.booleans(), users=st.booleans(), data=st.data())
    def act(self, role: str, act: str, noted: bool, users: bool, data: Any) -> None:
        everybody = [*self.model.rows, *self.gone, ABSENT]
        ids = data.draw(st.lists(st.sampled_from(everybody), max_size=8))
        if role == "employer_admin" and act in ("reinstate", "reactivate"):
            self.attempt(False, ask, role, act, *ids)
            return
        expected = self.model.expected(role, act, noted, ids)
        used = self.model.used()

        outcome = act_on(
            self.session,
            self.actors[role],
            act,
            *ids,
            note="why" if noted else None,
            population=User if users and act in ("deactivate", "reactivate") else Participant,
        )

        for id, end in expected.items():
            if isinstance(end, tuple):
                self.model.become(id, end, act)
        ends = list(expected.values())
        assert outcome.changed == sum(isinstance(end, tuple) for end in ends)
        assert outcome.unchanged == ends.count("unchanged")
        assert outcome.seats_freed == used - self.model.used()
        assert refused(outcome) == {
            id: end for id, end in expected.items() if isinstance(end, str) and end != "unchanged"
        }

    @somebody
    @rule(role=roles, place=places, data=st.data())
    def move(self, role: str, place: int, data: Any) -> None:
        id = data.draw(st.sampled_from(list(self.model.rows)))
        row, target = self.model.rows[id], self.model.employers[place]
        allowed = self.model.sees(role, row.employer) and not row.out_of_step
        if target != row.employer:
            fits = not row.seats or self.model.fits(target, coming_from=row.employer)
            may = role != "employer_admin" and self.model.sees(role, target)
            allowed = allowed and may and fits
        if self.edit(allowed, role, id, employer_id=target):
            row.employer = target

    @somebody
    @rule(role=roles, program=programs, data=st.data())
    def save_the_form(self, role: str, program: ProgramStatus, data: Any) -> None:
        id = data.draw(st.sampled_from(list(self.model.rows)))
        row = self.model.rows[id]
        act = {end: act for act, end in ENDS.items()}.get(program, "reinstate")
        end = self.model.expected(role, act, True, [id])[id]
        takes = isinstance(end, tuple) and act == "reinstate"
        allowed = not isinstance(end, str) or end == "unchanged"
        values = {
            "program_status": program,
            "cancellation_reason": "other" if act == "cancel" else None,
            # A correction of an ending says why in a note of its own.
            "status_note": None if program == row.program == "active" else f"{next(self.notes)}",
        }
        self.edit(allowed and not (takes and role == "employer_admin"), role, id, **values)
        if isinstance(end, tuple) and not (takes and role == "employer_admin"):
            self.model.become(id, end, act)

    @somebody
    @rule(role=roles, act=transitions, noted=st.booleans(), data=st.data())
    def plan(self, role: str, act: str, noted: bool, data: Any) -> None:
        ids = data.draw(st.lists(st.sampled_from([*self.model.rows, *self.gone]), max_size=8))
        if role == "employer_admin" and act == "reinstate":
            return
        expected = self.model.expected_of_plan(role, act, noted, ids)

        with time_machine.travel(YESTERDAY, tick=False):
            outcome = act_on(
                self.session,
                self.actors[role],
                act,
                *ids,
                note="why" if noted else None,
                effective_date=TODAY,
            )

        if outcome.change_id:
            self.model.plans[outcome.change_id] = (role, act, noted)
        for id, end in expected.items():
            if end == "planned":
                self.model.planned[id] = outcome.change_id  # type: ignore[assignment]
        ends = list(expected.values())
        counted = (ends.count("planned"), ends.count("unchanged"), 0)
        assert (outcome.changed, outcome.unchanged, outcome.seats_freed) == counted
        assert refused(outcome) == {
            id: end for id, end in expected.items() if end not in ("planned", "unchanged")
        }

    @planned
    @rule(data=st.data())
    def its_day_comes(self, data: Any) -> None:
        plan = data.draw(st.sampled_from(sorted(set(self.model.planned.values()))))
        role, act, noted = self.model.plans[plan]
        ids = [id for id, its in self.model.planned.items() if its == plan]
        used = self.model.used()
        for id, end in self.model.expected(role, act, noted, ids).items():
            if isinstance(end, tuple):
                self.model.become(id, end, act)
            else:
                self.model.planned.pop(id)

        outcome, _ = plans.apply(self.session, plan)

        assert outcome.seats_freed == used - self.model.used()

    @planned
    @rule(role=roles, data=st.data())
    def withdraw(self, role: str, data: Any) -> None:
        plan = data.draw(st.sampled_from(sorted(set(self.model.planned.values()))))
        allowed = role != "employer_admin" or self.model.plans[plan][1] != "reinstate"
        withdrawn = self.attempt(allowed, plans.withdraw, role, plan)
        if allowed:
            mine = [
                id
                for id, its in self.model.planned.items()
                if its == plan and self.model.sees(role, self.model.rows[id].employer)
            ]
            assert withdrawn == len(mine)
            for id in mine:
                del self.model.planned[id]

    @somebody
    @rule(role=roles, data=st.data())
    def delete(self, role: str, data: Any) -> None:
        id = data.draw(st.sampled_from(list(self.model.rows)))
        allowed = role != "employer_admin" and self.model.sees(role, self.model.rows[id].employer)
        if self.attempt(allowed, participants.delete, role, id, "Ada King"):
            self.model.remove(id)
            self.gone.append(id)

    @invariant()
    def rows_are_the_models(self) -> None:
        columns = (User.id, User.employer_id, User.program_status, User.account_status)
        found = self.session.execute(select(*columns).where(User.kind == "participant"))
        assert {id: Row(*rest) for id, *rest in found} == self.model.rows

    @invariant()
    def plans_are_the_models(self) -> None:
        waiting = select(User.id, User.plan_id).where(User.plan_id.is_not(None))
        assert dict(self.session.execute(waiting).all()) == self.model.planned

    @invariant()
    def seat_counts_are_the_models(self) -> None:
        found = self.session.execute(select(SeatCount.employer_id, SeatCount.active))
        used = {id: self.model.used(("employer", id)) for id in self.model.employers}
        assert dict(found.all()) == used

    @invariant()
    def last_items_of_the_audit_are_the_rows(self) -> None:
        of_people = ChangeItem.old_account_status.is_not(None) | (
            ChangeItem.new_account_status.is_not(None)
        )
        order = func.row_number().over(
            partition_by=ChangeItem.subject_id, order_by=ChangeItem.change_id.desc()
        )
        item = select(ChangeItem, order.label("turn")).where(of_people).subquery().c
        last = select(
            item.subject_id, item.employer_id, item.new_program_status, item.new_account_status
        ).where(item.turn == 1)
        told = {id: Row(*rest) for id, *rest in self.session.execute(last)}
        assert {id: row for id, row in told.items() if row.account} == self.model.rows


def test_agree_with_the_model(session: Any) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"

    run_state_machine_as_test(
        lambda: Services(session),
        settings=settings(
            max_examples=25 if sqlite else 12,
            stateful_step_count=20,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.reuse, Phase.generate],  # to shorten what failed would take minutes
        ),
    )
