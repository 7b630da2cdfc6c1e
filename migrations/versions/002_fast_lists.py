"""Indexes for sorts, filters and search: lists cost the same at ten rows and at a million."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"

INDEXES = {
    "ix_user_status_date": ("status_date", "id"),
    "ix_user_registration_date": ("registration_date", "id"),
    "ix_user_number": (sa.text("coalesce(apprentice_number, '')"), "id"),
    "ix_user_first_name": (sa.text("substr(search_text, 1, 2)"), "name_key", "id"),
    "ix_user_program": ("program_status", "id"),
    "ix_user_account": ("account_status", "id"),
    "ix_user_sponsor_name": ("sponsor_id", "name_key", "id"),
    "ix_user_employer_name": ("employer_id", "name_key", "id"),
    "ix_user_occupation": ("occupation", "name_key", "id"),
    "ix_user_reason": ("cancellation_reason", "name_key", "id"),
}

# Each leads with a column that its condition fixes: SQLite takes such an index for a count too.
PARTIAL = {
    "ix_user_out_of_step": (
        "account_status",
        "program_status = 'active' AND account_status = 'deactivated'",
    ),
    "ix_user_reason_missing": (
        "program_status",
        "program_status = 'cancelled' AND cancellation_reason IS NULL",
    ),
}

FTS5 = (
    """CREATE VIRTUAL TABLE user_search USING fts5(
        search_text, content='user', content_rowid='id', tokenize='trigram', detail='none'
    )""",
    "INSERT INTO user_search (user_search) VALUES ('rebuild')",
    """CREATE TRIGGER user_search_insert AFTER INSERT ON "user" BEGIN
        INSERT INTO user_search (rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END""",
    """CREATE TRIGGER user_search_delete AFTER DELETE ON "user" BEGIN
        INSERT INTO user_search (user_search, rowid, search_text)
        VALUES ('delete', OLD.id, OLD.search_text);
    END""",
    """CREATE TRIGGER user_search_update AFTER UPDATE OF search_text ON "user" BEGIN
        INSERT INTO user_search (user_search, rowid, search_text)
        VALUES ('delete', OLD.id, OLD.search_text);
        INSERT INTO user_search (rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END""",
)


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "user", list(columns))
    for name, (first, condition) in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(
            name, "user", [first, "name_key", "id"], sqlite_where=where, postgresql_where=where
        )
    if op.get_bind().dialect.name == "sqlite":
        for statement in FTS5:
            op.execute(statement)
        return
    # Statuses go together: without knowing that, the planner takes out of step for common.
    op.execute(
        "CREATE STATISTICS user_statuses (mcv, dependencies)"
        ' ON kind, program_status, account_status, cancellation_reason FROM "user"'
    )
    if trigrams_available():
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute('CREATE INDEX ix_user_search ON "user" USING gin (search_text gin_trgm_ops)')


def trigrams_available() -> bool:
    """A PostgreSQL without its contrib modules searches rare terms by reading every row."""
    found = sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
    return bool(op.get_bind().scalar(found))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER user_search_{verb}")
        op.execute("DROP TABLE user_search")
    else:
        op.execute("DROP INDEX IF EXISTS ix_user_search")
        op.execute("DROP STATISTICS user_statuses")
    for name in (*INDEXES, *PARTIAL):
        op.drop_index(name, "user")
