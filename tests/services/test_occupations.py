"""The list of occupations …"""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from seatadmin.models import Occupation
from seatadmin.services.occupations import (
    SHIPPED,
    Loaded,
    NotAList,
    load,
    load_shipped_if_none,
    read,
    suggest,
)


def count(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(Occupation))


def test_is_shipped_with_codes_as_onet_writes_them() -> None:
    shipped = read(SHIPPED)

    assert 40 <= len(shipped) <= 60
    assert all(re.fullmatch(r"\d\d-\d{4}\.\d\d", code) for code in shipped)
    assert shipped["47-2111.00"] == "Electrician"


def test_is_loaded_into_an_empty_table_alone(session: Session) -> None:
    session.add(Occupation(code="1", title="Mine"))

    load_shipped_if_none(session)

    assert count(session) == 1


def test_grows_and_is_renamed_by_a_file(session: Session, tmp_path: Path) -> None:
    load(session)
    file = tmp_path / "full.csv"
    file.write_bytes(
        b"\xef\xbb\xbfO*NET-SOC 2019 Code,O*NET-SOC 2019 Title,2018 SOC Code,2018 SOC Title\r\n"
        b"47-2111.00,Electricians,47-2111,Electricians\r\n"
        b'11-9031.00,"Education  and Childcare, Preschool",11-9031,x\r\n'
    )
    before = count(session)

    assert load(session, file) == Loaded(new=1, changed=1)
    assert load(session, file) == Loaded(new=0, changed=0)

    assert count(session) == (before or 0) + 1
    titles = set(session.scalars(select(Occupation.title)))
    assert {"Electricians", "Education and Childcare, Preschool", "Carpenter"} <= titles
    assert "Electrician" not in titles


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "first line"),
        (b"id,name\n1,A\n", "first line"),
        (b"code,title\n1\n", "Line 2"),
        (b"code,title\n1,A\n,B\n", "Line 3"),
        (b"code,title\n1," + b"A" * 201, "Line 2"),
        (b"code,title\n1,\xff\n", "UTF-8"),
        (b'code,title\n1,"' + b"A" * 200_000 + b'"\n', "Line"),
    ],
)
def test_is_refused_when_it_is_none(
    session: Session, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)

    with pytest.raises(NotAList, match=message):
        load(session, file)

    assert count(session) == 0


def test_suggests_what_contains_the_text_and_first_what_begins_with_it(session: Session) -> None:
    for code, title in enumerate(["Pipe Welder", "Welder", "Électricien", "100% Welder", "Cook"]):
        session.add(Occupation(code=str(code), title=title))
    session.flush()

    assert suggest(session, " WELD") == ["Welder", "100% Welder", "Pipe Welder"]
    assert suggest(session, "wéld", limit=1) == ["Welder"]
    assert suggest(session, "%") == ["100% Welder"]
    assert suggest(session, " ") == []
    assert suggest(session, "nobody") == []
