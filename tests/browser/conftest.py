"""Real Chromium against the app, served by a thread of this process over its own SQLite file.

`app`, and with it every factory, writes to the file that the server reads. Addresses are
relative to the server: `page.goto("/login")`.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from werkzeug.serving import make_server

from seatadmin.permissions import Role
from tests.browser import world as worlds
from tests.browser.world import World
from tests.databases import SQLiteDatabase
from tests.installation import Installation, installed

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class LiveServer:
    url: str
    installation: Installation


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with installed(SQLiteDatabase(tmp_path_factory.mktemp("live"))) as installation:
        server = make_server("127.0.0.1", 0, installation.app, threaded=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield LiveServer(f"http://127.0.0.1:{server.port}", installation)
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def installation(live_server: LiveServer) -> Installation:
    """Browser tests run on the live server's database alone, made new for each of them."""
    return live_server.installation.renew()


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    return live_server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, which calls nobody. No sandbox: root has none, and the only
    pages that it opens are ours."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"no browser here: looked for {', '.join(BROWSERS)}")
    return browser_type_launch_args | {
        "executable_path": executable,
        "chromium_sandbox": False,
        "args": [
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.hookimpl(tryfirst=True)  # before -m chooses by mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def world(app: Flask) -> World:
    return worlds.make(app)


@pytest.fixture(params=list(Role), ids=str)
def role(request: pytest.FixtureRequest) -> Role:
    """Whatever uses this is tried by each kind of staff."""
    found: Role = request.param
    return found


@pytest.fixture
def staff(page: Page, world: World, role: Role) -> Page:
    """The page of somebody who is signed in with `role`."""
    return worlds.sign_in(page, world, role)


@pytest.fixture
def regulator(page: Page, world: World) -> Page:
    return worlds.sign_in(page, world, Role.REGULATOR)


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """No page of any test may log an error: a script that failed, a policy that was broken."""
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text) if _is_bad(message) else None)
    context.on("weberror", lambda error: said.append(str(error.error)))
    yield context
    assert said == []


def _is_bad(message: ConsoleMessage) -> bool:
    """Errors and warnings; that an answer was an error page is what some tests are about."""
    return message.type in ("error", "warning") and "status of 4" not in message.text
