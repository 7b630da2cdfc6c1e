"""An import tells how far it is…"""

import io

import pytest

from seatadmin.permissions import SYSTEM
from seatadmin.services.imports import READING, WRITING, Options, import_roster, running
from tests.factories import EmployerFactory

Told = list[tuple[int, int, str]]


@pytest.fixture
def roster(session, monkeypatch) -> bytes:
    """Thirty lines, read ten at a time."""
    monkeypatch.setattr(running, "CHUNK", 10)
    employer = EmployerFactory()
    lines = [f"AP-{n},Ada,Lovelace,{employer.name}" for n in range(30)]
    return "\n".join(["apprentice_number,first_name,last_name,employer", *lines]).encode()


def _told(session, roster: bytes, options: Options) -> Told:
    told: Told = []
    import_roster(session, SYSTEM, io.BytesIO(roster), options, lambda *given: told.append(given))
    return told


def test_in_bytes_of_the_file_and_then_in_rows(session, roster):
    told = _told(session, roster, Options())
    reading = [given for given in told if given[2] == READING]
    writing = [given for given in told if given[2] == WRITING]
    assert told == reading + writing
    assert len(reading) == 3
    assert reading[-1][:2] == (len(roster), len(roster))
    assert [done for done, _, _ in writing] == [0, 30, 60, 60]
    assert {total for _, total, _ in writing} == {60}


def test_and_in_a_dry_run_only_of_reading(session, roster):
    told = _told(session, roster, Options(dry_run=True))
    assert {what for _, _, what in told} == {READING}


def test_and_ends_when_whoever_watches_says_so(session, roster):
    def enough(_done: int, _total: int, _what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_roster(session, SYSTEM, io.BytesIO(roster), report=enough)
