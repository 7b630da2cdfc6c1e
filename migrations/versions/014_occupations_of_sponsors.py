"""An index for who has an occupation at a sponsor.

Along the index of the sponsor everybody else's entries were passed: nobody with that occupation
meant all of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "014"
down_revision = "013"

NAME = "ix_user_sponsor_occupation"
COLUMNS = ("sponsor_id", "occupation", "name_key", "id")
PARTICIPANTS = sa.text("program_status IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        NAME, "user", list(COLUMNS), postgresql_where=PARTICIPANTS, sqlite_where=PARTICIPANTS
    )
    if op.get_bind().dialect.name == "sqlite":
        # Of an index that it knows nothing of SQLite expects too much.
        op.execute('ANALYZE "user"')


def downgrade() -> None:
    op.drop_index(NAME, "user")
