"""How gunicorn serves Seat Admin. It reads this file by itself when it starts beside it.

Threads keep a browser's connection, and a worker that is busy with a long export is not taken for
dead. Options on the command line win over this file; docs/operations.md names the variables.
"""

import gc
import os
import sys
from pathlib import Path

gc.disable()  # what is imported stays: to look for cycles in it takes a tenth of a start

wsgi_app = "app:create_app()"
bind = os.environ.get("BIND") or "127.0.0.1:8000"
workers = int(os.environ.get("WEB_CONCURRENCY") or len(os.sched_getaffinity(0)))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)
keepalive = 75  # seconds: longer than a proxy keeps an idle connection, so that the proxy hangs up

# SIGTERM: take no new request, finish those in hand. The longest are batches over all rows.
graceful_timeout = 90
timeout = 60

# A worker proves that it lives by touching a file: in memory, not on a disk that may be full.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

# The same lines as the application's. Requests are told by it, not by an access log.
_development = (os.environ.get("SEATADMIN_ENV") or "development") == "development"
_form = os.environ.get("LOG_FORMAT") or ("text" if _development else "json")
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "seatadmin.logs.Lines", "form": _form}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["lines"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}},
}


def on_starting(server):
    """A wrong setting is one line, before any worker starts. Counters of an earlier run go."""
    from seatadmin import config

    root = Path(__file__).parent
    try:
        settings = config.load(None, root, root / "instance")
    except config.WrongSetting as wrong:
        sys.exit(str(wrong))
    if settings["SEATADMIN_ENV"] == "production" and not settings["ALLOWED_HOSTS"]:
        server.log.warning("ALLOWED_HOSTS is empty: requests for any host name are answered.")
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _empty(Path(folder))


def _empty(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.db"):
            old.unlink()
    except OSError as wrong:
        sys.exit(f"PROMETHEUS_MULTIPROC_DIR: {wrong.strerror}: {wrong.filename}.")


def post_worker_init(_worker):
    """From here on cycles are looked for, but not among what the application itself is made of."""
    gc.freeze()
    gc.enable()


def child_exit(_server, worker):
    """A worker that has gone keeps its counts; what it showed as its present state goes."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
