"""Statistics of the searched text by which PostgreSQL tells frequent names from rare ones.

By the usual hundred samples a name that one person in a hundred bears is as often as not taken for
the rarest of all, and a page of it read by sorting everybody who is found.
"""

from alembic import op

revision = "012"
down_revision = "011"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE "user" ALTER COLUMN search_text SET STATISTICS 1000')
        op.execute('ANALYZE "user" (search_text)')


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE "user" ALTER COLUMN search_text SET STATISTICS -1')
