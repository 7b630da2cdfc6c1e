"""Uploaded rosters that wait to be imported, and which columns each sponsor's rosters have."""

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("actor_id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("sensitive", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("sponsor_id", _ID, nullable=True),
        sa.Column("create_employers", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("change_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name="fk_upload_actor_id"),
        sa.ForeignKeyConstraint(["sponsor_id"], ["sponsor.id"], name="fk_upload_sponsor_id"),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name="fk_upload_change_id"),
        sa.PrimaryKeyConstraint("id", name="pk_upload"),
    )
    op.create_index("ix_upload_actor", "upload", ["actor_id", "at"])
    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name="fk_upload_part_upload_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "number", name="pk_upload_part"),
    )
    op.create_table(
        "import_mapping",
        sa.Column("sponsor_id", _ID, nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["sponsor.id"], name="fk_import_mapping_sponsor_id"
        ),
        sa.PrimaryKeyConstraint("sponsor_id", name="pk_import_mapping"),
    )


def downgrade() -> None:
    for table in ("import_mapping", "upload_part", "upload"):
        op.drop_table(table)
