"""Saved views: everybody's own, of each list. What one shows depends on who opens it."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from seatadmin.models import User
from seatadmin.permissions import Actor
from seatadmin.saved import LONGEST_NAME, LONGEST_QUERY, SavedView
from seatadmin.services.fields import clean_short
from seatadmin.services.invalid import Invalid, NotFound
from seatadmin.text import searchable

MOST = 50
"""How many views a person keeps, over all lists."""


class NameTaken(Invalid):
    """The person has a view of this name already: `view_id` may be replaced."""

    def __init__(self, view: SavedView) -> None:
        super().__init__({"name": f"You have a view “{view.name}” already. Replace it?"})
        self.view_id = view.id


def listed(session: Session, actor: Actor, endpoint: str) -> Sequence[SavedView]:
    """The actor's views of a list, by name."""
    mine = select(SavedView).where(*_own(actor, endpoint))
    return session.scalars(mine.order_by(func.lower(SavedView.name), SavedView.id)).all()


def save(
    session: Session, actor: Actor, endpoint: str, name: str, query: str, replace: int | None = None
) -> SavedView:
    """Keep a list's question under a name; returns the view. The caller commits.

    A view of that name is changed if `replace` is its id. Raises `NameTaken`, `Invalid`.
    """
    name = _checked(name, query)
    # One at a time for each person, so that neither the name nor the number is outrun.
    session.execute(select(User.id).where(User.id == actor.id).with_for_update())
    view = session.scalar(select(SavedView).where(*_own(actor, endpoint), SavedView.name == name))
    if view is None:
        _check_room(session, actor)
        view = SavedView(user_id=actor.id, endpoint=endpoint, name=name)
        session.add(view)
    elif view.id != replace:
        raise NameTaken(view)
    view.query = query
    session.flush()
    return view


def remove(session: Session, actor: Actor, endpoint: str, view_id: int) -> str:
    """Delete one of the actor's views; returns its name. The caller commits. Raises `NotFound`."""
    mine = (SavedView.id == view_id, *_own(actor, endpoint))
    name = session.scalar(delete(SavedView).where(*mine).returning(SavedView.name))
    if name is None:
        raise NotFound
    return str(name)


def forget(session: Session, who: ColumnElement[bool]) -> None:
    """Delete everybody's views whose search or name finds one of these users. The caller commits.

    To be called while the users still have their names.
    """
    for view in session.scalars(select(SavedView)).all():
        texts = {view.name, dict(parse_qsl(view.query)).get("search", "")}
        terms = filter(None, map(searchable, texts))
        found = (User.search_text.contains(term, autoescape=True) for term in terms)
        if any(session.scalar(select(exists().where(who, one))) for one in found):
            session.delete(view)
    session.flush()


def _own(actor: Actor, endpoint: str) -> tuple[ColumnElement[bool], ...]:
    return SavedView.user_id == actor.id, SavedView.endpoint == endpoint


def _checked(name: str, query: str) -> str:
    """The name as it is kept."""
    try:
        cleaned = clean_short(name, LONGEST_NAME)
    except ValueError as wrong:
        raise Invalid({"name": str(wrong)}) from None
    if cleaned is None:
        raise Invalid({"name": "Give the view a name."})
    if len(query) > LONGEST_QUERY:
        raise Invalid({"name": "This is too long to be saved: choose fewer filters."})
    return cleaned


def _check_room(session: Session, actor: Actor) -> None:
    mine = select(func.count()).where(SavedView.user_id == actor.id)
    if (session.scalar(mine) or 0) >= MOST:
        raise Invalid({"name": f"You have {MOST} views, over all lists. Delete one first."})
