"""Settings: read from the environment once, validated, and handed to Flask."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import click

from seatadmin import hardening
from seatadmin.permissions import Role

ENVIRONMENTS = ("development", "production", "testing")
LARGEST_REQUEST = 512 * 1024
"""Bytes of one request: some 70,000 ids. Of more rows, "all that match" are chosen."""

PROVIDER = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
"""What is known of an OpenID Connect provider: its address, and this program there."""

REDIS_SECONDS = 1

SWITCH = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}

EXTRA = ("authlib", "joserfc", "requests")
"""What talks to such a provider, installed with an extra only."""

COUNT_BOUND = 1_000
"""Totals are exact up to here and then shown as "1,000+"."""


class WrongSetting(click.ClickException):
    """A setting that the program cannot start with; the message says which and what to do.

    Flask's commands show it as one line. So does gunicorn, by its settings file.
    """


def load(overrides: Mapping[str, Any] | None, root: Path, instance: Path) -> dict[str, Any]:
    """Flask's configuration, from the environment and `overrides` (which win).

    `root` is the folder of app.py: a relative SQLite path starts there. `instance` is where the
    development key is kept. Raises `WrongSetting`.
    """
    given: dict[str, Any] = {**os.environ, **(overrides or {})}
    environment = given.get("SEATADMIN_ENV") or "development"
    if environment not in ENVIRONMENTS:
        raise WrongSetting(f"SEATADMIN_ENV is one of {', '.join(ENVIRONMENTS)}, not {environment}.")
    url = _database_url(given.get("DATABASE_URL") or "sqlite:///instance/seatadmin.db", root)
    if environment == "production":
        _refuse_unsafe(given, url)
    return {
        "SEATADMIN_ENV": environment,
        "TESTING": environment == "testing",
        "SECRET_KEY": given.get("SECRET_KEY") or _persisted_key(instance / "secret_key"),
        "SQLALCHEMY_DATABASE_URI": url,
        "READ_SECONDS": _whole(given, "READ_SECONDS", 10),
        "WRITE_SECONDS": _whole(given, "WRITE_SECONDS", 300),
        "SUPPORT_URL": _support_url(given.get("SUPPORT_URL")),
        "DEMO_PASSWORD": given.get("SEATADMIN_DEMO_PASSWORD") or "seat-admin-demo-2026",
        "PROXY_COUNT": _whole(given, "PROXY_COUNT", 0),
        **_throttling(given),
        "LOG_FORMAT": _log_format(given.get("LOG_FORMAT"), environment),
        "METRICS": _switch(given, "METRICS", default=False),
        "METRICS_TOKEN": given.get("METRICS_TOKEN") or None,
        "METRICS_FROM": _networks(given.get("METRICS_FROM") or "127.0.0.1, ::1"),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "IMPORT_MAX_BYTES": _whole(given, "IMPORT_MAX_MB", 50) * 1024 * 1024,
        "REPORT_DAYS": _days(given, "SEATADMIN_REPORT_DAYS", 45),
        "PROBATION_DAYS": _days(given, "SEATADMIN_PROBATION_DAYS", 90),
        **_site(given, environment),
        **_sign_in(given),
        # The prefix binds the cookie to this very host; browsers take it over HTTPS only.
        "SESSION_COOKIE_NAME": "__Host-session" if environment == "production" else "session",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": environment == "production",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }


def _sign_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """How long a sign-in lasts, who must give a second factor, and the provider if there is one."""
    hours = _whole(given, "SESSION_HOURS", 12)
    idle = _whole(given, "SESSION_IDLE_MINUTES", 30)
    if not 1 <= hours <= 24 * 30:
        raise WrongSetting("SESSION_HOURS is between 1 and 720.")
    if not 1 <= idle <= hours * 60:
        raise WrongSetting("SESSION_IDLE_MINUTES is 1 or more, and no more than SESSION_HOURS.")
    roles = str(given.get("SECOND_FACTOR_ROLES") or "").replace(",", " ").split()
    if not set(roles) <= set(Role):
        raise WrongSetting(f"SECOND_FACTOR_ROLES are some of {', '.join(Role)}.")
    provider = {name: given.get(name) or "" for name in PROVIDER}
    if any(provider.values()) and not all(provider.values()):
        raise WrongSetting(f"{', '.join(PROVIDER)} are given all together, or none.")
    here = ("http://127.0.0.1:", "http://localhost:")
    if provider["OIDC_ISSUER"] and not provider["OIDC_ISSUER"].startswith(("https://", *here)):
        raise WrongSetting("OIDC_ISSUER begins with https://.")
    if provider["OIDC_ISSUER"] and not all(map(find_spec, EXTRA)):
        raise WrongSetting("OIDC_ISSUER needs what requirements-oidc.lock installs.")
    return {
        "SESSION_IDLE": timedelta(minutes=idle),
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=hours),
        "SECOND_FACTOR_ROLES": frozenset(map(Role, roles)),
        **provider,
    }


def _throttling(given: Mapping[str, Any]) -> dict[str, Any]:
    """Where requests to the sign-in are counted. A Redis that does not answer is not waited for."""
    uri = given.get("RATELIMIT_STORAGE_URI") or "memory://"
    shared = uri.startswith(("redis://", "rediss://", "redis+unix://"))
    if not shared and uri != "memory://":
        raise WrongSetting("RATELIMIT_STORAGE_URI is memory:// or begins with redis://.")
    timeouts = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    return {
        "RATELIMIT_STORAGE_URI": uri,
        "RATELIMIT_STORAGE_OPTIONS": timeouts if shared else {},
        "RATELIMIT_ENABLED": _switch(given, "RATELIMIT_ENABLED", default=True),
    }


def _site(given: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """How the site is reached, and for how long browsers and links hold to that."""
    public = str(given.get("PUBLIC_URL") or "").rstrip("/")
    if public and not public.startswith(("https://", "http://")):
        raise WrongSetting("PUBLIC_URL begins with https:// or http://.")
    link_hours = _whole(given, "PASSWORD_LINK_HOURS", 24)
    if not 1 <= link_hours <= 24 * 14:
        raise WrongSetting("PASSWORD_LINK_HOURS is between 1 and 336.")
    year = 365 * 24 * 60 * 60 if environment == "production" else 0
    return {
        "ALLOWED_HOSTS": str(given.get("ALLOWED_HOSTS") or "").replace(",", " ").split(),
        "PUBLIC_URL": public,
        "PASSWORD_LINK_LASTS": timedelta(hours=link_hours),
        "HSTS_SECONDS": _whole(given, "HSTS_SECONDS", year),
    }


def _refuse_unsafe(given: Mapping[str, Any], url: str) -> None:
    if wrong := hardening.weakness_of_key(given.get("SECRET_KEY") or ""):
        raise WrongSetting(wrong)
    if hardening.is_on(given.get("FLASK_DEBUG")):
        raise WrongSetting("Production does not run with FLASK_DEBUG: it shows the code's insides.")
    path = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
    if path and (kind := hardening.network_filesystem(str(path.resolve()), _mounts())):
        raise WrongSetting(
            f"DATABASE_URL lies on a network file system ({kind}), where SQLite loses data: take a"
            " local disk, or PostgreSQL."
        )


def _mounts() -> str:
    """The mounted file systems, where the system tells."""
    known = Path("/proc/mounts")
    return known.read_text() if known.exists() else ""


def _persisted_key(path: Path) -> str:
    """The development key, made once: sessions outlive a restart, and every worker shares it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(hardening.SHORTEST_KEY))
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


def _switch(given: Mapping[str, Any], name: str, *, default: bool) -> bool:
    given_word = given.get(name)
    word = "" if given_word is None else str(given_word).lower()
    if word and word not in SWITCH:
        raise WrongSetting(f"{name} is 1 or 0.")
    return SWITCH.get(word, default)


def _days(given: Mapping[str, Any], name: str, default: int) -> int:
    days = _whole(given, name, default)
    if not 0 < days <= 3_650:
        raise WrongSetting(f"{name} is a number of days, up to ten years.")
    return days


def _whole(given: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(given.get(name) or default)
    except ValueError:
        raise WrongSetting(f"{name} is a whole number.") from None
