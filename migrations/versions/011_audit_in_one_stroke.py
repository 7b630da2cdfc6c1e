"""The audit is not emptied at one stroke, nor are its rows replaced by inserting over them.

Triggers for each row see neither: PostgreSQL's TRUNCATE has a trigger of its own, and SQLite's
INSERT OR REPLACE deletes the row in its way without telling.
"""

from alembic import op

revision = "011"
down_revision = "010"

KEYS = {
    "change": "id = NEW.id",
    "change_item": "change_id = NEW.change_id AND subject_id = NEW.subject_id",
    "change_scope": "id = NEW.id",
    "change_personal": "id = NEW.id",
    "change_seal": "sponsor_id = NEW.sponsor_id AND"
    " (sequence = NEW.sequence OR change_id = NEW.change_id)",
}
"""By what a row stands in the way of another."""

ROWIDS = ("change_item", "change_seal")
"""Tables whose key is not SQLite's own number of a row, by which a row can be met too."""


def upgrade() -> None:
    for table, key in KEYS.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
        else:
            ways = [key, "rowid = NEW.rowid"] if table in ROWIDS else [key]
            met = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {way})" for way in ways)
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {met}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in KEYS:
        name, on = ("truncate", f" ON {table}") if on_postgresql else ("replace", "")
        op.execute(f"DROP TRIGGER {table}_no_{name}{on}")
