"""Importing in tests: each file is tried dry first, and must do what that said."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

from sqlalchemy import select

from seatadmin.models import Participant
from seatadmin.permissions import SYSTEM, Actor
from seatadmin.services.imports import Answer, Options, import_roster
from tests.services.acting import audit, seats_agree

Row = Mapping[str, Any]


def roster(*rows: Row, encoding: str = "utf-8", **dialect: Any) -> bytes:
    """A CSV file with the columns that any of the rows has. None is a blank cell."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def imported(session: Any, *rows: Row, actor: Actor = SYSTEM, **options: Any) -> Answer:
    """Import rows as a file: the first stands on line 2."""
    return imported_file(session, roster(*rows), actor, **options)


def imported_file(session: Any, file: bytes, actor: Actor = SYSTEM, **options: Any) -> Answer:
    """Import a file: dry, then really, and compare the two."""
    session.flush()
    before = audit(session), people(session)
    expected = import_roster(session, actor, BytesIO(file), Options(**options, dry_run=True))
    assert (audit(session), people(session)) == before
    answer = import_roster(session, actor, BytesIO(file), Options(**options))
    assert replace(answer, change_id=None) == expected
    if answer.change_id is None:
        assert (audit(session), people(session)) == before
    assert seats_agree(session)
    return answer


def counts(answer: Answer) -> tuple[int, int, int, int]:
    """New, changed, same, refused."""
    return answer.new, answer.changed, answer.same, len(answer.refused)


def whys(answer: Answer) -> dict[int, str]:
    """Why lines were refused, by their numbers."""
    return {row.line: row.why for row in answer.refused}


def people(session: Any) -> list[tuple[Any, ...]]:
    """Every column of every user."""
    return [tuple(row) for row in session.execute(select(Participant.__table__)).all()]


def by_number(session: Any, number: str) -> Participant:
    """The participant with an apprentice number."""
    found = select(Participant).where(Participant.apprentice_number == number)
    participant: Participant = session.scalars(found).one()
    return participant


def columns_of(participants: Iterable[Participant], *names: str) -> list[tuple[Any, ...]]:
    """The named columns of each participant."""
    return [tuple(getattr(one, name) for name in names) for one in participants]
