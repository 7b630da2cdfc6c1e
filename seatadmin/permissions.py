"""Who may do what: roles, permissions and the table that joins them. No Flask, no database.

Everything else asks `allows()` (may this role do that at all?) and `REACH` (whose rows?).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Role(StrEnum):
    """The three kinds of staff. Participants have no role and cannot sign in."""

    REGULATOR = "regulator"
    SPONSOR = "sponsor"
    EMPLOYER_ADMIN = "employer_admin"

    @property
    def label(self) -> str:
        """The words that a person reads."""
        return {"employer_admin": "Employer administrator"}.get(self, self.capitalize())


class Reach(StrEnum):
    """How far a role sees: everything, one sponsor, one employer."""

    ALL = "all"
    SPONSOR = "sponsor"
    EMPLOYER = "employer"


REACH: Mapping[Role, Reach] = {
    Role.REGULATOR: Reach.ALL,
    Role.SPONSOR: Reach.SPONSOR,
    Role.EMPLOYER_ADMIN: Reach.EMPLOYER,
}


class Permission(StrEnum):
    """One thing that a role may or may not do, written `subject:verb`."""

    SEATS_READ = "seats:read"
    SEATS_TAKE = "seats:take"  # reinstate, reactivate: they take a seat
    PARTICIPANT_READ = "participant:read"
    PARTICIPANT_EXPORT = "participant:export"
    PARTICIPANT_CREATE = "participant:create"
    PARTICIPANT_IMPORT = "participant:import"
    PARTICIPANT_EDIT = "participant:edit"
    PARTICIPANT_REASSIGN = "participant:reassign"  # employer, apprentice number, registration date
    PARTICIPANT_DEACTIVATE = "participant:deactivate"
    PARTICIPANT_DELETE = "participant:delete"
    PARTICIPANT_REPORT = "participant:report"  # note that the agency was told
    PROGRAM_END = "program:end"  # suspend, complete, cancel
    USER_READ = "user:read"
    USER_EXPORT = "user:export"
    STAFF_EDIT = "staff:edit"  # create and edit, within MANAGES
    STAFF_DEACTIVATE = "staff:deactivate"
    SPONSOR_READ = "sponsor:read"
    SPONSOR_EDIT = "sponsor:edit"
    EMPLOYER_READ = "employer:read"
    EMPLOYER_EDIT = "employer:edit"
    CHANGE_READ = "change:read"
    ACCOUNT_OWN = "account:own"  # the own password, the own sign-ins


_ALL = frozenset(Role)
_NOT_EMPLOYER = frozenset({Role.REGULATOR, Role.SPONSOR})
_REGULATOR = frozenset({Role.REGULATOR})

GRANTS: Mapping[Permission, frozenset[Role]] = {
    Permission.SEATS_READ: _ALL,
    Permission.SEATS_TAKE: _NOT_EMPLOYER,
    Permission.PARTICIPANT_READ: _ALL,
    Permission.PARTICIPANT_EXPORT: _ALL,
    Permission.PARTICIPANT_CREATE: _NOT_EMPLOYER,
    Permission.PARTICIPANT_IMPORT: _NOT_EMPLOYER,
    Permission.PARTICIPANT_EDIT: _ALL,
    Permission.PARTICIPANT_REASSIGN: _NOT_EMPLOYER,
    Permission.PARTICIPANT_DEACTIVATE: _ALL,
    Permission.PARTICIPANT_DELETE: _NOT_EMPLOYER,
    Permission.PARTICIPANT_REPORT: _NOT_EMPLOYER,
    Permission.PROGRAM_END: _ALL,
    Permission.USER_READ: _ALL,
    Permission.USER_EXPORT: _ALL,
    Permission.STAFF_EDIT: _NOT_EMPLOYER,
    Permission.STAFF_DEACTIVATE: _NOT_EMPLOYER,
    Permission.SPONSOR_READ: _NOT_EMPLOYER,
    Permission.SPONSOR_EDIT: _REGULATOR,
    Permission.EMPLOYER_READ: _ALL,
    Permission.EMPLOYER_EDIT: _NOT_EMPLOYER,
    Permission.CHANGE_READ: _ALL,
    Permission.ACCOUNT_OWN: _ALL,
}

MANAGES: Mapping[Role, frozenset[Role]] = {
    Role.REGULATOR: _ALL,
    Role.SPONSOR: frozenset({Role.SPONSOR, Role.EMPLOYER_ADMIN}),
    Role.EMPLOYER_ADMIN: frozenset(),
}
"""Which roles each role may give and edit."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in member of staff, or `SYSTEM` (the command line)."""

    id: int | None
    role: Role
    sponsor_id: int | None = None
    employer_id: int | None = None

    @property
    def reach(self) -> Reach:
        """How far this actor sees."""
        return REACH[self.role]

    @property
    def unnamed(self) -> "Actor":
        """Somebody of the same role and scope: what is made for one of them is good for all."""
        return replace(self, id=None)


SYSTEM = Actor(id=None, role=Role.REGULATOR)


class NotPermitted(Exception):
    """The role does not hold the permission, whatever the row."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"Your role does not include “{permission}”.")
        self.permission = permission


def allows(role: Role, permission: Permission) -> bool:
    """Whether `role` holds `permission`."""
    return role in GRANTS[permission]


def require(actor: Actor, permission: Permission) -> None:
    """Raise `NotPermitted` unless the actor's role holds `permission`."""
    if not allows(actor.role, permission):
        raise NotPermitted(permission)
