"""Where an import puts people, and whom it does not touch …"""

from typing import Any

import pytest
from sqlalchemy import select

from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import SYSTEM, Actor, NotPermitted
from seatadmin.services.imports import Options, WrongRoster, import_roster
from tests.factories import (
    EmployerFactory,
    ParticipantFactory,
    SponsorFactory,
    employer_admin,
    regulator,
    sponsor_staff,
)
from tests.services.acting import changes_of, items_of, scopes_of
from tests.services.imports.rosters import (
    BytesIO,
    by_number,
    counts,
    imported,
    roster,
    whys,
)

ANN = {"apprentice_number": "N1", "first_name": "Ann", "last_name": "Lee", "employer": "Works"}
NOT_HERE = "This {} cannot be used here."


def works(sponsor: Sponsor | None = None, name: str = "Works") -> Employer:
    found: Employer = EmployerFactory(name=name, **({"sponsor": sponsor} if sponsor else {}))
    return found


def test_is_the_actors_own_sponsor(session: Any) -> None:
    own, _other = works(), works()
    actor = sponsor_staff(own.sponsor).actor

    assert counts(imported(session, ANN, actor=actor)) == (1, 0, 0, 0)
    assert by_number(session, "N1").employer_id == own.id


def test_is_the_sponsor_of_the_option(session: Any) -> None:
    own, other = works(), works()

    imported(session, ANN, sponsor=own.sponsor.name.upper())
    answer = imported(
        session,
        {**ANN, "apprentice_number": "N2", "sponsor": other.sponsor.name},
        sponsor=own.sponsor.name,
    )

    assert by_number(session, "N1").employer_id == own.id
    assert "not the sponsor that this import is for" in whys(answer)[2]


def test_is_the_only_sponsor_with_such_an_employer(session: Any) -> None:
    only = works()

    imported(session, ANN)
    works()
    answer = imported(session, {**ANN, "apprentice_number": "N2"})

    assert by_number(session, "N1").employer_id == only.id
    assert whys(answer) == {2: "Several sponsors have an employer “Works”: name the sponsor."}


def test_stays_with_the_sponsor_that_a_person_has(session: Any) -> None:
    own = works()
    works()  # of another sponsor
    other = works(own.sponsor, "Other")
    ParticipantFactory(employer=other, apprentice_number="N1")

    imported(session, {"apprentice_number": "N1", "employer": "works"})

    assert by_number(session, "N1").employer_id == own.id


def test_is_another_sponsor_when_the_line_says_so(session: Any) -> None:
    old, target = works(), works()
    ann = ParticipantFactory(employer=old, apprentice_number="N1")
    row = {"apprentice_number": "N1", "sponsor": target.sponsor.name}

    vague = imported(session, row)
    answer = imported(session, {**row, "employer": "Works"})

    assert "Name the employer too" in whys(vague)[2]
    assert by_number(session, "N1").sponsor_id == target.sponsor_id
    assert items_of(session, answer.change_id)[ann.id].fields == {
        "sponsor_id": [old.sponsor_id, target.sponsor_id],
        "employer_id": [old.id, target.id],
    }
    assert scopes_of(session, answer.change_id) == {
        (target.sponsor_id, target.id, 1, ann.id),
        (old.sponsor_id, old.id, 0, None),
    }


def test_is_not_left_because_the_option_names_another_sponsor(session: Any) -> None:
    old, target = works(), works()
    ParticipantFactory(employer=old, apprentice_number="N1")

    answer = imported(session, ANN, sponsor=target.sponsor.name)

    assert "belongs to another sponsor" in whys(answer)[2]


def test_does_not_tell_who_is_elsewhere(session: Any) -> None:
    own, foreign = works(), works()
    ParticipantFactory(employer=foreign, apprentice_number="N1", email="b@b.org")
    actor = sponsor_staff(own.sponsor, email="staff@b.org").actor

    answer = imported(
        session,
        ANN,
        {**ANN, "apprentice_number": "N2", "email": "B@b.org"},
        {"email": "b@b.org", "last_name": "Taken"},
        {**ANN, "apprentice_number": "N3", "email": "staff@b.org"},
        {**ANN, "apprentice_number": "N4", "sponsor": foreign.sponsor.name},
        actor=actor,
        skip_refused=True,
    )

    number, address = NOT_HERE.format("apprentice number"), NOT_HERE.format("e-mail address")
    assert whys(answer) == {
        2: number,
        3: address,
        4: "Line 3 has the same e-mail address.",
        5: address,
        6: f"There is no sponsor “{foreign.sponsor.name}” in what you can see.",
    }
    assert answer.change_id is None


def test_leaves_staff_alone_even_for_a_regulator(session: Any) -> None:
    works()
    person = regulator(email="reg@b.org")

    answer = imported(
        session, {"email": "reg@b.org", "first_name": "X"}, {**ANN, "email": "Reg@b.org"}
    )

    assert whys(answer)[2] == NOT_HERE.format("e-mail address")
    session.refresh(person)
    assert person.first_name == "Robin"


@pytest.mark.parametrize("dry_run", [True, False])
def test_is_not_for_employer_administrators(session: Any, dry_run: bool) -> None:
    actor = employer_admin().actor

    with pytest.raises(NotPermitted):
        import_roster(session, actor, BytesIO(roster(ANN)), Options(dry_run=dry_run))


def test_knows_only_the_sponsors_that_the_actor_sees(session: Any) -> None:
    own, foreign = works(), works()
    actor = sponsor_staff(own.sponsor).actor

    with pytest.raises(WrongRoster):
        imported(session, ANN, actor=actor, sponsor=foreign.sponsor.name)


def unknown(session: Any) -> tuple[Sponsor, Actor]:
    sponsor = SponsorFactory()
    return sponsor, sponsor_staff(sponsor).actor


def test_creates_unknown_employers_when_told_to(session: Any) -> None:
    sponsor, actor = unknown(session)
    old = works(sponsor, "Old")
    bob = ParticipantFactory(employer=old, apprentice_number="B")
    rows = [
        ANN,
        {**ANN, "apprentice_number": "N2", "employer": "WORKS"},
        {"apprentice_number": "B", "employer": "Works"},
        {**ANN, "apprentice_number": "N3", "employer": "Ended", "program_status": "completed"},
    ]

    assert set(whys(imported(session, *rows, actor=actor))) == {2, 3, 4, 5}
    answer = imported(session, *rows, actor=actor, create_employers=True)

    assert (counts(answer), answer.seats_freed) == ((3, 1, 0, 0), -2)
    made = session.scalars(select(Employer).where(Employer.id != old.id).order_by(Employer.id))
    ids = {employer.name: employer.id for employer in made}
    assert list(ids) == ["Works", "Ended"]
    assert by_number(session, "N2").employer_id == ids["Works"]
    assert by_number(session, "N3").employer_id == ids["Ended"]
    assert items_of(session, answer.change_id)[bob.id].fields == {
        "employer_id": [old.id, ids["Works"]]
    }
    assert [(change.kind, change.subject) for change in changes_of(session)] == [
        ("create", "employer"),
        ("create", "employer"),
        ("import", "participant"),
    ]


def test_creates_no_employer_for_a_refused_line(session: Any) -> None:
    _, actor = unknown(session)
    rows = [ANN, {**ANN, "apprentice_number": "N2", "employer": "Bad", "first_name": ""}]

    nothing = imported(session, *rows, actor=actor, create_employers=True)
    assert nothing.change_id is None
    assert session.query(Employer).count() == 0

    imported(session, *rows, actor=actor, create_employers=True, skip_refused=True)
    assert [employer.name for employer in session.query(Employer)] == ["Works"]


def test_keeps_to_the_sponsors_limit_with_employers_that_it_creates(session: Any) -> None:
    sponsor = SponsorFactory(seat_limit=1)
    rows = [{**ANN, "apprentice_number": f"N{i}", "employer": f"E{i}"} for i in range(3)]

    answer = imported(
        session, *rows, sponsor=sponsor.name, create_employers=True, skip_refused=True
    )

    assert list(whys(answer)) == [3, 4]
    assert [employer.name for employer in session.query(Employer)] == ["E0"]


def test_needs_to_know_the_sponsor_of_an_employer_that_it_creates(session: Any) -> None:
    unknown(session)

    answer = imported(session, ANN, actor=SYSTEM, create_employers=True)

    assert whys(answer) == {2: "No sponsor has an employer “Works”: name the sponsor."}
