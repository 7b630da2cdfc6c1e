"""A cancellation reason …"""

from typing import Any

import pytest

from seatadmin.models import CancellationReason
from seatadmin.services.reasons import UnknownReason, offered, usable_reason

ORDERED = """
left_employment laid_off dismissed own_request unsatisfactory_progress transferred never_started
health deceased recorded_in_error other
"""


def retire(session: Any, code: str) -> None:
    session.get(CancellationReason, code).retired = True
    session.flush()


def test_is_one_of_the_ordered_list_in_its_order(session: Any) -> None:
    assert [code for code, _ in offered(session)] == ORDERED.split()


def test_has_words_that_people_read(session: Any) -> None:
    assert dict(offered(session))["laid_off"] == "Laid off or no work"


def test_that_is_retired_is_not_offered_and_not_usable(session: Any) -> None:
    retire(session, "deceased")

    assert "deceased" not in dict(offered(session))
    with pytest.raises(UnknownReason, match="deceased"):
        usable_reason(session, "deceased")


def test_that_is_on_the_list_is_usable_by_its_code(session: Any) -> None:
    assert usable_reason(session, "other") == "other"


@pytest.mark.parametrize("blank", [None, ""])
def test_may_be_missing(session: Any, blank: str | None) -> None:
    assert usable_reason(session, blank) is None


@pytest.mark.parametrize("unknown", ["Other", "no such", "' OR 1=1", "x" * 5000, "\u0000"])
def test_that_is_not_on_the_list_is_refused(session: Any, unknown: str) -> None:
    with pytest.raises(UnknownReason):
        usable_reason(session, unknown)
