"""Suggestions for a field: within the scope, and never many."""

from seatadmin.models import Sponsor
from tests.factories import EmployerFactory
from tests.views.browsing import Person
from tests.views.conftest import Stored, World

LOOKUP = "/admin/participant/ajax/lookup/"


def test_it_suggests_within_the_scope(
    regulator: Person, sponsor_staff: Person, employer_admin: Person, world: World
) -> None:
    for person, employers, sponsors in (
        (regulator, ["east", "north", "south"], [world.acme, world.birch]),
        (sponsor_staff, ["north", "south"], [world.acme]),
        (employer_admin, ["north"], []),
    ):
        told = person.get(LOOKUP, name="employer", query="").json
        assert [text.rpartition("#")[2] for text in told] == [
            str(getattr(world, place)) for place in employers
        ]
        told = person.get(LOOKUP, name="sponsor", query="").json
        assert [text.rpartition("#")[2] for text in told] == [str(id) for id in sponsors]
    assert sponsor_staff.get(LOOKUP, name="employer", query="NORTH").json == [
        f"North Electric #{world.north}"
    ]
    assert sponsor_staff.get(LOOKUP, name="employer", query="east").json == []


def test_it_is_capped_whatever_is_asked(
    sponsor_staff: Person, world: World, stored: Stored
) -> None:
    with stored() as session:
        for _ in range(40):
            EmployerFactory(sponsor=session.get(Sponsor, world.acme))
        session.commit()
    for limit in ("1000", "-1", "x"):
        told = sponsor_staff.get(LOOKUP, name="employer", query="", limit=limit, offset="0").json
        assert len(told) == 20, limit


def test_a_suggestion_is_understood_by_form_and_filter(sponsor_staff: Person, world: World) -> None:
    (told,) = sponsor_staff.get(LOOKUP, name="employer", query="north").json
    new = {"first_name": "A", "last_name": "B", "email": "a@b.org", "employer": told}
    assert sponsor_staff.post("/admin/participant/new/", as_json=True, **new).status == 200
    assert sponsor_staff.get("/admin/participant/", flt0_employer_equals=told).total == "6"


def test_odd_queries_are_answered(sponsor_staff: Person, world: World) -> None:
    for query in ("%", "_", "\\", "\x00", "x" * 10_000, "\U0001f600", "'"):
        for name in ("employer", "sponsor", "occupation"):
            assert sponsor_staff.get(LOOKUP, name=name, query=query).status == 200, (name, query)
    for name in ("", "user", "email", "Employer", "__class__"):
        assert sponsor_staff.get(LOOKUP, name=name, query="a").status == 404, name
