"""Three PostgreSQL under Patroni on this machine, with etcd and haproxy, all on loopback ports."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from drills.debian import PATH

ETCD, BALANCED, REST = 22379, 25430, 28000
"""Ports; the nodes have the ones after the last two."""

NODES = (1, 2, 3)
BIN = "/usr/lib/postgresql/15/bin"

CONF = """scope: drill
name: node{node}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd3: {{hosts: "127.0.0.1:{etcd}"}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 3
    retry_timeout: 5
    synchronous_mode: true
    maximum_lag_on_failover: 0
    postgresql: {{use_pg_rewind: true, parameters: {{max_connections: 100, wal_keep_size: 512MB}}}}
  initdb: [{{encoding: UTF8}}, {{auth-local: trust}}, {{auth-host: trust}}]
  pg_hba:
    - host all all 127.0.0.1/32 trust
    - host replication all 127.0.0.1/32 trust
    - local all all trust
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {folder}/data{node}
  bin_dir: {bin}
  pgpass: {folder}/pgpass{node}
  authentication: {{superuser: {{username: postgres}}, replication: {{username: postgres}}}}
  parameters: {{unix_socket_directories: "{folder}"}}
"""

HAPROXY = """global
  maxconn 300
defaults
  mode tcp
  timeout connect 2s
  timeout client 10m
  timeout server 10m
listen primary
  bind 127.0.0.1:{balanced}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


@dataclass
class Cluster:
    """The nodes, and what keeps them."""

    folder: Path
    patroni: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where haproxy leads to the leader."""
        return f"postgresql://postgres@127.0.0.1:{BALANCED}/drill?connect_timeout=5"

    @property
    def leader(self) -> int | None:
        """The node that takes writes."""
        return next((node for node in NODES if _answers(node, "primary")), None)

    @property
    def is_whole(self) -> bool:
        """A leader, a synchronous standby, and everybody streams."""
        leader = self.leader
        if leader is None or not any(_answers(node, "sync") for node in NODES):
            return False
        members = _json(leader, "cluster").get("members", [])
        running = [one for one in members if one.get("state") in ("running", "streaming")]
        return len(running) == len(NODES)

    def kill_leader(self) -> int:
        """kill -9 of Patroni and of PostgreSQL on the leader's node; which it was."""
        node = self.leader
        assert node is not None
        postmaster = self.folder / f"data{node}" / "postmaster.pid"
        pid = int(postmaster.read_text().split()[0])
        self.patroni[node].kill()
        os.kill(pid, signal.SIGKILL)
        self.patroni[node].wait()
        return node

    def start(self, node: int) -> None:
        """Let a node join, or join again."""
        log = (self.folder / f"patroni{node}.log").open("ab")
        self.patroni[node] = subprocess.Popen(
            ["patroni", str(self.folder / f"node{node}.yml")],
            user="postgres",
            group="postgres",
            env={"PATH": PATH, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            stdout=log,
            stderr=log,
        )

    def wait(self, what: Callable[[], bool], seconds: float = 120) -> None:
        """Until `what` holds."""
        give_up = time.monotonic() + seconds
        while not what():
            if time.monotonic() > give_up:
                logs = [path.read_text()[-500:] for path in self.folder.glob("*.log")]
                raise RuntimeError(f"the cluster did not come round: {logs}")
            time.sleep(0.5)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A whole cluster for a block, with an empty database `drill`."""
    folder = Path(tempfile.mkdtemp(prefix="seat-admin-cluster-"))
    shutil.chown(folder, "postgres", "postgres")
    servers = []
    for node in NODES:
        port, rest = BALANCED + node, REST + node
        conf = CONF.format(node=node, rest=rest, port=port, etcd=ETCD, folder=folder, bin=BIN)
        (folder / f"node{node}.yml").write_text(conf)
        servers.append(f"  server node{node} 127.0.0.1:{port} check port {rest}")
    balancing = HAPROXY.format(balanced=BALANCED, servers="\n".join(servers))
    (folder / "haproxy.cfg").write_text(balancing)
    made, others = Cluster(folder), []
    try:
        others.append(_etcd(folder))
        time.sleep(2)
        for node in NODES:
            made.start(node)
        made.wait(lambda: made.is_whole)
        command = [
            shutil.which("haproxy", path=PATH) or "haproxy",
            "-f",
            str(folder / "haproxy.cfg"),
        ]
        others.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        leader = made.leader or 1
        words = [
            "createdb",
            "-h",
            "127.0.0.1",
            "-p",
            str(BALANCED + leader),
            "-U",
            "postgres",
            "drill",
        ]
        subprocess.run([f"{BIN}/{words[0]}", *words[1:]], check=True)
        yield made
    finally:
        for process in (*made.patroni.values(), *others):
            process.terminate()
        for process in (*made.patroni.values(), *others):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _etcd(folder: Path) -> "subprocess.Popen[bytes]":
    log = (folder / "etcd.log").open("ab")
    client, peer = f"http://127.0.0.1:{ETCD}", f"http://127.0.0.1:{ETCD + 1}"
    options = {
        "name": "drill",
        "data-dir": f"{folder}/etcd",
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"drill={peer}",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return subprocess.Popen(
        ["etcd", *words],
        user="postgres",
        group="postgres",
        env={"PATH": PATH},
        stdout=log,
        stderr=log,
    )


def _answers(node: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{REST + node}/{path}", timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _json(node: int, path: str) -> dict[str, list[dict[str, str]]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{REST + node}/{path}", timeout=3) as answer:
            return dict(json.load(answer))
    except (urllib.error.URLError, OSError, ValueError):
        return {}
