"""The lists of sponsors and of employers, with their seats."""

from sqlalchemy import and_

from seatadmin.models import Employer, Sponsor
from seatadmin.services.listings.clauses import by_organization, yes_or_no
from seatadmin.services.listings.engine import Listing, Rows
from seatadmin.services.listings.searching import text_search
from seatadmin.services.seats import used_by_employer, used_by_sponsor

_SPONSOR_USED, _EMPLOYER_USED = used_by_sponsor(), used_by_employer()

SPONSORS = Listing(
    model=Sponsor,
    join=lambda query: query.select_from(Sponsor),
    columns={
        "name": Sponsor.name,
        "program_number": Sponsor.program_number,
        "used": _SPONSOR_USED,
        "seat_limit": Sponsor.seat_limit,
        "free": Sponsor.seat_limit - _SPONSOR_USED,
    },
    sorts={"name": (Sponsor.name_key,), "used": (_SPONSOR_USED,)},
    filters={
        "over_limit": yes_or_no(
            "Over the limit",
            and_(Sponsor.seat_limit.is_not(None), Sponsor.seat_limit < _SPONSOR_USED),
        )
    },
    search=text_search(Sponsor.name_key),
)


def _with_sponsor(query: Rows) -> Rows:
    return query.select_from(Employer).join(Sponsor, Sponsor.id == Employer.sponsor_id)


EMPLOYERS = Listing(
    model=Employer,
    join=_with_sponsor,
    columns={
        "name": Employer.name,
        "sponsor": Sponsor.name,
        "sponsor_id": Employer.sponsor_id,
        "used": _EMPLOYER_USED,
        "seat_limit": Employer.seat_limit,
        "free": Employer.seat_limit - _EMPLOYER_USED,
    },
    sorts={"name": (Employer.name_key,), "used": (_EMPLOYER_USED,)},
    filters={
        "sponsor": by_organization("Sponsor", Employer.sponsor_id, Sponsor),
        "over_limit": yes_or_no(
            "Over the limit",
            and_(Employer.seat_limit.is_not(None), Employer.seat_limit < _EMPLOYER_USED),
        ),
    },
    search=text_search(Employer.name_key),
)

SPONSOR_CSV = {
    name: SPONSORS.columns[name]
    for name in ("name", "program_number", "used", "seat_limit", "free")
}
EMPLOYER_CSV = {
    name: EMPLOYERS.columns[name] for name in ("name", "sponsor", "used", "seat_limit", "free")
}
