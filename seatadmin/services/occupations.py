"""Occupations: the list from which the occupation field suggests."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seatadmin.models import Occupation
from seatadmin.text import fold, squeeze

SHIPPED = Path(__file__).parents[1] / "data" / "occupations.csv"
"""Common apprenticeable occupations: O*NET-SOC codes, titles in the words of the trades."""

CODE, TITLE = 20, 200
"""How many characters each column holds."""

HEADS = (("code", "title"), ("O*NET-SOC 2019 Code", "O*NET-SOC 2019 Title"))
"""The names under which a list has its two columns; others are left alone."""


class NotAList(ValueError):
    """A file that holds no occupations; the message says what is wrong, and on which line."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many occupations were new, and how many have another title now."""

    new: int
    changed: int


def suggest(session: Session, text: str, limit: int = 10) -> list[str]:
    """Titles that contain `text`, those that begin with it first; none for a blank one."""
    wanted = fold(text)
    if not wanted:
        return []
    title = func.lower(Occupation.title)
    found = select(Occupation.title).where(title.contains(wanted, autoescape=True)).distinct()
    begins = title.startswith(wanted, autoescape=True)
    found = found.add_columns(begins).order_by(begins.desc(), Occupation.title).limit(limit)
    return [row.title for row in session.execute(found)]


def load(session: Session, path: Path = SHIPPED) -> Loaded:
    """Add the occupations of a CSV file, and give those that are known its titles.

    The caller commits. Raises `NotAList` (nothing is added then) and `OSError`.
    """
    given = read(path)
    known = {each.code: each for each in session.scalars(select(Occupation))}
    changed = 0
    for code, title in given.items():
        if code not in known:
            session.add(Occupation(code=code, title=title))
        elif known[code].title != title:
            known[code].title = title
            changed += 1
    session.flush()
    return Loaded(len(given.keys() - known.keys()), changed)


def load_shipped_if_none(session: Session) -> None:
    """Add the shipped list to an empty table. The caller commits."""
    if not session.scalar(select(func.count()).select_from(Occupation)):
        load(session)


def read(path: Path) -> dict[str, str]:
    """Titles by code, from a CSV file with a head. Raises `NotAList`, `OSError`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.DictReader(file)
            code, title = _columns(rows.fieldnames or ())
            return dict(_read_row(rows, row, code, title) for row in rows)
        except UnicodeDecodeError:
            raise NotAList("The file is not UTF-8 text.") from None
        except csv.Error as error:
            raise NotAList(f"Line {rows.line_num}: {error}.") from None


def _columns(head: Iterable[str]) -> tuple[str, str]:
    for code, title in HEADS:
        if {code, title} <= set(head):
            return code, title
    raise NotAList("The first line names the columns: code and title.")


def _read_row(
    rows: "csv.DictReader[str]", row: Mapping[str, str | None], code: str, title: str
) -> tuple[str, str]:
    found = squeeze(row[code]), squeeze(row[title])
    if not all(found):
        raise NotAList(f"Line {rows.line_num}: a code and a title are needed.")
    if len(found[0]) > CODE or len(found[1]) > TITLE:
        raise NotAList(f"Line {rows.line_num}: a code has {CODE} characters, a title {TITLE}.")
    return found
