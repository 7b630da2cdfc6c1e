"""A setting …"""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from seatadmin.config import WrongSetting, load
from seatadmin.permissions import Role

PROVIDER = {
    "OIDC_ISSUER": "https://login.example.org",
    "OIDC_CLIENT_ID": "seat-admin",
    "OIDC_CLIENT_SECRET": "a secret",
}
KEY = "violet-kettles-cross-the-harbor!"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SEATADMIN_ENV",
        "DATABASE_URL",
        "SECRET_KEY",
        "SUPPORT_URL",
        "SEATADMIN_DEMO_PASSWORD",
        "PROXY_COUNT",
        "RATELIMIT_STORAGE_URI",
        "RATELIMIT_ENABLED",
        "LOG_FORMAT",
        "METRICS",
        "METRICS_TOKEN",
        "METRICS_FROM",
    ):
        monkeypatch.delenv(name, raising=False)


def settings(root: Path, **given: Any) -> Mapping[str, Any]:
    return load(given, root, root / "instance")


def test_has_a_default_that_works_from_a_fresh_clone(tmp_path: Path) -> None:
    found = settings(tmp_path)

    assert found["SEATADMIN_ENV"] == "development"
    assert found["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/instance/seatadmin.db"
    assert found["SUPPORT_URL"].startswith("mailto:")
    assert found["DEMO_PASSWORD"] == "seat-admin-demo-2026"
    assert found["PROXY_COUNT"] == 0
    assert found["RATELIMIT_STORAGE_URI"] == "memory://"
    assert not found["TESTING"]
    assert not found["SESSION_COOKIE_SECURE"]


def test_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_URL", "https://help.example.org/")
    monkeypatch.setenv("PROXY_COUNT", "2")

    found = settings(tmp_path)

    assert (found["SUPPORT_URL"], found["PROXY_COUNT"]) == ("https://help.example.org/", 2)


def test_given_to_the_application_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "from the environment")

    assert settings(tmp_path, SECRET_KEY="given")["SECRET_KEY"] == "given"


def test_that_is_blank_counts_as_missing(tmp_path: Path) -> None:
    blank = settings(tmp_path, SEATADMIN_ENV="", DATABASE_URL="", SUPPORT_URL="", PROXY_COUNT="")

    assert blank["SEATADMIN_ENV"] == "development"
    assert blank["SQLALCHEMY_DATABASE_URI"].endswith("instance/seatadmin.db")
    assert blank["PROXY_COUNT"] == 0


@pytest.mark.parametrize(
    "given",
    [
        {"SEATADMIN_ENV": "prod"},
        {"DATABASE_URL": "mysql://localhost/seats"},
        {"DATABASE_URL": "seatadmin.db"},
        {"DATABASE_URL": "sqlite://"},
        {"DATABASE_URL": "sqlite:///"},
        {"SUPPORT_URL": "javascript:alert(1)"},
        {"SUPPORT_URL": "//help.example.org"},
        {"PROXY_COUNT": "two"},
        {"SEATADMIN_ENV": "production"},
        {"SEATADMIN_ENV": "production", "SECRET_KEY": KEY[:31]},
        {"SEATADMIN_ENV": "production", "SECRET_KEY": "k" * 64},
        {"SEATADMIN_ENV": "production", "SECRET_KEY": "change-me " * 8},
        {
            "SEATADMIN_ENV": "production",
            "SECRET_KEY": "a key for measurements only, never used elsewhere",
        },
        {"PUBLIC_URL": "seats.example.org"},
        {"PASSWORD_LINK_HOURS": "0"},
        {"PASSWORD_LINK_HOURS": "1000"},
        {"HSTS_SECONDS": "a year"},
        {"RATELIMIT_STORAGE_URI": "memcached://127.0.0.1"},
        {"RATELIMIT_ENABLED": "maybe"},
        {"METRICS": "please"},
    ],
    ids=str,
)
def test_that_is_wrong_stops_the_start_and_is_named(tmp_path: Path, given: dict[str, str]) -> None:
    named = "SECRET_KEY" if given.get("SEATADMIN_ENV") == "production" else next(iter(given))

    with pytest.raises(WrongSetting, match=named):
        settings(tmp_path, **given)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_for_postgresql_always_means_psycopg_3(tmp_path: Path, scheme: str) -> None:
    found = settings(tmp_path, DATABASE_URL=f"{scheme}://me:pw@db.example.org:5433/seats?x=1")

    assert found["SQLALCHEMY_DATABASE_URI"] == (
        "postgresql+psycopg://me:pw@db.example.org:5433/seats?x=1"
    )


@pytest.mark.parametrize("absolute", [False, True])
def test_for_sqlite_is_an_absolute_file_whose_folder_is_made(
    tmp_path: Path, absolute: bool
) -> None:
    file = tmp_path / "some" / "where" / "seats.db"
    url = f"sqlite:///{file if absolute else 'some/where/seats.db'}"

    assert settings(tmp_path, DATABASE_URL=url)["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{file}"
    assert file.parent.is_dir()


def test_for_the_key_is_made_once_and_kept_secret(tmp_path: Path) -> None:
    first, second = (settings(tmp_path)["SECRET_KEY"] for _ in range(2))
    kept = tmp_path / "instance" / "secret_key"

    assert first == second == kept.read_text()
    assert len(first) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_for_the_key_is_shared_by_workers_that_start_together(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as workers:
        keys = set(workers.map(lambda _: settings(tmp_path)["SECRET_KEY"], range(64)))

    assert keys == {(tmp_path / "instance" / "secret_key").read_text()}


def test_makes_cookies_secure_in_production(tmp_path: Path) -> None:
    found = settings(tmp_path, SEATADMIN_ENV="production", SECRET_KEY=KEY)

    assert found["SECRET_KEY"] == KEY
    assert found["SESSION_COOKIE_SECURE"]
    assert found["SESSION_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_chooses_logs_for_people_only_in_development(tmp_path: Path) -> None:
    assert settings(tmp_path)["LOG_FORMAT"] == "text"
    assert settings(tmp_path, SEATADMIN_ENV="production", SECRET_KEY=KEY)["LOG_FORMAT"] == "json"
    assert settings(tmp_path, LOG_FORMAT="json")["LOG_FORMAT"] == "json"
    with pytest.raises(WrongSetting, match="LOG_FORMAT"):
        settings(tmp_path, LOG_FORMAT="xml")


def test_shows_metrics_to_nobody_unless_asked(tmp_path: Path) -> None:
    assert not settings(tmp_path)["METRICS"]
    found = settings(tmp_path, METRICS="1", METRICS_FROM="10.0.0.0/8, ::1")
    assert found["METRICS"]
    assert [str(network) for network in found["METRICS_FROM"]] == ["10.0.0.0/8", "::1/128"]
    with pytest.raises(WrongSetting, match="METRICS_FROM"):
        settings(tmp_path, METRICS_FROM="everywhere")


@pytest.mark.parametrize("switch", ["1", "true", "yes", "on"])
def test_for_debugging_stops_production(tmp_path: Path, switch: str) -> None:
    given = {"SEATADMIN_ENV": "production", "SECRET_KEY": KEY}

    with pytest.raises(WrongSetting, match="FLASK_DEBUG"):
        settings(tmp_path, **given, FLASK_DEBUG=switch)
    for off in ("", "0", "false", "No"):
        assert settings(tmp_path, **given, FLASK_DEBUG=off)
    assert settings(tmp_path, FLASK_DEBUG=switch)


def test_for_sqlite_on_a_network_path_stops_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = f"/dev/sda1 / ext4 rw 0 0\nfiler:/seats {tmp_path}/share nfs4 rw 0 0\n"
    monkeypatch.setattr("seatadmin.config._mounts", lambda: mounts)
    given = {"SEATADMIN_ENV": "production", "SECRET_KEY": KEY}
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")

    for folder in ("share", "share/deep", "link"):
        with pytest.raises(WrongSetting, match=r"network file system \(nfs4\)"):
            settings(tmp_path, **given, DATABASE_URL=f"sqlite:///{folder}/seats.db")
    assert settings(tmp_path, **given, DATABASE_URL="sqlite:///local/seats.db")
    assert settings(tmp_path, **given, DATABASE_URL="postgresql://db.example.org/share")
    assert settings(tmp_path, DATABASE_URL="sqlite:///share/seats.db")


def test_for_the_site_is_open_and_has_no_memory_unless_it_says_so(tmp_path: Path) -> None:
    found = settings(tmp_path)
    names = ("ALLOWED_HOSTS", "PUBLIC_URL", "HSTS_SECONDS", "PASSWORD_LINK_LASTS")

    assert [found[name] for name in names] == [[], "", 0, timedelta(hours=24)]
    found = settings(
        tmp_path,
        SEATADMIN_ENV="production",
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="seats.example.org, .example.net",
        PUBLIC_URL="https://seats.example.org/",
        PASSWORD_LINK_HOURS="8",
    )
    assert [found[name] for name in names] == [
        ["seats.example.org", ".example.net"],
        "https://seats.example.org",
        31_536_000,
        timedelta(hours=8),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": KEY, "FLASK_DEBUG": "1"},
        {"SECRET_KEY": KEY, "DATABASE_URL": "mysql://localhost/x"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "command",
    [
        ["flask", "db", "current"],
        ["gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "app:create_app()"],
    ],
    ids=" ".join,
)
def test_that_is_wrong_is_one_line_to_whoever_starts_it(
    tmp_path: Path, given: dict[str, str], command: list[str]
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, "SEATADMIN_ENV": "production", **given},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert answer.returncode != 0
    told = answer.stdout + answer.stderr
    assert "Traceback" not in told
    name = list(given)[-1]
    assert [line for line in told.splitlines() if name in line], told


def test_of_sign_ins_has_a_default(tmp_path: Path) -> None:
    found = settings(tmp_path)

    assert found["SESSION_IDLE"] == timedelta(minutes=30)
    assert found["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=12)
    assert found["SECOND_FACTOR_ROLES"] == set()
    assert (found["OIDC_ISSUER"], found["SESSION_COOKIE_NAME"]) == ("", "session")


def test_of_sign_ins_is_read(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        SESSION_IDLE_MINUTES="10",
        SESSION_HOURS="2",
        SECOND_FACTOR_ROLES="regulator, sponsor",
        **PROVIDER,
    )

    assert found["SESSION_IDLE"] == timedelta(minutes=10)
    assert found["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=2)
    assert found["SECOND_FACTOR_ROLES"] == {Role.REGULATOR, Role.SPONSOR}
    assert found["OIDC_ISSUER"] == "https://login.example.org"


def test_for_a_provider_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "authlib", None)

    with pytest.raises(WrongSetting, match=r"requirements-oidc\.lock"):
        settings(tmp_path, **PROVIDER)


@pytest.mark.parametrize(
    "given",
    [
        {"SESSION_IDLE_MINUTES": "0"},
        {"SESSION_IDLE_MINUTES": "721"},
        {"SESSION_HOURS": "0"},
        {"SESSION_HOURS": "x"},
        {"SECOND_FACTOR_ROLES": "everybody"},
        {"OIDC_ISSUER": "https://login.example.org"},
        {**PROVIDER, "OIDC_ISSUER": "http://login.example.org"},
    ],
    ids=str,
)
def test_of_sign_ins_that_is_wrong_is_named(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(WrongSetting, match=next(iter(given))):
        settings(tmp_path, **given)
