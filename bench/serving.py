"""The product and the floor on gunicorn, as `make run` starts it: one process of eight threads.

Sync workers would answer a little faster, but close the connection after each answer; what staff
have is a kept connection, here as behind a proxy. Only processes started here are ended here.
"""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.settings import CACHE, ROOT, Environment

PRODUCT, FLOOR = "app:create_app()", "bench.floor:create_app()"
FLAGS = ("--worker-class", "gthread", "--workers", "1", "--threads", "8")
PATIENT = (
    "--keep-alive",
    "300",
    "--timeout",
    "600",
)  # a slow task elsewhere is no reason to hang up
QUIET = ("--no-control-socket", "--log-level", "warning")
LONGEST_START = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A gunicorn that answers on 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int
    seconds_to_first_page: float

    def memory(self, name: str = "VmRSS") -> int:
        """Bytes of the worker: now (VmRSS), or the most since `forget_peak` (VmHWM)."""
        status = (self._worker() / "status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1]) * 1024

    def forget_peak(self) -> None:
        """Begin to watch for the most memory anew."""
        (self._worker() / "clear_refs").write_text("5")

    def _worker(self) -> Path:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return Path("/proc") / children[0]


@contextmanager
def serving(place: Environment, app: str = PRODUCT, page: str = "/login") -> Iterator[Server]:
    """A server for a block, from the moment on when `page` answers 200."""
    port = _free_port()
    address = ("--bind", f"127.0.0.1:{port}")
    command = [sys.executable, "-m", "gunicorn", *address, *FLAGS, *PATIENT, *QUIET, app]
    began = time.perf_counter()
    with (CACHE / "server.log").open("w") as log:  # a line per request
        process = subprocess.Popen(command, cwd=ROOT, env=place.variables(), stderr=log)
    try:
        _wait(process, f"http://127.0.0.1:{port}{page}")
        yield Server(process, port, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    give_up = time.perf_counter() + LONGEST_START
    while time.perf_counter() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=LONGEST_START):  # noqa: S310 (own address)
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    raise RuntimeError(f"No server came up at {url}")
