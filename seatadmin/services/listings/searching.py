"""Searching users: a part of the name, e-mail or apprentice number, at any size.

A whole e-mail address or number is looked up. A term with few matches is looked for once, in the
trigram index: the page is made of the ids found. One that matches more than `BROAD` users is not
sorted for somebody who sees all of them: its rows stand in the order of entry, in which any page is
read at once. Under three letters there are no trigrams: then names are searched by their beginning.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
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
from seatadmin.services.remembered import remember, remembered
from seatadmin.services.scope import listed, visible
from seatadmin.text import fold, fold_email, searchable, squeeze

BROAD = 2_000
"""From so many matches on, sorting them all for a page of 50 costs more than anybody reads."""

NOT_IN_NAMES = re.compile(r"[\d@]")
"""What a whole e-mail address or number has and a name has not."""

TRIGRAMS = 8
"""So many of a term's trigrams are looked up in SQLite's index; the rest is seen in the rows."""

_index = table("user_search", named_column("rowid"))

_NAMES: tuple[Any, ...] = (
    User.name_key,
    func.substr(User.search_text, literal_column("1"), literal_column("2")),
)
"""The last name leads the sort key, the first name the searched text."""

TERM = bindparam("typed_term", type_=String)
"""What was typed, as LIKE takes it: a part of a pattern. For each value of a whole one SQLite would
plan the statement anew."""

_WHOLE = or_(
    User.email_key == bindparam("typed_email"), User.apprentice_number == bindparam("typed_number")
)
_ANY = literal_column("'%'", String)
_CONTAINED = User.search_text.like(_ANY + TERM + _ANY, escape="/")
_BEGINS = or_(*(column.like(TERM + _ANY, escape="/") for column in _NAMES))


def user_search(session: Session, actor: Actor, typed: str) -> Found:
    """How users are found by what was typed.

    Whether somebody has exactly this e-mail or number is asked in the actor's scope: else a search
    would tell of others.
    """
    dialect, ask = session.get_bind().dialect.name, session.connection().execute
    whole = {"typed_email": fold_email(typed), "typed_number": squeeze(typed)}
    if NOT_IN_NAMES.search(typed) and ask(_somebody(actor.unnamed), whole).first():
        return Found(_WHOLE, whole, few=True)
    term = searchable(typed)
    is_short = len(term) < 3
    matches = _BEGINS if is_short else _CONTAINED
    asked = {"typed_term": _escaped(term)}
    broad = Found(matches, asked, broad=actor.reach is Reach.ALL)
    if remembered(session, (user_search, term)):
        return broad
    ends = {"first": term, "last": term + "\U0010ffff", "pieces": _trigrams(term)}
    count, ids = ask(_some(dialect, is_short, BROAD), {**asked, **ends}).one()
    if count == BROAD:
        remember(session, (user_search, term))
        return broad
    return Found(_among(dialect, matches), {**asked, "found_ids": ids}, few=True)


def text_search(column: Any) -> Callable[[Session, Actor, str], Found]:
    """A search of a short table's `column`, which holds folded text, for a part of it."""
    matches = column.like(_ANY + TERM + _ANY, escape="/")

    def search(_session: Session, _actor: Actor, typed: str) -> Found:
        return Found(matches, {"typed_term": _escaped(fold(typed))})

    return search


def _escaped(term: str) -> str:
    """`term` for LIKE, to which % and _ are signs of their own."""
    return re.sub("[/%_]", r"/\g<0>", term)


@lru_cache(500)
def _somebody(actor: Actor) -> Select[int]:
    return select(literal(1)).where(_WHOLE, visible(actor, User)).limit(1)


@lru_cache
def _some(dialect: str, is_short: bool, most: int) -> Select[int, Any]:
    """The first ids, up to `most`: each way to them is followed no further than it takes.

    They come as one text, and go as it is into the statement of the page.
    """
    if is_short:
        ends = bindparam("first", type_=String), bindparam("last", type_=String)
        found = [select(User.id).where(column.between(*ends)) for column in _NAMES]
    elif dialect == "sqlite":
        found = [select(_index.c.rowid).where(text("user_search MATCH :pieces"))]
    else:
        found = [select(User.id).where(_CONTAINED)]
    parts = (select(ids.limit(most).subquery()) for ids in found)
    some = union_all(*parts).limit(most).subquery()
    ids: ColumnElement[Any] = func.json_group_array(some.c[0])
    if dialect == "postgresql":
        ids = func.coalesce(cast(func.array_agg(some.c[0]), String), "{}")
    return select(func.count(), ids)


@lru_cache
def _among(dialect: str, matches: ColumnElement[bool]) -> ColumnElement[bool]:
    return listed(dialect, User.id, bindparam("found_ids", type_=String)) & matches


def _trigrams(term: str) -> str:
    pieces = [term[i : i + 3] for i in range(len(term) - 2)][:TRIGRAMS]
    return " ".join('"{}"'.format(piece.replace('"', '""')) for piece in pieces)
