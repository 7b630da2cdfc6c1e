"""The leader of a Patroni cluster is killed, again and again, under people who write."""

import os
import shutil
import time

from drills.client import Client
from drills.cluster import BALANCED, Cluster, cluster
from drills.debian import installed
from drills.outcome import Drill, Outcome, faults
from drills.places import Place
from drills.serving import serving
from drills.settings import FOLDER, number
from drills.writing import Writers, prepared, reconciled, statuses, times_changed

WRITERS = 8
LONGEST_GAP = 30.0


def run(_place: Place) -> Outcome:
    """Through haproxy; the control beside it is a worker that knows only the first leader."""
    if os.geteuid() != 0:
        return Outcome(None, "needs root, to run PostgreSQL as its own user")
    if missing := installed("postgresql-15", "patroni", "etcd-server", "haproxy"):
        return Outcome(None, missing)
    folder = FOLDER / "patroni"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with cluster() as nodes:
        return _drill(Place("pg", nodes.url, folder), nodes)


def _drill(place: Place, nodes: Cluster) -> Outcome:
    people = prepared(place)
    before, kills = times_changed(place), number("patroni.kills")
    first = nodes.leader
    direct = place.url.replace(str(BALANCED), str(BALANCED + (first or 1)))
    control = Place("pg", direct, place.folder)
    with (
        serving(place, workers=2) as server,
        serving(control) as alone,
    ):
        lonely = Client(alone.port).signed_in()
        with Writers([server.port], people, WRITERS) as writers:
            for turn in range(kills):
                nodes.wait(lambda: nodes.is_whole)
                time.sleep(3)
                node = nodes.kill_leader()
                nodes.wait(lambda: nodes.leader is not None)
                time.sleep(8)
                if turn == 0:
                    unheard = lonely.act("suspend", people[-1]).status
                nodes.start(node)
            nodes.wait(lambda: nodes.is_whole)
            time.sleep(3)
    told = writers.told
    wrong = reconciled(place, told, before) + place.examined()
    if told.faults:
        wrong.append(f"{told.faults} answers were neither 2xx nor 503")
    if told.gap > LONGEST_GAP:
        wrong.append(f"a gap of {told.gap:.0f} s")
    found = (
        f"{kills} leaders killed under {WRITERS} writers: {statuses(told)};"
        f" {len(told.changes):,} acknowledged changes, each there once; longest gap"
        f" {told.gap:.1f} s; {faults(wrong)}"
    )
    told_alone = f"a worker that knows only the first leader goes on answering {unheard}"
    return Outcome(not wrong, found, told_alone, unheard == 503)


DRILL = Drill(
    "the leader of a Patroni cluster is killed under 8 writers",
    "gap of 30 s at most, 0 acknowledged lost, 0 done twice, no 500",
    run,
    ("pg",),
)
