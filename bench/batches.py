"""Cancelling many, with audit, beside the same work as bare SQL; each on a fresh copy."""

# ruff: noqa: S608 (statements are put together from names and numbers of our own)

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.client import Client
from bench.data import Store
from bench.goals import Result
from bench.raw import Raw, connected
from bench.serving import serving
from bench.settings import Environment

BY_IDS, BY_FILTER = (1_000, 10_000), (100_000, 500_000)
"""A page's script posts some thousand ids; of more, it posts the filter that matches them."""

ROUNDS, FROM_ON_FEWER, FEWER = 3, 500_000, 2
ACTIVE = "kind = 'participant' AND program_status = 'active'"
ACTION = "/admin/participant/action/"

OPEN = """INSERT INTO change (actor_id, kind, action, subject, effective_date)
VALUES (NULL, 'transition', 'cancel', 'participant', CURRENT_DATE) RETURNING id"""
AUDIT = """INSERT INTO change_item (
    change_id, subject_id, sponsor_id, employer_id,
    old_program_status, new_program_status, old_account_status, new_account_status,
    old_status_date, new_status_date, old_cancellation_reason, new_cancellation_reason
)
SELECT {change}, id, sponsor_id, employer_id, program_status, 'cancelled', account_status,
    'deactivated', status_date, CURRENT_DATE, cancellation_reason, NULL
FROM "user" WHERE {ACTIVE} AND {where}"""
CHANGE = """UPDATE "user" SET program_status = 'cancelled', account_status = 'deactivated',
    status_date = CURRENT_DATE, cancellation_reason = NULL, status_note = NULL,
    recorded_at = CURRENT_TIMESTAMP, version = version + 1
WHERE id IN (SELECT subject_id FROM change_item WHERE change_id = {change})"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What to cancel: as the fields of a form, and as a condition with its values."""

    count: int
    form: dict[str, str]
    where: str
    values: list[Any] = field(default_factory=list)


def measure(store: Store, size: str) -> Iterator[Result]:
    """Each batch that the data is large enough for."""
    with connected(store.ready(size)) as raw:
        batches = list(planned(raw))
    for batch in batches:
        rounds = FEWER if batch.count >= FROM_ON_FEWER else ROUNDS
        product, bare = [], []
        for _ in range(rounds):
            with store.copied(size) as place:
                product.append(by_product(place, batch))
            with store.copied(size) as place:
                bare.append(by_bare_sql(place, batch))
        ours, floor = median(product), median(bare)
        detail = f"{ours:.2f} s, bare SQL {floor:.2f} s"
        yield Result("cancel", f"cancel {batch.count:,}", ours / floor, detail)


def planned(raw: Raw) -> Iterator[Batch]:
    """The batches, as far as there are so many active programs."""
    ids = [id for (id,) in raw.run(f'SELECT id FROM "user" WHERE {ACTIVE} ORDER BY id')]
    for count in BY_IDS:
        if count <= len(ids):
            yield _by_ids(raw, ids[:: len(ids) // count][:count])
    for count in BY_FILTER:
        if count <= len(ids):
            yield _by_filter(raw, count)


def _by_ids(raw: Raw, ids: list[int]) -> Batch:
    form = {"rowids": ",".join(map(str, ids))}
    return Batch(len(ids), form, raw.among("id"), [raw.listed(ids)])


def _by_filter(raw: Raw, count: int) -> Batch:
    """So many sponsors that at least `count` match."""
    sponsors, matched = [], 0
    sizes = f'SELECT sponsor_id, count(*) FROM "user" WHERE {ACTIVE} GROUP BY 1 ORDER BY 1'
    for sponsor, active in raw.run(sizes):
        if matched < count:
            sponsors.append(sponsor)
            matched += active
    form = {"selection": "all", "flt0_program_status_equals": "active"}
    form |= {f"flt{i}_sponsor_equals": str(id) for i, id in enumerate(sponsors, start=1)}
    return Batch(matched, form, f"sponsor_id IN ({', '.join(map(str, sponsors))})")


def by_product(place: Environment, batch: Batch) -> float:
    """Seconds of the one request that cancels them all."""
    with serving(place) as server:
        return cancel(Client(server.port).sign_in(), batch)


def cancel(staff: Client, batch: Batch) -> float:
    """Post the batch; the seconds until its answer."""
    fields = {"action": "cancel", **batch.form}
    answer = staff.post(ACTION, fields, 200, Accept="application/json")
    _require(json.loads(answer.body)["changed"], batch)
    return answer.seconds


def by_bare_sql(place: Environment, batch: Batch) -> float:
    """Seconds of one transaction of three statements, under the same triggers and indexes."""
    with connected(place) as raw:
        raw.run('SELECT count(email) FROM "user"').fetchall()  # as warm as the product's
        began = time.perf_counter()
        raw.run("BEGIN IMMEDIATE" if raw.is_sqlite else "BEGIN")
        [(change,)] = raw.run(OPEN).fetchall()
        audit = AUDIT.format(change=change, ACTIVE=ACTIVE, where=batch.where)
        written = raw.run(audit, *batch.values).rowcount
        raw.run(CHANGE.format(change=change))
        raw.run("COMMIT")
        took = time.perf_counter() - began
    _require(written, batch)
    return took


def _require(changed: int, batch: Batch) -> None:
    if changed != batch.count:
        raise RuntimeError(f"{changed:,} were cancelled, not {batch.count:,}")
