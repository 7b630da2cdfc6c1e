"""Finding the organization that a role needs, by the names that a person types."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import REACH, Reach, Role
from seatadmin.text import fold


class WrongPlace(ValueError):
    """Names that do not lead to the one organization that the role needs."""


def place(
    session: Session, role: Role, sponsor: str | None, employer: str | None
) -> tuple[int | None, int | None]:
    """The ids of the sponsor and the employer that `role` belongs to. Raises `WrongPlace`.

    Names are compared without case and accents. An employer's sponsor may be left out where only
    one sponsor has an employer of that name.
    """
    reach = REACH[role]
    if employer and reach is not Reach.EMPLOYER:
        raise WrongPlace(f"{role.label}: this role belongs to no employer.")
    if sponsor and reach is Reach.ALL:
        raise WrongPlace(f"{role.label}: this role belongs to no sponsor.")
    if reach is Reach.SPONSOR and not sponsor:
        raise WrongPlace(f"{role.label}: this role needs the name of its sponsor.")
    if reach is Reach.EMPLOYER and not employer:
        raise WrongPlace(f"{role.label}: this role needs the name of its employer.")
    sponsor_id = _sponsor(session, sponsor) if sponsor else None
    return _employer(session, employer, sponsor_id) if employer else (sponsor_id, None)


def _sponsor(session: Session, name: str) -> int:
    found = session.scalar(select(Sponsor.id).where(Sponsor.name_key == fold(name)))
    if found is None:
        raise WrongPlace(f"There is no such sponsor: “{name}”.")
    return found


def _employer(session: Session, name: str, sponsor_id: int | None) -> tuple[int, int]:
    rows = select(Employer.sponsor_id, Employer.id).where(Employer.name_key == fold(name))
    if sponsor_id is not None:
        rows = rows.where(Employer.sponsor_id == sponsor_id)
    found = session.execute(rows.limit(2)).all()
    if not found:
        raise WrongPlace(f"There is no such employer: “{name}”.")
    if len(found) > 1:
        raise WrongPlace(f"Several sponsors have an employer called “{name}”: name the sponsor.")
    return found[0].sponsor_id, found[0].id
