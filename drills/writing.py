"""People who write all the time, and what they were told: shared by the drills about outages."""

import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from drills.client import Answer, Client
from drills.places import Place

LONGEST_TRY = 120.0


@dataclass
class Told:
    """What the server said, over all writers."""

    statuses: Counter[int] = field(default_factory=Counter)
    changes: list[int] = field(default_factory=list)
    """The changes that were acknowledged with a 2xx."""

    subjects: Counter[int] = field(default_factory=Counter)
    """How many acts each participant went through, as acknowledged."""

    moments: list[float] = field(default_factory=list)
    given_up: int = 0
    slowest: float = 0.0

    @property
    def gap(self) -> float:
        """The longest time in which nobody was acknowledged anything."""
        ordered = sorted(self.moments)
        return max((b - a for a, b in pairwise(ordered)), default=0.0)

    @property
    def faults(self) -> int:
        """Answers that are neither right nor a clear "not now"."""
        return sum(n for status, n in self.statuses.items() if status not in (200, 302, 503))


class Writers:
    """Each suspends and reinstates participants of its own, and reads between; a "not now" is
    asked again, under the same request_id, until it is done. Signed in before the fault begins."""

    def __init__(self, ports: list[int], people: list[int], count: int) -> None:
        share = len(people) // count
        self._people = [people[at * share : (at + 1) * share] for at in range(count)]
        self._clients = [Client(ports[at % len(ports)]).signed_in() for at in range(count)]
        self._stop = threading.Event()
        self.told = Told()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(at,)) for at in range(count)]

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, at: int) -> None:
        client, chance = self._clients[at], random.Random(at)
        ended: set[int] = set()
        while not self._stop.is_set():
            person = chance.choice(self._people[at])
            self._once(client, "reinstate" if person in ended else "suspend", person)
            ended ^= {person}
            self._note(client.get("/admin/participant/"))

    def _once(self, client: Client, action: str, person: int) -> None:
        request_id, give_up = str(uuid.uuid4()), time.monotonic() + LONGEST_TRY
        while time.monotonic() < give_up:
            answer = client.act(action, person, request_id=request_id)
            self._note(answer)
            if answer.status == 200:
                with self._lock:
                    self.told.changes.append(answer.json["change_id"])
                    self.told.subjects[person] += 1
                    self.told.moments.append(time.monotonic())
                return
            time.sleep(0.25)
        self.told.given_up += 1

    def _note(self, answer: Answer) -> None:
        with self._lock:
            self.told.statuses[answer.status] += 1
            self.told.slowest = max(self.told.slowest, answer.seconds)


def reconciled(place: Place, told: Told, before: Counter[int]) -> list[str]:
    """Acknowledged, but not there; or done more often than it was asked for."""
    there = set(place.column("SELECT id FROM change"))
    lost = [change for change in told.changes if change not in there]
    done = times_changed(place)
    twice = [
        person for person, times in told.subjects.items() if done[person] - before[person] != times
    ]
    wrong = [] if told.changes else ["nothing was acknowledged at all"]
    wrong += [f"{len(lost)} acknowledged changes lost"] if lost else []
    wrong += [f"{len(twice)} participants changed more or less often than told"] if twice else []
    wrong += [f"{told.given_up} given up"] if told.given_up else []
    return wrong


def times_changed(place: Place) -> Counter[int]:
    """How often each participant was changed, by the audit."""
    return Counter(place.column("SELECT subject_id FROM change_item"))


def prepared(place: Place, participants: int = 2_000) -> list[int]:
    """Active people to write about."""
    place.seeded(participants, 4, 20)
    active = "kind = 'participant' AND account_status = 'active'"
    return place.column(f'SELECT id FROM "user" WHERE {active}')


def statuses(told: Told) -> str:
    """How often which status came."""
    return ", ".join(f"{n:,} x {status}" for status, n in sorted(told.statuses.items()))
