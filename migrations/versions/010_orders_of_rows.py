"""Indexes for any order of the rows of a sponsor or an employer, and of what is to be reported.

What these rows are found by holds the keys they may be sorted by, and what all are sorted by holds
whose they are: neither way reads rows that it does not show.
"""

import sqlalchemy as sa
from alembic import op

revision = "010"
down_revision = "009"

STATUSES = ("program_status", "account_status", "cancellation_reason")
OWNERS = ("sponsor_id", "employer_id")
KEYS = ("status_date", "registration_date", "apprentice_number")
NUMBER = sa.text("coalesce(apprentice_number, '')")

NEW = {
    "ix_user_status_date": ("status_date", "id", *OWNERS),
    "ix_user_registration_date": ("registration_date", "id", *OWNERS),
    "ix_user_number": (NUMBER, "id", *OWNERS),
    "ix_user_account": ("account_status", "id", *OWNERS),
    "ix_user_program_date": ("program_status", "status_date", "id", *OWNERS),
    "ix_user_employer_name": ("employer_id", "name_key", "id", *STATUSES, "occupation", *KEYS),
    "ix_user_sponsor_name": ("sponsor_id", "name_key", "id", *STATUSES, "occupation", *KEYS),
}
OLD = {
    "ix_user_status_date": ("status_date", "id"),
    "ix_user_registration_date": ("registration_date", "id"),
    "ix_user_number": (NUMBER, "id"),
    "ix_user_account": ("account_status", "id"),
    "ix_user_program_date": ("program_status", "status_date", "id"),
    "ix_user_employer_name": ("employer_id", "name_key", "id", *STATUSES, "occupation"),
    "ix_user_sponsor_name": ("sponsor_id", "name_key", "id", *STATUSES, "occupation"),
}

PARTIAL = {
    "ix_user_out_of_step": "program_status = 'active' AND account_status = 'deactivated'",
    "ix_user_reason_missing": "program_status = 'cancelled' AND cancellation_reason IS NULL",
}
OLD_PARTIAL = ("program_status", "account_status", "name_key", "id", "sponsor_id", "occupation")
UNREPORTED = "reported_on IS NULL AND program_status <> 'active'"


def upgrade() -> None:
    for name in (*NEW, *PARTIAL, "ix_user_program"):
        op.drop_index(name, "user")
    for name, columns in NEW.items():
        op.create_index(name, "user", list(columns))
    for name, where in PARTIAL.items():
        _create_partial(name, (*OLD_PARTIAL, *KEYS), where)
    every = ("name_key", "id", *OWNERS, *STATUSES, "occupation", *KEYS, "reported_on")
    _create_partial("ix_user_to_report", every, UNREPORTED)


def downgrade() -> None:
    for name in (*NEW, *PARTIAL, "ix_user_to_report"):
        op.drop_index(name, "user")
    for name, columns in OLD.items():
        op.create_index(name, "user", list(columns))
    for name, where in PARTIAL.items():
        _create_partial(name, OLD_PARTIAL, where)
    op.create_index("ix_user_program", "user", ["program_status", "id"])


def _create_partial(name: str, columns: tuple[str, ...], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "user", list(columns), sqlite_where=where, postgresql_where=where)
