"""The sponsors, employers and reasons that a roster may name: all of the actor's, read once."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.models import CancellationReason, Employer, Sponsor
from seatadmin.permissions import Actor
from seatadmin.services import organizations
from seatadmin.services.fields import shown
from seatadmin.services.imports.roster import WrongRoster
from seatadmin.services.scope import visible
from seatadmin.text import fold

_key = lru_cache(50_000)(fold)  # the same few names on every line

Place = tuple[int, int]
"""A sponsor's id and an employer's."""


class Organizations:
    """Finds where a line's person belongs. Names are compared folded.

    With `may_create` an unknown employer gets a negative id, until `create_missing`.
    """

    def __init__(
        self, session: Session, actor: Actor, sponsor: str | None = None, may_create: bool = False
    ) -> None:
        """`sponsor` names the only one that the roster is about. Raises `WrongRoster`."""
        self._session, self._actor, self._may_create = session, actor, may_create
        self._sponsors: dict[str, int] = dict(
            _visible(session, actor, Sponsor, Sponsor.name_key, Sponsor.id)
        )
        self._employers: dict[tuple[int, str], int] = {}
        self._sponsors_of: dict[str, list[int]] = defaultdict(list)
        columns = (Employer.sponsor_id, Employer.name_key, Employer.id)
        for sponsor_id, key, id in _visible(session, actor, Employer, *columns):
            self._employers[sponsor_id, key] = id
            self._sponsors_of[key].append(sponsor_id)
        self.missing: dict[int, tuple[int, str]] = {}
        self._only = self._named_by_option(sponsor) if sponsor is not None else actor.sponsor_id

    def place(
        self, sponsor: str | None, employer: str | None, old: Mapping[str, Any] | None
    ) -> Place:
        """Where a line puts its person: a blank cell keeps what is there, if there is something.

        Raises ValueError for an organization that is unknown or not named.
        """
        sponsor_id = self._sponsor(sponsor)
        if old is None:
            return self._new_place(sponsor_id, employer)
        if sponsor_id is None and self._only not in (None, old["sponsor_id"]):
            raise ValueError("This participant belongs to another sponsor: say so in the file.")
        sponsor_id = sponsor_id or int(old["sponsor_id"])
        if employer:
            return sponsor_id, self._employer(sponsor_id, employer)
        if sponsor_id != old["sponsor_id"]:
            raise ValueError("Name the employer too: the participant moves to another sponsor.")
        return sponsor_id, old["employer_id"]

    def create_missing(self, used: set[int]) -> None:
        """Create those employers of `missing` that are in `used`, each with its audit."""
        for id in sorted(used & self.missing.keys(), reverse=True):
            sponsor_id, name = self.missing.pop(id)
            values = {"sponsor_id": sponsor_id, "name": name}
            employer = organizations.create_employer(self._session, self._actor, values)
            self._employers[sponsor_id, _key(name)] = employer.id

    def _named_by_option(self, name: str) -> int:
        try:
            return self._sponsors[_key(name)]
        except KeyError:
            raise WrongRoster(f"There is no sponsor called “{shown(name)}”.") from None

    def _sponsor(self, name: str | None) -> int | None:
        if name is None:
            return None
        id = self._sponsors.get(_key(name))
        if id is None:
            raise ValueError(f"There is no sponsor “{shown(name)}” in what you can see.")
        if self._only not in (None, id):
            raise ValueError(f"“{shown(name)}” is not the sponsor that this import is for.")
        return id

    def _new_place(self, sponsor_id: int | None, employer: str | None) -> Place:
        if employer is None:
            raise ValueError("A new participant needs an employer.")
        sponsor_id = sponsor_id or self._only or self._only_sponsor_of(employer)
        return sponsor_id, self._employer(sponsor_id, employer)

    def _only_sponsor_of(self, employer: str) -> int:
        having = self._sponsors_of.get(_key(employer), ())
        if len(having) == 1:
            return having[0]
        several = "Several sponsors have" if having else "No sponsor has"
        raise ValueError(f"{several} an employer “{shown(employer)}”: name the sponsor.")

    def _employer(self, sponsor_id: int, name: str) -> int:
        key = sponsor_id, _key(name)
        if key not in self._employers:
            if not self._may_create:
                raise ValueError(f"The sponsor has no employer “{shown(name)}”.")
            self._employers[key] = -1 - len(self.missing)
            self.missing[self._employers[key]] = sponsor_id, name
        return self._employers[key]


class Reasons:
    """The cancellation reasons by code and by label."""

    def __init__(self, session: Session) -> None:
        self._codes: dict[str, str] = {}
        self._retired: set[str] = set()
        for reason in session.scalars(select(CancellationReason)):
            self._codes |= {_key(reason.label): reason.code, _key(reason.code): reason.code}
            if reason.retired:
                self._retired.add(reason.code)

    def code(self, text: str, old: str | None) -> str:
        """The reason's code. Raises ValueError; a retired one may only stay where it is."""
        code = self._codes.get(_key(text))
        if code is None or (code in self._retired and code != old):
            raise ValueError(f"“{shown(text)}” is not a cancellation reason on the list.")
        return code


def _visible(session: Session, actor: Actor, model: Any, *columns: Any) -> Any:
    return session.execute(select(*columns).where(visible(actor, model))).all()
