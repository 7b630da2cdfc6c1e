"""One world for many requests: whatever a request changes is put back before the next one.

Making a world takes longer than a hundred requests, and most requests change nothing. What a
request sends to the database is listed, and only after one that writes is everything compared.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, update
from sqlalchemy.orm import Session

from seatadmin.access import UserSession
from seatadmin.extensions import db
from tests.installation import Installation, disconnect
from tests.views.browsing import Answer, Person
from tests.views.contents import Contents, contents, refusals

_WRITES = re.compile(r"\b(INSERT INTO|DELETE FROM)\b|^\s*(WITH\b.*?\b)?UPDATE\b", re.DOTALL)
_OPENS_OR_CLOSES = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass(frozen=True)
class Browser:
    """What somebody's browser holds: the cookie, and the token of forms that goes with it."""

    cookie: str | None
    token: str


@dataclass
class Asked:
    """An answer, and what was sent to the database for it."""

    answer: Answer
    statements: list[str] = field(default_factory=list)
    changed: bool = False


class Standing:
    """The app over a database that `make` has filled, and browsers of the people in it."""

    def __init__(self, installation: Installation, make: Callable[[Session], Any]) -> None:
        self.app, self._installation = installation.app, installation
        self._browsers: dict[str, Browser] = {}
        self.made = self.add(make)

    def add(self, make: Callable[[Session], Any]) -> Any:
        """Let `make` fill in more; from now on that is what things are put back to."""
        with self.app.app_context():
            made = make(db.session)
            db.session.commit()
        self._keep()
        return made

    def let_in(self, **ids: int | None) -> None:
        """Open a browser for each of these people."""
        for name, id in ids.items():
            person = Person(self.app, id)
            token = person.token
            cookie = person.client.get_cookie("session")
            self._browsers[name] = Browser(cookie.value if cookie else None, token)
        with self.app.app_context():  # so that no request notes that somebody is still there
            late = datetime.now(UTC) + timedelta(hours=1)
            db.session.execute(update(UserSession).values(last_seen_at=late))
            db.session.commit()
        self._keep()

    def person(self, name: str) -> Person:
        """Somebody's browser as it was opened: nothing of an earlier request is left in it."""
        browser, person = self._browsers[name], Person(self.app)
        if browser.cookie:
            person.client.set_cookie("session", browser.cookie)
        person.__dict__["token"] = browser.token
        return person

    def ask(self, request: Callable[[], Any]) -> Asked:
        """Send a request. What it changed is seen, and put back."""
        with self._listening() as statements:
            answer = request()
        asked = Asked(Answer(answer) if not isinstance(answer, Answer) else answer, statements)
        if any(map(_WRITES.search, statements)):
            now, noted = self._read()
            asked.changed = now != self._contents
            if asked.changed or noted:
                self._installation.renew(connected=True)
        return asked

    def _keep(self) -> None:
        disconnect(self._installation.app)
        self._installation.database.keep()
        self._installation.renew()  # and nothing is remembered of how it was before
        self._contents, _ = self._read()

    def _read(self) -> tuple[Contents, int]:
        """What there is, and how many refusals are noted beside."""
        with self.app.app_context():
            return contents(db.session), refusals(db.session)

    @contextmanager
    def _listening(self) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith(_OPENS_OR_CLOSES):
                statements.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)
