"""What the documents about running it say is so."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app

ROOT = Path(__file__).parents[1]
OPERATIONS = ROOT / "docs" / "operations.md"
DEPLOY = ROOT / "docs" / "deploy"
READERS = ("seatadmin/config.py", "gunicorn.conf.py", "seatadmin/views/metrics.py")

GUNICORNS = {"FORWARDED_ALLOW_IPS"}
"""Variables that gunicorn itself reads."""

NAME = re.compile(r"[A-Z][A-Z_]{3,}")


@pytest.fixture
def unbound() -> Flask:
    return create_app({"SEATADMIN_ENV": "testing", "SECRET_KEY": "tests"})


def described() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS.read_text(), re.MULTILINE))


def read_by(path: Path) -> Iterator[str]:
    """Names that are looked up in what the environment gives: `given.get("X")`, `_whole(given,
    "X")`, `os.environ.get("X")`, `"X" in os.environ`, and the list of the provider's."""
    for node in ast.walk(ast.parse(path.read_text())):
        strings: list[ast.expr] = []
        source = ast.unparse(node) if isinstance(node, ast.Call | ast.Compare | ast.Assign) else ""
        if isinstance(node, ast.Call) and source.startswith(("given.get(", "os.environ.get(")):
            strings = node.args[:1]
        elif isinstance(node, ast.Call) and "(given, " in source:
            strings = node.args[1:2]
        elif isinstance(node, ast.Compare) and source.endswith("os.environ"):
            strings = [node.left]
        elif isinstance(node, ast.Assign) and source.startswith("PROVIDER ="):
            strings = list(ast.walk(node))  # type: ignore[arg-type]
        for one in strings:
            if isinstance(one, ast.Constant) and NAME.fullmatch(str(one.value)):
                yield str(one.value)


def documents() -> list[Path]:
    return [OPERATIONS, *sorted(path for path in DEPLOY.iterdir() if path.is_file())]


def test_every_setting_is_described_and_every_described_setting_is_read() -> None:
    read = {name for path in READERS for name in read_by(ROOT / path)}

    assert described() == read | GUNICORNS


def test_files_for_deployment_set_only_what_there_is() -> None:
    unknown = {
        (path.name, name)
        for path in DEPLOY.iterdir()
        for line in path.read_text().splitlines()
        for name in re.findall(
            r"(?:^|[\s=])([A-Z][A-Z_]{3,})=", line.removeprefix("#").removeprefix("ENV ")
        )
        if name not in described() | {"PATH", "PYTHONUNBUFFERED"}
    }
    assert unknown == set()


def test_commands_that_are_named_exist(unbound: Flask) -> None:
    named = {
        tuple(words.split())
        for path in documents()
        for words in re.findall(r"\bflask ([a-z-]+(?: [a-z]+)?)", path.read_text())
    }
    assert len(named) > 3
    wrong = []
    for words in named:
        done = unbound.test_cli_runner().invoke(args=[words[0], "--help"])
        group = "Commands:" in done.output
        if done.exit_code or (group and len(words) > 1 and words[1] not in done.output):
            wrong.append(words)
    assert wrong == []


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    texts = [path.read_text() for path in (*documents(), ROOT / "docs" / "reliability.md")]

    assert {name for text in texts for name in re.findall(r"`make ([a-z]+)", text)} <= targets


def test_links_of_the_document_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", OPERATIONS.read_text()):
        assert (OPERATIONS.parent / target).exists(), target
    for name in re.findall(r"`((?:docs|tests|bench|seatadmin)/[\w./]+)`", OPERATIONS.read_text()):
        assert (ROOT / name).exists(), name


def test_the_container_copies_what_the_application_needs_and_is_not_root() -> None:
    text = (DEPLOY / "Containerfile").read_text()

    for name in re.findall(r"^COPY ([\w. ]+) ", text, re.MULTILINE):
        assert all((ROOT / part).exists() for part in name.split()), name
    assert {"app.py", "gunicorn.conf.py", "migrations", "seatadmin", "templates"} <= set(
        text.split()
    )
    assert "--require-hashes" in text
    assert "\nUSER 10001\n" in text
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("unit", sorted(p.name for p in DEPLOY.glob("seat-admin*.*")))
def test_a_unit_is_one(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / unit).read_text()
    assert text.count("[Unit]") == 1
    if not (verify := shutil.which("systemd-analyze")):
        return
    for path in DEPLOY.glob("seat-admin*.*"):
        known = path.read_text().replace("/opt/seat-admin/.venv/bin/gunicorn", sys.executable)
        known = known.replace("/opt/seat-admin/.venv/bin/flask", sys.executable)
        (tmp_path / path.name).write_text(known.replace("/opt/seat-admin", str(tmp_path)))
    done = subprocess.run(
        [verify, "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )
    told = [line for line in done.stderr.splitlines() if "seat-admin" in line]
    assert told == []


def test_the_proxy_reads_its_file(tmp_path: Path) -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "$proxy_add_x_forwarded_for" not in text  # what the sender claims must not come through
    assert "location = /metrics" in text
    if not (nginx := _command("nginx")):
        return
    text = text.replace("listen 443 ssl http2", "listen 44300").replace(
        "listen 80;", "listen 8099;"
    )
    text = re.sub(r"^ *ssl_.*$", "", text, flags=re.MULTILINE)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\nhttp {{\n{text}\n}}\n"
    )
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(whole)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_balancer_reads_its_file(tmp_path: Path) -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    assert "on-marked-down shutdown-sessions" in text
    if not (haproxy := _command("haproxy")):
        return
    whole = tmp_path / "haproxy.cfg"
    whole.write_text(
        text.replace(" ssl crt /etc/haproxy/seats.example.org.pem alpn h2,http/1.1", "")
    )
    done = subprocess.run(
        [haproxy, "-c", "-f", str(whole)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _command(name: str) -> str | None:
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
