"""Whatever stands in the cells …"""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatadmin.lifecycle import ProgramStatus
from seatadmin.services.imports.columns import CLEANERS
from tests.factories import EmployerFactory, ParticipantFactory, SponsorFactory
from tests.services.imports.rosters import imported

USUAL = st.sampled_from(
    [
        "",
        "N1",
        "N2",
        "N3",
        "a@b.org",
        "b@b.org",
        "Acme",
        "Other",
        "Works",
        "More",
        "health",
        "active",
        "exited",
        "completed",
        "suspended",
        "deactivated",
        "apprentice",
        "mentor",
        "2024-01-01",
        "20250101",
        "2026-01-01",
        "2199-01-01",
    ]
)
LONG = st.text(max_size=3).map(lambda text: text * 600)
CELLS = st.dictionaries(st.sampled_from(sorted(CLEANERS)), USUAL | LONG, max_size=14)
LIKELY = st.fixed_dictionaries(
    {
        "apprentice_number": st.sampled_from(["N1", "N2", "N3", "N4", "N5"]),
        "first_name": st.sampled_from(["Ann", "Bob", ""]),
        "last_name": st.sampled_from(["Lee", ""]),
        "employer": st.sampled_from(["Works", "More", "Third", ""]),
    }
)
ROWS = st.lists(
    st.tuples(LIKELY, CELLS).map(lambda pair: pair[0] | pair[1]), min_size=1, max_size=10
)


@given(ROWS, st.booleans())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_written_or_refused_and_never_fails(
    session: Any, rows: list[dict[str, str]], create: bool
) -> None:
    session.rollback()
    sponsor = SponsorFactory(name="Acme", seat_limit=3)
    works = EmployerFactory(name="Works", sponsor=sponsor, seat_limit=2)
    more = EmployerFactory(name="More", sponsor=sponsor)
    EmployerFactory(name="Works", sponsor=SponsorFactory(name="Other"))
    for number, status in zip(("N1", "N2", "N3"), ProgramStatus, strict=False):
        ParticipantFactory(
            employer=works if number == "N1" else more,
            apprentice_number=number,
            email=f"{number}@b.org",
            program_status=status,
        )

    answer = imported(session, *rows, skip_refused=True, create_employers=create)

    told = answer.new + answer.changed + answer.same + answer.skipped + len(answer.refused)
    assert told == sum(any(cell.strip() for cell in row.values()) for row in rows)
