"""A sponsor or employer …"""

from typing import Any

import pytest

from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import SYSTEM, NotPermitted
from seatadmin.services import organizations
from seatadmin.services.invalid import Invalid, NotFound, StaleVersion
from tests.factories import (
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)
from tests.services.acting import audit, changes_of, items_of, scopes_of

SPONSOR = {"name": "Volta", "program_number": "P-1", "seat_limit": 10}


def test_is_created_with_its_limit_on_record(session: Any) -> None:
    actor = regulator()

    sponsor = organizations.create_sponsor(session, actor.actor, SPONSOR)
    employer = organizations.create_employer(
        session, actor.actor, {"name": "Shop", "sponsor_id": sponsor.id, "seat_limit": 3}
    )

    first, second = changes_of(session)
    assert (first.kind, first.subject, first.actor_id) == ("create", "sponsor", actor.id)
    assert items_of(session, first.id)[sponsor.id].fields == {
        "name": [None, "Volta"],
        "program_number": [None, "P-1"],
        "seat_limit": [None, 10],
    }
    assert (second.kind, second.subject) == ("create", "employer")
    assert scopes_of(session, second.id) == {(sponsor.id, employer.id, 1, employer.id)}


def test_of_a_regulator_only_is_a_sponsor(session: Any) -> None:
    sponsor = SponsorFactory()

    for staff in (sponsor_staff(sponsor), employer_admin()):
        with pytest.raises(NotPermitted, match="sponsor:edit"):
            organizations.create_sponsor(session, staff.actor, SPONSOR)
        with pytest.raises(NotPermitted, match="sponsor:edit"):
            organizations.edit_sponsor(session, staff.actor, sponsor.id, 1, {"seat_limit": None})
    assert audit(session)["change"] == 0


def test_of_the_own_sponsor_is_an_employer_to_create_and_edit(session: Any) -> None:
    actor, foreign = sponsor_staff(), EmployerFactory()
    own = EmployerFactory(sponsor=actor.sponsor)

    organizations.edit_employer(session, actor.actor, own.id, 1, {"seat_limit": 4})
    made = organizations.create_employer(
        session, actor.actor, {"name": "Shop", "sponsor_id": actor.sponsor_id}
    )

    assert (own.seat_limit, made.sponsor_id) == (4, actor.sponsor_id)
    with pytest.raises(NotFound):
        organizations.edit_employer(session, actor.actor, foreign.id, 1, {"seat_limit": 4})
    with pytest.raises(Invalid) as caught:
        organizations.create_employer(
            session, actor.actor, {"name": "Shop", "sponsor_id": foreign.sponsor_id}
        )
    assert set(caught.value.errors) == {"sponsor"}
    assert foreign.seat_limit is None


def test_is_not_for_an_employer_administrator_to_edit(session: Any) -> None:
    actor = employer_admin()
    given = {"name": "Shop", "sponsor_id": actor.sponsor_id}

    with pytest.raises(NotPermitted, match="employer:edit"):
        organizations.edit_employer(session, actor.actor, actor.employer_id, 1, {"seat_limit": 9})
    with pytest.raises(NotPermitted, match="employer:edit"):
        organizations.create_employer(session, actor.actor, given)


def test_keeps_everybody_in_when_its_limit_falls_below_what_is_used(session: Any) -> None:
    employer = EmployerFactory(seat_limit=5)
    rows = ParticipantFactory.create_batch(3, employer=employer)

    organizations.edit_employer(session, SYSTEM, employer.id, 1, {"seat_limit": 1})
    organizations.edit_sponsor(session, SYSTEM, employer.sponsor_id, 1, {"seat_limit": 0})

    assert all(row.uses_seat for row in rows)
    of_employer, of_sponsor = changes_of(session)
    assert items_of(session, of_employer.id)[employer.id].fields == {"seat_limit": [5, 1]}
    assert items_of(session, of_sponsor.id)[employer.sponsor_id].fields == {"seat_limit": [None, 0]}


def test_may_lose_its_limit(session: Any) -> None:
    sponsor = SponsorFactory(seat_limit=5)

    organizations.edit_sponsor(session, SYSTEM, sponsor.id, 1, {"seat_limit": None})

    session.refresh(sponsor)
    assert sponsor.seat_limit is None


def test_stays_with_its_sponsor(session: Any) -> None:
    employer, other = EmployerFactory(), SponsorFactory()

    with pytest.raises(Invalid) as caught:
        organizations.edit_employer(session, SYSTEM, employer.id, 1, {"sponsor_id": other.id})

    assert set(caught.value.errors) == {"sponsor"}


def test_is_not_called_like_another(session: Any) -> None:
    sponsor = SponsorFactory(name="Électricité", program_number="P-1")
    employer = EmployerFactory(name="Shop", sponsor=sponsor)

    with pytest.raises(Invalid) as caught:
        organizations.create_sponsor(
            session, SYSTEM, {"name": "ELECTRICITE", "program_number": "P-1"}
        )
    assert set(caught.value.errors) == {"name", "program_number"}
    with pytest.raises(Invalid) as caught:
        organizations.create_employer(
            session, SYSTEM, {"name": "shop", "sponsor_id": employer.sponsor_id}
        )
    assert set(caught.value.errors) == {"name"}

    other = SponsorFactory()
    organizations.create_employer(session, SYSTEM, {"name": "Shop", "sponsor_id": other.id})
    organizations.edit_sponsor(session, SYSTEM, sponsor.id, 1, {"name": "électricité"})
    assert sponsor.name == "électricité"


def test_changed_by_somebody_else_is_not_overwritten(session: Any) -> None:
    employer = EmployerFactory()
    organizations.edit_employer(session, SYSTEM, employer.id, 1, {"seat_limit": 5})

    with pytest.raises(StaleVersion) as caught:
        organizations.edit_employer(session, SYSTEM, employer.id, 1, {"seat_limit": 6})

    assert caught.value.current is employer
    assert employer.seat_limit == 5


def test_saved_as_it_was_leaves_no_trace(session: Any) -> None:
    sponsor = SponsorFactory(name="Volta", seat_limit=10)

    organizations.edit_sponsor(session, SYSTEM, sponsor.id, 1, {"name": "Volta", "seat_limit": 10})

    assert sponsor.version == 1
    assert changes_of(session) == []


@pytest.mark.parametrize("written", ["Volta & Söhne", " volta  & sohne", "#{}", "Volta #{}", "{}"])
def test_is_found_by_its_name_or_its_number(session: Any, written: str) -> None:
    sponsor = SponsorFactory(name="Volta & Söhne")

    text = written.format(sponsor.id)
    assert organizations.find(session, SYSTEM, Sponsor, text) == sponsor.id


def test_is_found_in_ones_own_scope_only(session: Any) -> None:
    own, foreign = EmployerFactory(), EmployerFactory(name="Foreign")
    actor = sponsor_staff(own.sponsor).actor

    assert organizations.find(session, actor, Employer, "") is None
    assert organizations.find(session, actor, Employer, own.name) == own.id
    for text in ("Foreign", f"#{foreign.id}", "9" * 18, "nobody", "\u0660"):
        with pytest.raises(ValueError, match="none of this name"):
            organizations.find(session, actor, Employer, text)


def test_that_shares_its_name_is_asked_about(session: Any) -> None:
    EmployerFactory(name="Shop"), EmployerFactory(name="Shop")

    with pytest.raises(ValueError, match="Several"):
        organizations.find(session, SYSTEM, Employer, "shop")


def test_is_suggested_by_any_part_of_its_name(session: Any) -> None:
    actor = sponsor_staff()
    rows = [EmployerFactory(name=name, sponsor=actor.sponsor) for name in ("Zürich Bau", "Abbau")]
    EmployerFactory(name="Baustein")
    EmployerFactory(name="100% Ton", sponsor=actor.sponsor)

    def suggested(text: str, limit: int = 9) -> list[str]:
        return organizations.suggest(session, actor.actor, Employer, text, limit)

    assert suggested("BAU") == [f"Abbau #{rows[1].id}", f"Zürich Bau #{rows[0].id}"]
    assert suggested("bau", 1) == [f"Abbau #{rows[1].id}"]
    assert suggested("zurich") == [f"Zürich Bau #{rows[0].id}"]
    assert len(suggested("%")) == 1
    assert suggested("_") == []


def test_is_offered_in_a_list_only_while_that_is_short(session: Any) -> None:
    actor = sponsor_staff()
    rows = [EmployerFactory(name=name, sponsor=actor.sponsor) for name in ("b", "A")]
    EmployerFactory(name="foreign")
    in_order = [(rows[1].id, "A"), (rows[0].id, "b")]

    assert organizations.choices(session, actor.actor, Employer, 2) == in_order
    assert organizations.choices(session, actor.actor, Employer, 1) == []
