"""Two hundred members of staff at their work, for ten minutes."""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import insert, select

from drills.client import Answer, Client
from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import serving
from drills.settings import REGULATOR, number
from seatadmin.lifecycle import AccountStatus, Kind
from seatadmin.models import Employer, User, keys_of
from seatadmin.permissions import Role

THINK = 5.0
"""Seconds between two things that somebody does, on average: staff read what they see."""

SHARES = {"list": 70, "edit": 20, "batch": 5, "export": 5}
LIMIT = 0.5
HURRIED = 100


@dataclass
class Seen:
    """Seconds of every answer by what was done, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHARES})
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, doing: str, answer: Answer, expected: tuple[int, ...] = (200,)) -> None:
        """Remember an answer."""
        with self.lock:
            self.seconds[doing].append(answer.seconds)
            if answer.status not in expected:
                self.wrong.append(f"{doing}: {answer.status} {answer.text[:80]}")

    def p99(self, *doing: str) -> float:
        """What one answer in a hundred exceeds."""
        taken = sorted(one for name in doing for one in self.seconds[name])
        return taken[int(len(taken) * 0.99)] if taken else 0.0


def run(place: Place) -> Outcome:
    """Each with a browser and a scope of their own; then the control."""
    place.seeded(number("staff.participants"), 50, 2_000)
    count = number(f"staff.{place.kind}")
    emails = _staff(place, count)
    with serving(place, workers=2) as server:
        clients = [Client(server.port).signed_in(email) for email in emails]
        seen = _at_work(clients, number("staff.seconds"), THINK)
    wrong = [f"{len(seen.wrong)} errors: {seen.wrong[:2]}"] if seen.wrong else []
    slow = seen.p99("list", "edit")
    if slow > LIMIT:
        wrong.append(f"p99 of lists and edits {slow * 1000:.0f} ms")
    wrong += place.examined()
    with serving(place, workers=1, threads=1) as server:
        other = _at_work(_hurried(server.port, clients), min(20, number("staff.seconds")), 0)
    worse = other.p99("list", "edit")
    found = (
        f"{count} staff, {number('staff.seconds')} s, {THINK:.0f} s of thought between two acts,"
        f" {number('staff.participants'):,} participants, 2 workers: {_told(seen)}; {faults(wrong)}"
    )
    control = f"{HURRIED} without a thought on one worker of one thread: p99 {worse * 1000:.0f} ms"
    return Outcome(not wrong, found, control, worse > LIMIT)


def _hurried(port: int, clients: list[Client]) -> list[Client]:
    """As many as it takes, with the sign-ins that there are."""
    made = [Client(port) for _ in range(HURRIED)]
    for at, client in enumerate(made):
        known = clients[at % len(clients)]
        client.cookies, client.token = dict(known.cookies), known.token
    return made


def _told(seen: Seen) -> str:
    parts = []
    for name, taken in seen.seconds.items():
        middle = sorted(taken)[len(taken) // 2] if taken else 0
        parts.append(
            f"{len(taken):,} x {name} p50 {middle * 1000:.0f} p99 {seen.p99(name) * 1000:.0f} ms"
        )
    return ", ".join(parts)


def _at_work(clients: list[Client], seconds: float, think: float) -> Seen:
    seen, end = Seen(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_work, args=(client, seen, end, think, random.Random(at)))
        for at, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _work(client: Client, seen: Seen, end: float, think: float, chance: random.Random) -> None:
    time.sleep(chance.random() * think)
    rows = _rows(client.get("/admin/participant/"))
    while time.monotonic() < end:
        doing = chance.choices(list(SHARES), list(SHARES.values()))[0]
        if doing == "list":
            answer = client.get(chance.choice(_lists(rows)))
            rows = _rows(answer) or rows
            seen.note(doing, answer)
        elif doing == "edit":
            _edit(client, seen, chance.choice(rows or [1]), chance)
        elif doing == "batch":
            some = chance.sample(rows, min(len(rows), 20)) or [1]
            action = chance.choice(("suspend", "complete", "deactivate"))
            seen.note(doing, client.act(action, *some))
        else:
            seen.note(doing, client.get("/admin/participant/export/csv/"))
        time.sleep(chance.expovariate(1 / think) if think else 0)


def _lists(rows: list[int]) -> list[str]:
    return [
        "/admin/participant/",
        "/admin/participant/?sort=status_date&desc=1",
        "/admin/participant/?flt0_program_status_equals=active",
        "/admin/participant/?search=an",
        "/admin/participant/?flt0_out_of_step_equals=1",
        f"/admin/participant/details/?id={(rows or [1])[0]}",
        "/admin/",
    ]


def _rows(answer: Answer) -> list[int]:
    return [int(part.partition('"')[0]) for part in answer.text.split('<tr data-id="')[1:]]


def _edit(client: Client, seen: Seen, id: int, chance: random.Random) -> None:
    """Open the form, change the occupation, save. A row that somebody else has changed or closed
    meanwhile is answered 409 or 422, and that is right."""
    page = client.get(f"/admin/participant/edit/?id={id}")
    seen.note("edit", page, (200, 404))
    version = page.text.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    if version:
        occupation = chance.choice(("Roofer", "Electrician", "Plumber"))
        saved = client.post(
            f"/admin/participant/edit/?id={id}", version=version, occupation=occupation
        )
        seen.note("edit", saved, (200, 404, 409, 422))


def _staff(place: Place, count: int) -> list[str]:
    """One regulator in fifty, three sponsors in ten, the others of employers."""
    with place.session() as session:
        known = session.scalar(select(User.password_hash).where(User.email == REGULATOR))
        homes = session.execute(
            select(Employer.id, Employer.sponsor_id).order_by(Employer.id)
        ).all()
        rows = list(_rows_of_staff(count, known, homes))
        session.execute(insert(User.__table__), rows)
        session.commit()
    return [row["email"] for row in rows]


def _rows_of_staff(count: int, known: str | None, homes: list) -> Iterator[dict]:
    for at in range(count):
        role = (
            Role.REGULATOR if at % 50 == 0 else Role.SPONSOR if at % 10 < 3 else Role.EMPLOYER_ADMIN
        )
        employer, sponsor = homes[at * 7 % len(homes)]
        email = f"staff.{at}@example.org"
        yield {
            "kind": Kind.STAFF,
            "role": role,
            "first_name": "Staff",
            "last_name": f"Number {at}",
            "email": email,
            "email_key": email,
            "account_status": AccountStatus.ACTIVE,
            "password_hash": known,
            "sponsor_id": None if role is Role.REGULATOR else sponsor,
            "employer_id": employer if role is Role.EMPLOYER_ADMIN else None,
            **keys_of("Staff", f"Number {at}", email, None),
        }


DRILL = Drill(
    "many staff at once: 70 % lists, 20 % edits, 5 % batches, 5 % exports",
    "p99 under 500 ms outside batch and export, 0 errors, doctor clean",
    run,
)
