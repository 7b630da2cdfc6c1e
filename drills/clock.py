"""Workers whose clock is two days ahead and 400 days behind, beside one whose clock is right."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import time_machine

from drills.client import Client
from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import Server, serving
from seatadmin.lifecycle import SUSPEND
from seatadmin.permissions import SYSTEM
from seatadmin.services import status
from seatadmin.services.scope import Selection

HOURS = {"ahead": 48, "behind": -9_600, "later": 61}
CHANGES = "SELECT count(*) FROM change WHERE kind = 'transition'"
SHIFTED = "drills.shifted:create_app()"


def run(place: Place) -> Outcome:
    """Sign in and change something on each; carry each sign-in to the others."""
    place.seeded(500, 1, 4)
    wrong, told = [], []
    with ExitStack() as stack:
        right = stack.enter_context(serving(place))
        servers = {
            name: stack.enter_context(serving(place, app=SHIFTED, more=_more(hours)))
            for name, hours in HOURS.items()
        }
        people = place.column(
            "SELECT id FROM \"user\" WHERE kind = 'participant' AND account_status = 'active'"
        )
        before = place.column("SELECT max(id) FROM change")[0]
        regular = Client(right.port).signed_in()
        _sessions(regular, servers, wrong, told)
        for at, name in enumerate(("ahead", "behind")):
            _writes(place, name, regular, servers[name], people[at], wrong, told)
        answer = regular.act("suspend", people[-1])
        if answer.status != 200:
            wrong.append(f"the worker with the right clock answered {answer.status}")
        wrong += _order(place, before)
    wrong += place.examined()
    found = f"{'; '.join(told)}; {faults(wrong)}"
    return Outcome(not wrong, found, *_unchecked(place, people[0]))


def _unchecked(place: Place, person: int) -> tuple[str, bool]:
    """The rules alone, without a worker that compares clocks."""
    today = date.today()
    there = datetime.now(UTC) + timedelta(hours=HOURS["ahead"])
    with time_machine.travel(there), place.session() as session:
        asked = status.order(session, SYSTEM, SUSPEND, Selection((person,)))
    return f"without the comparison a change of {today} is dated {asked.effective_date}", (
        asked.effective_date != today
    )


def _more(hours: int) -> dict[str, str]:
    return {"DRILL_OFFSET": str(hours)}


def _sessions(
    regular: Client, servers: dict[str, Server], wrong: list[str], told: list[str]
) -> None:
    """A sign-in is at its end after 12 hours, whichever worker made it and whichever looks."""
    for made, seen in (("right", "ahead"), ("right", "later"), ("ahead", "later")):
        client = Client(servers[seen].port)
        if made == "right":
            client.cookies = dict(regular.cookies)
        else:
            try:
                client.cookies = dict(Client(servers[made].port).signed_in().cookies)
            except RuntimeError:
                told.append(f"no sign-in on the worker {made}")
                continue
        seen_as = client.get("/admin/").status
        told.append(f"sign-in of {made} on the worker {seen}: {seen_as}")
        if seen_as == 200:
            wrong.append(f"the sign-in of {made} is still good on {seen}")


def _writes(
    place: Place,
    name: str,
    regular: Client,
    server: Server,
    person: int,
    wrong: list[str],
    told: list[str],
) -> None:
    """Such a worker is not ready, and whoever asks it all the same changes nothing."""
    before = place.one(CHANGES)
    ready = Client(server.port).get("/readyz").status
    client = Client(server.port)
    client.cookies, client.token = dict(regular.cookies), regular.token
    try:
        client = Client(server.port).signed_in()
    except RuntimeError:
        told.append(f"{name}: no sign-in")
    answer = client.act("suspend", person)
    told.append(f"{name}: ready {ready}, a change {answer.status}")
    if (ready, place.one(CHANGES)) != (503, before):
        wrong.append(f"{name}: ready {ready}, {place.one(CHANGES) - before} changes")


def _order(place: Place, before: int) -> list[str]:
    """Changes are in the order in which they were made, whatever their clocks said."""
    ids = place.column(f"SELECT id FROM change WHERE id > {before} ORDER BY id")
    registered = place.one('SELECT count(*) FROM "user" WHERE status_date < registration_date')
    wrong = [] if ids == sorted(set(ids)) else ["changes out of order"]
    return wrong + ([f"{registered} dates before the registration"] if registered else [])


DRILL = Drill(
    "a worker's clock is 2 days ahead, another's 400 days behind",
    "changes in order by id, no sign-in is eternal, no wrong dates",
    run,
)
