"""The facts by which hints are given: counted over a whole selection by one statement."""

from datetime import timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from seatadmin.hints import Facts
from seatadmin.lifecycle import AccountStatus, Kind, Transition
from seatadmin.models import Sponsor
from seatadmin.services.judging import CHANGED, Order, judged
from seatadmin.services.seats import used_by_sponsor


def facts(session: Session, asked: Order, report_days: int, probation_days: int) -> Facts:
    """What hints need to know of the rows that `asked` would change.

    To reactivate an account ends nothing, and replaces nothing: of it nothing is counted.
    """
    known = {
        "reach": asked.actor.reach,
        "effective_date": asked.effective_date,
        "report_days": report_days,
        "probation_days": probation_days,
    }
    is_transition = isinstance(asked.act, Transition)
    if asked.act.takes_seat and not is_transition:
        return Facts(**known)  # type: ignore[arg-type]
    row = judged(session, asked).c
    since = asked.effective_date - timedelta(days=probation_days)
    frees = and_(row.kind == Kind.PARTICIPANT, row.account_status == AccountStatus.ACTIVE)
    of_sponsor = (
        select(
            row.sponsor_id,
            func.count().label("changed"),
            func.sum(case((row.kind == Kind.PARTICIPANT, 1), else_=0)).label("participants"),
            func.sum(case((row.registration_date > since, 1), else_=0)).label("in_probation"),
            func.sum(case((frees, 1), else_=0)).label("freed"),
            func.count(row.plan_id).label("planned"),
        )
        .where(row.verdict == CHANGED)
        .group_by(row.sponsor_id)
        .subquery("of_sponsor")
    )
    left = used_by_sponsor() - of_sponsor.c.freed
    found = session.execute(
        select(
            of_sponsor.c.changed,
            of_sponsor.c.participants,
            of_sponsor.c.in_probation,
            of_sponsor.c.planned,
            of_sponsor.c.freed,
            left,
            Sponsor.name,
        )
        .outerjoin(Sponsor, Sponsor.id == of_sponsor.c.sponsor_id)
        .order_by(Sponsor.name_key)
    ).all()
    return Facts(
        **known,  # type: ignore[arg-type]
        changed=sum(changed for changed, *_ in found),
        participants=sum(participants for _, participants, *_ in found),
        in_probation=sum(probation for _, _, probation, *_ in found),
        planned=sum(planned for _, _, _, planned, *_ in found) if is_transition else 0,
        emptied=[name for *_, freed, rest, name in found if freed and rest <= 0],
    )
