"""A role …

The tables are typed by hand: they are what the customer ordered.
"""

import pytest

from seatadmin.permissions import (
    GRANTS,
    MANAGES,
    REACH,
    SYSTEM,
    Actor,
    NotPermitted,
    Permission,
    Reach,
    Role,
    allows,
    require,
)

# permission              regulator  sponsor  employer administrator
ORDERED = """
seats:read                yes        yes      yes
seats:take                yes        yes      no
participant:read          yes        yes      yes
participant:export        yes        yes      yes
participant:create        yes        yes      no
participant:import        yes        yes      no
participant:edit          yes        yes      yes
participant:reassign      yes        yes      no
participant:deactivate    yes        yes      yes
participant:delete        yes        yes      no
participant:report        yes        yes      no
program:end               yes        yes      yes
user:read                 yes        yes      yes
user:export               yes        yes      yes
staff:edit                yes        yes      no
staff:deactivate          yes        yes      no
sponsor:read              yes        yes      no
sponsor:edit              yes        no       no
employer:read             yes        yes      yes
employer:edit             yes        yes      no
change:read               yes        yes      yes
account:own               yes        yes      yes
"""
TABLE = {line.split()[0]: line.split()[1:] for line in ORDERED.strip().splitlines()}
CELLS = [
    (role, permission, answer == "yes")
    for permission, answers in TABLE.items()
    for role, answer in zip(("regulator", "sponsor", "employer_admin"), answers, strict=True)
]


@pytest.mark.parametrize(("role", "permission", "may"), CELLS)
def test_may_do_what_the_table_says_and_nothing_else(role: str, permission: str, may: bool) -> None:
    actor = Actor(1, Role(role), 1, 1)

    assert allows(actor.role, Permission(permission)) is may
    if may:
        require(actor, Permission(permission))
    else:
        with pytest.raises(NotPermitted, match=permission):
            require(actor, Permission(permission))


def test_has_an_answer_for_every_permission() -> None:
    assert set(TABLE) == {permission.value for permission in Permission}
    assert set(GRANTS) == set(Permission)


def test_reaches_everything_one_sponsor_or_one_employer() -> None:
    assert REACH == {"regulator": "all", "sponsor": "sponsor", "employer_admin": "employer"}
    assert Actor(1, Role.SPONSOR, 7).reach is Reach.SPONSOR


def test_manages_only_roles_that_are_not_above_it() -> None:
    assert set(MANAGES) == set(Role)
    assert MANAGES[Role.REGULATOR] == {"regulator", "sponsor", "employer_admin"}
    assert MANAGES[Role.SPONSOR] == {"sponsor", "employer_admin"}
    assert MANAGES[Role.EMPLOYER_ADMIN] == set()


def test_of_the_command_line_is_nobody_and_may_everything() -> None:
    assert SYSTEM.id is None
    assert all(allows(SYSTEM.role, permission) for permission in Permission)


def test_has_a_label_that_people_read() -> None:
    assert [role.label for role in Role] == ["Regulator", "Sponsor", "Employer administrator"]
