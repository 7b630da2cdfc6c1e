"""The product on gunicorn, as it is deployed: beside its settings file, with worker processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drills.places import Place
from drills.settings import FOLDER, ROOT

LONGEST_START = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn on 127.0.0.1; its lines stand in `log`."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_workers(self) -> None:
        """kill -9, whatever they are doing."""
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)

    def wait(self, page: str = "/healthz") -> None:
        """Until it answers."""
        give_up = time.monotonic() + LONGEST_START
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{page}", timeout=30):
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise RuntimeError(f"No server came up: {self.log.read_text()[-2000:]}")


@contextmanager
def serving(
    place: Place,
    workers: int = 1,
    threads: int = 8,
    prefix: tuple[str, ...] = (),
    more: Mapping[str, str] | None = None,
    app: str = "app:create_app()",
) -> Iterator[Server]:
    """A server over `place` for a block. `prefix` is put before the command."""
    port = free_port()
    variables = {
        **place.variables,
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(workers),
        "WEB_THREADS": str(threads),
        **(more or {}),
    }
    log = place.folder / f"server-{port}.log"
    with log.open("wb") as lines:
        command = [*prefix, sys.executable, "-m", "gunicorn", app]
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=lines, stderr=lines)
    server = Server(process, port, log)
    try:
        server.wait()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=100)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with (FOLDER / "faults.log").open("a") as kept:  # what outlives the place
            for line in log.open(errors="replace"):
                if '"level": "error"' in line and '"status": 503' not in line:
                    kept.write(line)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
