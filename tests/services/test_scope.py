"""An actor sees …"""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.counts import SeatCount
from seatadmin.ledger import Change, ChangeItem, ChangeKind, ChangeScope, Request, Subject
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import SYSTEM, Actor, Role
from seatadmin.services import changes
from seatadmin.services.scope import Selection, get, one_of, visible
from tests.factories import EmployerFactory, ParticipantFactory, employer_admin, sponsor_staff
from tests.services.acting import act_on


@pytest.fixture
def world(session: Any) -> SimpleNamespace:
    """An employer, another of the same sponsor, and a foreign one, with one change each."""
    own = EmployerFactory()
    neighbor, foreign = EmployerFactory(sponsor=own.sponsor), EmployerFactory()
    employers = {"own": own, "neighbor": neighbor, "foreign": foreign}
    participants = {name: ParticipantFactory(employer=row) for name, row in employers.items()}
    done = {
        name: act_on(session, SYSTEM, "suspend", row).change_id
        for name, row in participants.items()
    }
    return SimpleNamespace(
        sponsor=sponsor_staff(own.sponsor),
        employer_admin=employer_admin(own),
        employers={row.id: name for name, row in employers.items()},
        participants={row.id: name for name, row in participants.items()},
        changes={id: name for name, id in done.items()},
    )


# actor -> whose rows
REACHED = {
    "regulator": {"own", "neighbor", "foreign"},
    "sponsor": {"own", "neighbor"},
    "employer_admin": {"own"},
}


def actor(world: SimpleNamespace, role: str) -> Actor:
    return SYSTEM if role == "regulator" else getattr(world, role).actor


def seen(session: Any, actor: Actor, model: Any, id: Any) -> set[int]:
    return set(session.scalars(select(id).where(visible(actor, model))))


@pytest.mark.parametrize("role", REACHED)
@pytest.mark.parametrize(
    ("model", "id", "names"),
    [
        (Participant, Participant.id, "participants"),
        (Employer, Employer.id, "employers"),
        (SeatCount, SeatCount.employer_id, "employers"),
        (Change, Change.id, "changes"),
        (ChangeScope, ChangeScope.change_id, "changes"),
        (ChangeItem, ChangeItem.change_id, "changes"),
    ],
)
def test_the_rows_within_reach_and_no_others(
    session: Any, world: SimpleNamespace, role: str, model: Any, id: Any, names: str
) -> None:
    found = seen(session, actor(world, role), model, id)

    assert {getattr(world, names)[row] for row in found} == REACHED[role]


def test_the_staff_of_the_own_organization(session: Any, world: SimpleNamespace) -> None:
    staff = {world.sponsor.id, world.employer_admin.id}
    people = staff | set(world.participants)

    assert seen(session, SYSTEM, User, User.id) == people
    assert seen(session, world.sponsor.actor, User, User.id) & staff == staff
    assert seen(session, world.employer_admin.actor, User, User.id) & staff == {
        world.employer_admin.id
    }


def test_one_sponsor_or_none(session: Any, world: SimpleNamespace) -> None:
    assert len(seen(session, SYSTEM, Sponsor, Sponsor.id)) == 2
    assert seen(session, world.sponsor.actor, Sponsor, Sponsor.id) == {world.sponsor.sponsor_id}
    assert seen(session, world.employer_admin.actor, Sponsor, Sponsor.id) == set()


@pytest.mark.parametrize("role", [Role.SPONSOR, Role.EMPLOYER_ADMIN])
@pytest.mark.parametrize("model", [Participant, User, Employer, Sponsor, Change, ChangeScope])
def test_nothing_without_an_organization(
    session: Any, world: SimpleNamespace, role: Role, model: Any
) -> None:
    assert session.scalars(select(model).where(visible(Actor(1, role), model))).all() == []


def test_no_table_that_has_no_scope_declared(session: Any, world: SimpleNamespace) -> None:
    with pytest.raises(AttributeError, match="scope_columns"):
        visible(world.sponsor.actor, Request)


def test_the_same_nothing_for_a_foreign_and_an_absent_row(
    session: Any, world: SimpleNamespace
) -> None:
    by_name = {name: id for id, name in world.participants.items()}
    me = world.employer_admin.actor

    assert get(session, me, Participant, by_name["own"]).id == by_name["own"]
    for absent in (by_name["foreign"], by_name["neighbor"], 999_999, None):
        assert get(session, me, Participant, absent) is None


def test_a_change_that_took_somebody_away_or_brought_somebody(session: Any) -> None:
    old, new = employer_admin(), employer_admin()
    participant = ParticipantFactory(employer=session.get(Employer, old.employer_id))
    before = changes.snapshot(participant)
    participant.employer_id, participant.sponsor_id = new.employer_id, new.sponsor_id
    change = changes.record_one(session, SYSTEM, ChangeKind.EDIT, "edit", participant, before)
    session.flush()

    for staff in (old, new):
        assert seen(session, staff.actor, Change, Change.id) == {change.id}
    assert seen(session, employer_admin().actor, Change, Change.id) == set()


def test_the_own_events(session: Any) -> None:
    me, other = sponsor_staff(), sponsor_staff()
    change = changes.record_event(
        session, me.actor, ChangeKind.EXPORT, "export", Subject.PARTICIPANT
    )
    session.flush()

    assert seen(session, me.actor, Change, Change.id) == {change.id}
    assert seen(session, other.actor, Change, Change.id) == set()


def test_what_a_selection_picks_by_ids_or_by_condition(session: Any) -> None:
    one, other, _ = ParticipantFactory.create_batch(3)

    def picked(selection: Selection) -> set[int]:
        return set(session.scalars(select(User.id).where(selection.clause(session, User.id))))

    assert picked(Selection()) == set()
    assert picked(Selection((one.id, one.id, other.id, 10**18))) == {one.id, other.id}
    assert picked(Selection(matching=User.id == other.id)) == {other.id}
    assert picked(Selection((one.id,), matching=User.id == other.id)) == {other.id}


def test_ids_up_to_the_largest_that_a_column_holds(session: Any) -> None:
    rows = select(User.id).where(one_of(session, User.id, [0, -1, 2**63 - 1]))

    assert session.scalars(rows).all() == []
