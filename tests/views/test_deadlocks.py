"""A change that runs into a deadlock is carried out once more, from its beginning…

The other side is a batch of its own connection, which waits for ever, so that the change loses.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import func, select

from seatadmin.counts import SeatCount
from seatadmin.ledger import Change
from seatadmin.lifecycle import ProgramStatus
from seatadmin.models import Participant
from tests.databases import Database
from tests.views.browsing import Answer, Person
from tests.views.conftest import Stored, World
from tests.views.participants import save

pytestmark = pytest.mark.parametrize(
    "installation", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)

SEATS = "SELECT FROM seat_count WHERE employer_id = {} FOR UPDATE"
PERSON = 'SELECT FROM "user" WHERE id = {} FOR UPDATE'
SPONSOR = "SELECT FROM sponsor WHERE id = {} FOR UPDATE"
WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


class Batch:
    """Another transaction, which takes locks in an order of its own."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        connection.execute("SET deadlock_timeout = '1h'")  # it is never the one to give way

    def lock(self, statement: str, id: int) -> None:
        self.connection.execute(statement.format(id))

    def wait_until_somebody_waits(self) -> None:
        for _ in range(3_000):  # some 30 seconds
            if self.connection.execute(WAITING).fetchone()[0]:
                return
            self.connection.execute("SELECT pg_sleep(0.01)")
        pytest.fail("Nobody waits for a lock.")


@pytest.fixture
def batch(database: Database) -> Iterator[Batch]:
    with closing(psycopg.connect(database.url)) as connection:
        yield Batch(connection)


Reinstating = Callable[[], Future[Answer]]


@pytest.fixture
def reinstating(regulator: Person, world: World) -> Iterator[Reinstating]:
    """Sends the form that reinstates North's suspended participant and moves it to South."""
    id = world.suspended["north"]
    changed = {"program_status": "active", "employer": str(world.south)}
    with ThreadPoolExecutor(1) as pool:
        yield lambda: pool.submit(lambda: save(regulator, id, **changed))


def state(stored: Stored, world: World) -> tuple[str, int, int, int]:
    """The participant's status and employer, South's used seats, and how many changes there are."""
    with stored() as session:
        person = session.get(Participant, world.suspended["north"])
        used = session.get(SeatCount, world.south).active
        changes = session.scalar(select(func.count()).select_from(Change))
        return person.program_status, person.employer_id, used, changes


def test_and_happens_once(
    batch: Batch, reinstating: Reinstating, stored: Stored, world: World
) -> None:
    _, _, used, changes = state(stored, world)
    batch.lock(SEATS, world.south)
    answer = reinstating()
    batch.wait_until_somebody_waits()
    batch.lock(PERSON, world.suspended["north"])  # until the other one has given way
    batch.connection.commit()

    assert answer.result(60).status == 302
    # one change for the move, one for the status
    assert state(stored, world) == (ProgramStatus.ACTIVE, world.south, used + 1, changes + 2)


def test_but_not_for_ever(
    batch: Batch, reinstating: Reinstating, stored: Stored, world: World
) -> None:
    """The control: a second deadlock ends it, and nothing is changed."""
    before = state(stored, world)
    batch.lock(SEATS, world.south)
    answer = reinstating()
    batch.wait_until_somebody_waits()
    batch.lock(PERSON, world.suspended["north"])
    batch.wait_until_somebody_waits()
    batch.lock(SPONSOR, world.acme)
    batch.connection.commit()

    assert answer.result(60).status == 503
    assert state(stored, world) == before
