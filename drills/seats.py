"""Fifty threads for the last seat, mixed with frees, moves and limits that are lowered."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.settings import number
from seatadmin.counts import SeatCount
from seatadmin.extensions import begin_write
from seatadmin.lifecycle import ACTS, REINSTATE, AccountStatus, ProgramStatus, effects
from seatadmin.models import Employer, Participant, Sponsor, User
from seatadmin.permissions import SYSTEM
from seatadmin.services import organizations, participants, recount, status
from seatadmin.services.invalid import Invalid, StaleVersion
from seatadmin.services.scope import Selection
from seatadmin.services.seats import NoFreeSeat

THREADS = 50
Task = Callable[[Session], Any]


@dataclass
class World:
    """A sponsor with two employers and one seat too few; and another with room."""

    sponsor: int
    home: int
    other: int
    active: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)


def run(place: Place) -> Outcome:
    """Rounds of both kinds in turn; then the control."""
    place.migrated()
    rounds, wrong, told = number("seats.rounds"), [], Counter[str]()
    for turn in range(rounds):
        wrong += (_last_seat if turn % 2 else _mixed)(place, turn, told)
    over = _without_lock(place)
    found = f"{rounds} rounds of {THREADS} threads: {_counted(told)}; {faults(wrong)}"
    return Outcome(not wrong, found, over[0], over[1])


def _counted(told: Counter[str]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in told.most_common())


def _last_seat(place: Place, turn: int, told: Counter[str]) -> list[str]:
    world = _made(place, f"last {turn}", active=2, waiting=THREADS, limit=3)
    results = _together(place, [_act("reinstate", id) for id in world.waiting])
    winners = sum(result == 1 for result in results)
    told["won the last seat"] += winners
    told["refused"] += results.count(0)
    failed = [repr(result) for result in results if isinstance(result, Exception)]
    wrong = [] if winners == 1 else [f"round {turn}: {winners} winners"]
    return wrong + failed + _counts(place, world, 3)


def _mixed(place: Place, turn: int, told: Counter[str]) -> list[str]:
    """30 want in, 8 leave, 8 move away or in, 4 lower the limit to what is used."""
    chance = random.Random(turn)
    world = _made(place, f"mixed {turn}", active=16, waiting=30, limit=17)
    tasks = [_act("reinstate", id) for id in world.waiting]
    tasks += [_act(chance.choice(("cancel", "suspend")), id) for id in world.active[:8]]
    tasks += [_move(id, world.other) for id in world.active[8:16]]
    tasks += [_limit(world.sponsor, limit) for limit in (16, 15, 14, 17)]
    chance.shuffle(tasks)
    results = _together(place, tasks)
    for result in results:
        told[type(result).__name__ if isinstance(result, Exception) else "done"] += 1
    failed = [repr(result) for result in results if isinstance(result, Exception)]
    return failed + _counts(place, world, 17)


def _counts(place: Place, world: World, most: int) -> list[str]:
    with place.session() as session:
        used = select(SeatCount.active).where(SeatCount.sponsor_id == world.sponsor)
        seats = sum(session.scalars(used))
        wrong = [f"{seats} seats used of {most}"] if seats > most else []
        return wrong + [str(difference) for difference in recount.differences(session)]


def _together(place: Place, tasks: list[Task]) -> list[Any]:
    """All at the same moment, each in a connection of its own."""
    start, engine = threading.Barrier(len(tasks), timeout=120), place.engine

    def run(task: Task) -> Any:
        with Session(engine, expire_on_commit=False) as session:
            start.wait()
            try:
                return task(session)
            except (NoFreeSeat, Invalid, StaleVersion):
                return 0  # told so, and nothing was changed
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def _act(name: str, id: int) -> Task:
    def task(session: Session) -> int:
        begin_write(session)
        asked = status.order(session, SYSTEM, ACTS[name], Selection((id,)))
        changed = status.perform(session, asked).changed
        session.commit()
        return changed

    return task


def _move(id: int, employer: int) -> Task:
    def task(session: Session) -> int:
        begin_write(session)
        version = session.scalar(select(User.version).where(User.id == id)) or 0
        participants.edit(session, SYSTEM, id, version, {"employer_id": employer})
        session.commit()
        return 1

    return task


def _limit(sponsor: int, seats: int) -> Task:
    def task(session: Session) -> int:
        begin_write(session)
        version = session.scalar(select(Sponsor.version).where(Sponsor.id == sponsor)) or 0
        organizations.edit_sponsor(session, SYSTEM, sponsor, version, {"seat_limit": seats})
        session.commit()
        return 1

    return task


def _made(place: Place, name: str, active: int, waiting: int, limit: int) -> World:
    with place.session() as session:
        sponsors = [Sponsor(name=f"Sponsor {name} {end}") for end in "ab"]
        sponsors[0].seat_limit = limit
        session.add_all(sponsors)
        session.flush()
        homes = [Employer(name=f"Home {name}", sponsor=one) for one in sponsors]
        session.add_all(homes)
        session.flush()
        people = [
            Participant(
                first_name="Ada",
                last_name=f"Number {number}",
                email=f"{name}.{number}@example.org".replace(" ", "."),
                employer_id=homes[0].id,
                sponsor_id=sponsors[0].id,
                registration_date=date(2024, 3, 1),
                status_date=date(2024, 6, 1),
                account_status=(
                    AccountStatus.DEACTIVATED if number < waiting else AccountStatus.ACTIVE
                ),
                program_status=(
                    ProgramStatus.SUSPENDED if number < waiting else ProgramStatus.ACTIVE
                ),
            )
            for number in range(waiting + active)
        ]
        session.add_all(people)
        session.commit()
        ids = [person.id for person in people]
        return World(sponsors[0].id, homes[0].id, homes[1].id, ids[waiting:], ids[:waiting])


def _without_lock(place: Place) -> tuple[str, bool]:
    """Compare, then write, without the lock between: too many win, or all but one break."""
    world = _made(place, "control", active=2, waiting=THREADS, limit=3)
    compared = threading.Barrier(THREADS, timeout=120)

    def task_of(id: int) -> Task:
        def task(session: Session) -> int:
            asked = status.order(session, SYSTEM, REINSTATE, Selection((id,)))
            fits = status.preview(session, asked).changed
            compared.wait()
            if fits:
                row = update(User).where(User.id == id)
                session.execute(row.values(effects(REINSTATE, asked.effective_date)))
            session.commit()
            return fits

        return task

    results = _together(place, [task_of(id) for id in world.waiting])
    broken = sum(isinstance(result, OperationalError) for result in results)
    winners = sum(result == 1 for result in results)
    told = f"without the lock: {winners} winners for 1 seat, {broken} broken by the database"
    return told, winners > 1 or broken > 0


DRILL = Drill(
    "50 threads for the last seat, mixed with frees, moves and a lowered limit",
    "exactly one winner, counts exact, nothing fails",
    run,
)
