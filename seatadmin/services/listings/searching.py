"""Searching users: a part of the name, e-mail or apprentice number, at any size.

A whole e-mail address or number is looked up. A term with few matches is looked for once, in the
trigram index: the page is made of the ids found. One that matches more than `BROAD` users is not
sorted for somebody who sees all of them: its rows stand in the order of entry, in which any page is
read at once. Under three letters there are no trigrams: then names are searched by their beginning.
"""

import re
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy import column as named_column
from sqlalchemy.orm import Session

from seatadmin.models import User
from seatadmin.permissions import Actor, Reach
from seatadmin.services.listings.engine import Found
from seatadmin.services.scope import one_of, visible
from seatadmin.text import fold_email, searchable, squeeze

BROAD = 2_000
"""From so many matches on, sorting them all for a page of 50 costs more than anybody reads."""

NOT_IN_NAMES = re.compile(r"[\d@]")
"""What a whole e-mail address or number has and a name has not."""

TRIGRAMS = 8
"""So many of a term's trigrams are looked up in SQLite's index; the rest is seen in the rows."""

_index = table("user_search", named_column("rowid"))


def user_search(session: Session, actor: Actor, typed: str) -> Found:
    """How users are found by what was typed.

    Whether somebody has exactly this e-mail or number is asked in the actor's scope: else a search
    would tell of others.
    """
    whole = or_(User.email_key == fold_email(typed), User.apprentice_number == squeeze(typed))
    if NOT_IN_NAMES.search(typed) and _somebody(session, actor, whole):
        return Found(whole, few=True)
    term = searchable(typed)
    contained = User.search_text.contains(term, autoescape=True)
    if len(term) < 3:
        found, contained = _beginning(term), _begins(term)
    elif session.get_bind().dialect.name == "sqlite":
        found = [_by_trigrams(term)]
    else:
        found = [select(User.id).where(contained)]
    count, ids = _some(session, found)
    if count == BROAD:
        return Found(contained, broad=actor.reach is Reach.ALL)
    return Found(one_of(session, User.id, ids) & contained, few=True)


def _somebody(session: Session, actor: Actor, whole: ColumnElement[bool]) -> bool:
    seen = select(literal(1)).where(whole, visible(actor, User)).limit(1)
    return session.connection().scalar(seen) is not None


def _some(session: Session, found: list[Select[int]]) -> tuple[int, list[int]]:
    """The first ids, up to `BROAD`: each way to them is followed no further than it takes."""
    parts = (select(ids.limit(BROAD).subquery()) for ids in found)
    some = union_all(*parts).limit(BROAD).subquery()
    listed = func.json_group_array if session.get_bind().dialect.name == "sqlite" else func.json_agg
    count, ids = (
        session.connection().execute(select(func.count(), listed(some.c[0], type_=JSON))).one()
    )
    return count, ids or []


def _by_trigrams(term: str) -> Select[int]:
    pieces = [term[i : i + 3] for i in range(len(term) - 2)][:TRIGRAMS]
    quoted = " ".join('"{}"'.format(piece.replace('"', '""')) for piece in pieces)
    return select(_index.c.rowid).where(text("user_search MATCH :pieces").bindparams(pieces=quoted))


def _begins(term: str) -> ColumnElement[bool]:
    return or_(*(column.startswith(term, autoescape=True) for column in _NAMES))


def _beginning(term: str) -> list[Select[int]]:
    """Users whose last name begins with `term`, and whose first name does: an index has each."""
    ranges = (column.between(term, term + "\U0010ffff") for column in _NAMES)
    return [select(User.id).where(range) for range in ranges]


_NAMES: tuple[Any, ...] = (
    User.name_key,
    func.substr(User.search_text, literal_column("1"), literal_column("2")),
)
"""The last name leads the sort key, the first name the searched text."""
