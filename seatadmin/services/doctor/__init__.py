"""The doctor: every rule of the design, checked on the live data.

Nothing here trusts a constraint or a trigger: whoever goes round them is found out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from seatadmin.services.doctor import accounts, audit, installation, organizations, plans
from seatadmin.services.doctor.invariant import Invariant

INVARIANTS = (
    *accounts.INVARIANTS,
    *organizations.INVARIANTS,
    *plans.INVARIANTS,
    *audit.INVARIANTS,
    *installation.INVARIANTS,
)

SHOWN = 10
"""How many offenders a finding names."""


@dataclass(slots=True)
class Finding:
    """A broken invariant: by how many, and who the first are."""

    invariant: Invariant
    count: int = 0
    first: list[object] = field(default_factory=list)

    def add(self, offender: object) -> None:
        """Count an offender, and name it if it is one of the first."""
        self.count += 1
        if self.count <= SHOWN:
            self.first.append(offender)

    def __str__(self) -> str:
        named = ", ".join(map(str, self.first)) + (", …" if self.count > len(self.first) else "")
        rule = f"{self.invariant.name}: {self.invariant.sentence}"
        return f"{rule} Broken by {self.count:,}: {named}"


def examine(session: Session) -> Iterator[Finding]:
    """Every invariant that does not hold, or cannot be checked, one after the other.

    Changes nothing. After a check that failed the transaction is rolled back. Raises
    `OperationalError` where there is no database to ask.
    """
    session.connection()
    for invariant in INVARIANTS:
        finding = Finding(invariant)
        try:
            for offender in invariant.offenders(session):
                finding.add(offender)
        except DBAPIError as error:
            session.rollback()
            finding.add(f"cannot be checked ({error.orig})")
        if finding.count:
            yield finding
