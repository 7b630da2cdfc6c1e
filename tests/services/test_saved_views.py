"""A saved view …"""

from typing import Any

import pytest
from sqlalchemy import delete, select

from seatadmin.models import User
from seatadmin.permissions import Actor
from seatadmin.saved import LONGEST_NAME, LONGEST_QUERY, SavedView
from seatadmin.services import saved_views
from seatadmin.services.invalid import Invalid, NotFound
from seatadmin.services.saved_views import MOST, NameTaken
from tests.factories import regulator, sponsor_staff
from tests.services.acting import audit

LIST = "participant"


@pytest.fixture
def me(session: Any) -> Actor:
    return regulator().actor


@pytest.fixture
def other(session: Any) -> Actor:
    return sponsor_staff().actor


def names(session: Any, actor: Actor, endpoint: str = LIST) -> list[str]:
    return [view.name for view in saved_views.listed(session, actor, endpoint)]


def test_is_listed_to_its_owner_by_name_and_for_its_list_alone(
    session: Any, me: Actor, other: Actor
) -> None:
    for name in ("zeta", "Alpha", "  beta\t one "):
        saved_views.save(session, me, LIST, name, "search=x")
    saved_views.save(session, me, "user", "Alpha", "")
    saved_views.save(session, other, LIST, "Alpha", "")

    assert names(session, me) == ["Alpha", "beta one", "zeta"]
    assert names(session, me, "user") == names(session, other) == ["Alpha"]


def test_changes_no_row_that_the_audit_is_about(session: Any, me: Actor) -> None:
    before = audit(session)
    view = saved_views.save(session, me, LIST, "Mine", "")
    saved_views.remove(session, me, LIST, view.id)
    assert audit(session) == before


def test_takes_the_place_of_one_of_the_same_name_only_when_that_is_said(
    session: Any, me: Actor
) -> None:
    first = saved_views.save(session, me, LIST, "Mine", "search=a")
    other = saved_views.save(session, me, LIST, "Yours", "")

    for wrong in (None, other.id):
        with pytest.raises(NameTaken) as refused:
            saved_views.save(session, me, LIST, "Mine", "search=b", replace=wrong)
        assert refused.value.view_id == first.id
    assert first.query == "search=a"

    again = saved_views.save(session, me, LIST, "Mine", "search=b", replace=first.id)
    assert (again.id, again.query) == (first.id, "search=b")


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        (" ", "", "Give"),
        ("x" * (LONGEST_NAME + 1), "", "too long"),
        ("\u202e", "", "cannot be shown"),
        ("x", "q" * (LONGEST_QUERY + 1), "too long"),
    ],
)
def test_has_a_name_and_bounds(session: Any, me: Actor, name: str, query: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        saved_views.save(session, me, LIST, name, query)
    longest = saved_views.save(session, me, LIST, "x" * LONGEST_NAME, "q" * LONGEST_QUERY)
    assert longest.id


def test_is_one_of_so_many_over_all_lists(session: Any, me: Actor, other: Actor) -> None:
    for i in range(MOST):
        kept = saved_views.save(session, me, ("user", LIST)[i % 2], f"{i}", "")

    with pytest.raises(Invalid, match=f"{MOST} views"):
        saved_views.save(session, me, LIST, "one more", "")
    saved_views.save(session, me, kept.endpoint, kept.name, "search=x", replace=kept.id)
    saved_views.save(session, other, LIST, "mine", "")


def test_is_deleted_by_its_owner_alone(session: Any, me: Actor, other: Actor) -> None:
    view = saved_views.save(session, me, LIST, "Mine", "")

    for actor, endpoint, id in ((other, LIST, view.id), (me, "user", view.id), (me, LIST, 987_654)):
        with pytest.raises(NotFound):
            saved_views.remove(session, actor, endpoint, id)
    assert names(session, me) == ["Mine"]

    assert saved_views.remove(session, me, LIST, view.id) == "Mine"
    assert names(session, me) == []


def test_goes_with_its_owner(session: Any, me: Actor) -> None:
    saved_views.save(session, me, LIST, "Mine", "")
    session.execute(delete(User.__table__).where(User.id == me.id))
    assert session.scalars(select(SavedView.id)).all() == []
