"""Indexes for two filters together, for a program status by its date, and for the list of users.

The trailing columns are there to be read: a second filter is decided in the index, without the row.
"""

import sqlalchemy as sa
from alembic import op

revision = "008"
down_revision = "007"

STATUSES = ("program_status", "account_status", "cancellation_reason")

NEW = {
    "ix_user_standing": ("program_status", "account_status", "name_key", "id"),
    "ix_user_program_date": ("program_status", "status_date", "id"),
    "ix_user_employer_name": ("employer_id", "name_key", "id", *STATUSES, "occupation"),
    "ix_user_sponsor_name": ("sponsor_id", "name_key", "id", *STATUSES, "occupation"),
    "ix_user_occupation": ("occupation", "name_key", "id", *STATUSES, "sponsor_id"),
    "ix_user_reason": ("cancellation_reason", "name_key", "id", "sponsor_id", "occupation"),
    "ix_user_email": (sa.text("coalesce(email_key, '')"), "id"),
}
OLD = {
    "ix_user_employer": ("employer_id", "program_status", "id"),
    "ix_user_employer_name": ("employer_id", "name_key", "id"),
    "ix_user_sponsor": ("sponsor_id", "program_status", "id"),
    "ix_user_sponsor_name": ("sponsor_id", "name_key", "id"),
    "ix_user_occupation": ("occupation", "name_key", "id"),
    "ix_user_reason": ("cancellation_reason", "name_key", "id"),
}

PARTIAL = {
    "ix_user_out_of_step": "program_status = 'active' AND account_status = 'deactivated'",
    "ix_user_reason_missing": "program_status = 'cancelled' AND cancellation_reason IS NULL",
}
NEW_PARTIAL = ("program_status", "account_status", "name_key", "id", "sponsor_id", "occupation")
STAFF = ("kind", "name_key", "id", "role")
OLD_PARTIAL = {"ix_user_out_of_step": "account_status", "ix_user_reason_missing": "program_status"}


def upgrade() -> None:
    for name in (*OLD, *PARTIAL):
        op.drop_index(name, "user")
    for name, columns in NEW.items():
        op.create_index(name, "user", list(columns))
    for name, where in PARTIAL.items():
        _create_partial(name, NEW_PARTIAL, where)
    _create_partial("ix_user_staff", STAFF, "kind = 'staff'")


def downgrade() -> None:
    for name in (*NEW, *PARTIAL, "ix_user_staff"):
        op.drop_index(name, "user")
    for name, columns in OLD.items():
        op.create_index(name, "user", list(columns))
    for name, first in OLD_PARTIAL.items():
        _create_partial(name, (first, "name_key", "id"), PARTIAL[name])


def _create_partial(name: str, columns: tuple[str, ...], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "user", list(columns), sqlite_where=where, postgresql_where=where)
