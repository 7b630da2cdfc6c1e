"""How many SQL statements a page sends: a constant, whatever the number of rows."""

import pytest
from flask import Flask

from seatadmin.lifecycle import SUSPEND
from seatadmin.models import Employer
from seatadmin.permissions import SYSTEM, Role
from seatadmin.services import status
from seatadmin.services.scope import Selection
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory, StaffFactory
from tests.views.browsing import Person
from tests.views.conftest import Sent, Stored, World

PAGES = {
    "/admin/": 3,
    "/admin/participant/": 3,
    "/admin/participant/?sort=status_date&desc=1&page_size=200": 3,
    "/admin/participant/?flt0_program_status_equals=active&flt1_employer_equals={south}": 3,
    "/admin/participant/?flt0_program_status_equals=active&sort=registration_date": 4,
    "/admin/participant/?search=appren": 4,
    "/admin/participant/details/?id={active}": 5,
    "/admin/participant/edit/?id={active}": 5,
    "/admin/participant/new/": 3,
    "/admin/participant/delete/?id={active}": 3,
    "/admin/participant/action/confirm/?action=cancel&selection=all": 7,
    "/admin/participant/action/preview/?action=cancel&selection=all": 3,
    "/admin/participant/export/csv/": 7,
    "/admin/participant/ajax/lookup/?name=employer&query=e": 2,
    "/admin/user/": 3,
    "/admin/user/details/?id={north_admin}": 6,
    "/admin/user/edit/?id={north_admin}": 5,
    "/admin/employer/": 3,
    "/admin/employer/details/?id={south}": 5,
    "/admin/employer/edit/?id={south}": 4,
    "/admin/sponsor/": 3,
    "/admin/sponsor/details/?id={acme}": 5,
    "/admin/change/": 3,
    "/admin/change/details/?id={change}": 7,
}
"""Page -> statements, for a regulator: one reads the person, one or two the seats in the head."""

NOT_ON_SQLITE = ("pg_advisory_xact_lock", "SET LOCAL statement_timeout")
"""An export records itself: the audit's chain is locked; and it has a time limit of its own."""


@pytest.mark.parametrize("crowded", [False, True])
def test_a_page_sends_as_many_statements_as_written_here(
    regulator: Person, world: World, stored: Stored, sent: Sent, crowded: bool
) -> None:
    with stored() as session:
        south = session.get(Employer, world.south)
        ids = [ParticipantFactory(employer=south).id for _ in range(300 if crowded else 3)]
        for _ in range(60 if crowded else 1):
            EmployerFactory(sponsor=south.sponsor)
            SponsorFactory()
            StaffFactory(role=Role.EMPLOYER_ADMIN, employer=south)
        asked = status.order(session, SYSTEM, SUSPEND, Selection(tuple(ids)))
        change = status.perform(session, asked).change_id
        session.commit()
    known = vars(world) | {"active": world.active["south"], "change": change}
    counts = {}
    for path in PAGES:
        regulator.get(path.format(**known))  # what is offered everywhere is known from here on
        with sent() as statements:
            answer = regulator.get(path.format(**known))
        assert answer.status == 200, path
        counts[path] = sum(not any(word in one for word in NOT_ON_SQLITE) for one in statements)
    if crowded:
        assert counts == PAGES
    assert {path for path in PAGES if counts[path] > PAGES[path]} == set()


def test_templates_share_one_dictionary_of_globals(app: Flask) -> None:
    """Each import of a macro compares globals: chained dictionaries take longer, key by key."""
    assert app.jinja_env.get_template("frame.html").globals is app.jinja_env.globals
