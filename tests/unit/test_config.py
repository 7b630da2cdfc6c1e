"""A setting …"""

import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from seatadmin.config import WrongSetting, load

KEY = "k" * 32


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
        {"SEATADMIN_ENV": "production", "SECRET_KEY": "k" * 31},
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
