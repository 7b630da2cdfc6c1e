"""Indexes for pairs of filters of which few rows have both.

What is to be reported of a sponsor or an employer, and who left them or an occupation for one
reason: until now they were picked out of everybody's entries in one of the two. The index of who
lacks a reason says too whether that was reported.
"""

import sqlalchemy as sa
from alembic import op

revision = "015"
down_revision = "014"

STATUSES = ("program_status", "account_status")
BY_NAME = ("name_key", "id")
TO_REPORT = (*BY_NAME, *STATUSES, "reported_on")
UNREPORTED = "reported_on IS NULL AND program_status <> 'active'"
WITH_REASON = "cancellation_reason IS NOT NULL"
NEW = {
    "ix_user_sponsor_to_report": (("sponsor_id", *TO_REPORT), UNREPORTED),
    "ix_user_employer_to_report": (("employer_id", *TO_REPORT), UNREPORTED),
    "ix_user_sponsor_reason": (("sponsor_id", "cancellation_reason", *BY_NAME), WITH_REASON),
    "ix_user_occupation_reason": (("occupation", "cancellation_reason", *BY_NAME), WITH_REASON),
}

MISSING = "ix_user_reason_missing"
IS_MISSING = "program_status = 'cancelled' AND cancellation_reason IS NULL"
KEYS = ("status_date", "registration_date", "apprentice_number")


def upgrade() -> None:
    for name, (columns, condition) in NEW.items():
        _create(name, columns, condition)
    op.drop_index(MISSING, "user")
    owners = ("sponsor_id", "employer_id")
    also = ("reported_on", "cancellation_reason")
    _create(MISSING, (*STATUSES, *BY_NAME, *owners, "occupation", *KEYS, *also), IS_MISSING)
    if op.get_bind().dialect.name == "sqlite":
        # Of an index that it knows nothing of SQLite expects too much.
        op.execute('ANALYZE "user"')


def downgrade() -> None:
    for name in (*NEW, MISSING):
        op.drop_index(name, "user")
    _create(MISSING, (*STATUSES, *BY_NAME, "sponsor_id", "occupation", *KEYS), IS_MISSING)


def _create(name: str, columns: tuple[str, ...], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "user", list(columns), sqlite_where=where, postgresql_where=where)
