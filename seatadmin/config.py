"""Settings: read from the environment once, validated, and handed to Flask."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

ENVIRONMENTS = ("development", "production", "testing")
SHORTEST_KEY = 32
LARGEST_REQUEST = 512 * 1024
"""Bytes of one request: some 70,000 ids. Of more rows, "all that match" are chosen."""

COUNT_BOUND = 1_000
"""Totals are exact up to here and then shown as "1,000+"."""


class WrongSetting(Exception):
    """A setting that the program cannot start with; the message says which and what to do."""


def load(overrides: Mapping[str, Any] | None, root: Path, instance: Path) -> dict[str, Any]:
    """Flask's configuration, from the environment and `overrides` (which win).

    `root` is the folder of app.py: a relative SQLite path starts there. `instance` is where the
    development key is kept. Raises `WrongSetting`.
    """
    given: dict[str, Any] = {**os.environ, **(overrides or {})}
    environment = given.get("SEATADMIN_ENV") or "development"
    if environment not in ENVIRONMENTS:
        raise WrongSetting(f"SEATADMIN_ENV is one of {', '.join(ENVIRONMENTS)}, not {environment}.")
    url = given.get("DATABASE_URL") or "sqlite:///instance/seatadmin.db"
    return {
        "SEATADMIN_ENV": environment,
        "TESTING": environment == "testing",
        "SECRET_KEY": _secret_key(given.get("SECRET_KEY"), environment, instance),
        "SQLALCHEMY_DATABASE_URI": _database_url(url, root),
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},
        "SUPPORT_URL": _support_url(given.get("SUPPORT_URL")),
        "DEMO_PASSWORD": given.get("SEATADMIN_DEMO_PASSWORD") or "seat-admin-demo-2026",
        "PROXY_COUNT": _whole(given, "PROXY_COUNT", 0),
        "RATELIMIT_STORAGE_URI": given.get("RATELIMIT_STORAGE_URI") or "memory://",
        "RATELIMIT_ENABLED": given.get("RATELIMIT_ENABLED", True),
        "LOG_FORMAT": _log_format(given.get("LOG_FORMAT"), environment),
        "METRICS": given.get("METRICS") in ("1", "true", True),
        "METRICS_TOKEN": given.get("METRICS_TOKEN") or None,
        "METRICS_FROM": _networks(given.get("METRICS_FROM") or "127.0.0.1, ::1"),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": environment == "production",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }


def _secret_key(given: str | None, environment: str, instance: Path) -> str:
    if given and (len(given) >= SHORTEST_KEY or environment != "production"):
        return given
    if environment == "production":
        raise WrongSetting(f"Production needs a SECRET_KEY of {SHORTEST_KEY} characters or more.")
    return _persisted_key(instance / "secret_key")


def _persisted_key(path: Path) -> str:
    """The development key, made once: sessions outlive a restart, and every worker shares it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(SHORTEST_KEY))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)  # atomic, and the first of several workers wins
        fresh.unlink()
    return path.read_text()


def _database_url(url: str, root: Path) -> str:
    """Psycopg 3 for every PostgreSQL address; a relative SQLite file lies below `root`."""
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme != "sqlite":
        raise WrongSetting("DATABASE_URL begins with sqlite:/// or postgresql://.")
    path = Path(rest.removeprefix("/"))
    if not path.name:
        raise WrongSetting("A SQLite DATABASE_URL names a file: sqlite:///instance/seatadmin.db.")
    path = path if path.is_absolute() else root / path
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path}"


def _support_url(given: str | None) -> str:
    """Where "open a support ticket" leads. Only links that a page may safely carry."""
    url = given or "mailto:support@example.org?subject=Seat%20Admin"
    if not url.startswith(("https://", "http://", "mailto:")):
        raise WrongSetting("SUPPORT_URL begins with https://, http:// or mailto:.")
    return url


def _log_format(given: str | None, environment: str) -> str:
    """One line of JSON per request, or lines for people: what development shows by itself."""
    form = given or ("text" if environment == "development" else "json")
    if form not in ("json", "text"):
        raise WrongSetting("LOG_FORMAT is json or text.")
    return form


def _networks(given: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, separated by commas."""
    try:
        return [ip_network(one.strip()) for one in given.split(",")]
    except ValueError as wrong:
        raise WrongSetting(f"METRICS_FROM lists addresses and networks: {wrong}.") from None


def _whole(given: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(given.get(name) or default)
    except ValueError:
        raise WrongSetting(f"{name} is a whole number.") from None
