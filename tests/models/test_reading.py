"""A session that only reads …"""

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from seatadmin.extensions import begin_read, begin_write
from seatadmin.models import Sponsor
from tests.factories import SponsorFactory


@pytest.mark.parametrize(
    "statement",
    [
        insert(Sponsor).values(name="Acme", name_key="acme"),
        update(Sponsor).values(seat_limit=1),
        Sponsor.__table__.delete(),
    ],
)
def test_refuses_to_write_until_it_begins_to(session: Session, statement: object) -> None:
    SponsorFactory(seat_limit=7)
    session.commit()
    begin_read(session)

    with pytest.raises(RuntimeError, match="begin_write"):
        session.execute(statement)  # type: ignore[call-overload]
    session.rollback()
    assert session.execute(select(func.count(), func.sum(Sponsor.seat_limit))).one() == (1, 7)

    begin_write(session)
    session.execute(statement)  # type: ignore[call-overload]
    session.rollback()


@pytest.mark.parametrize(
    "installation", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_leaves_the_statements_that_postgresql_prepared(session: Session) -> None:
    """A page's statements are planned once, and not anew after each write."""
    for _ in range(8):
        begin_read(session)
        session.scalars(select(Sponsor.id)).all()
        begin_write(session)
        session.commit()
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%sponsor%'")
    assert session.scalar(prepared) == 1
