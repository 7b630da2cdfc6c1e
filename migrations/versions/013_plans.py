"""What is planned for a participant: the change that planned it."""

import sqlalchemy as sa
from alembic import op

revision = "013"
down_revision = "012"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NAME = "ck_user_plan_of_program"
RULE = "plan_id IS NULL OR kind = 'participant'"
OPEN = sa.text("plan_id IS NOT NULL")

# They hold only whom something is planned for: to everybody else they cost nothing.
INDEXES = {"ix_user_plan": ("plan_id",), "ix_user_planned": ("name_key", "id")}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("user", sa.Column("plan_id", ID, nullable=True))
        op.execute(f'ALTER TABLE "user" ADD CONSTRAINT {NAME} CHECK ({RULE}) NOT VALID')
        op.execute(f'ALTER TABLE "user" VALIDATE CONSTRAINT {NAME}')
    else:
        op.execute(
            f'ALTER TABLE "user" ADD COLUMN plan_id INTEGER CONSTRAINT {NAME} CHECK ({RULE})'
        )
    for name, columns in INDEXES.items():
        op.create_index(name, "user", list(columns), postgresql_where=OPEN, sqlite_where=OPEN)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "user")
    op.drop_column("user", "plan_id")
