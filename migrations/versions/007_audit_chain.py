"""The audit is chained, sponsor by sponsor: what was sealed cannot be rewritten unnoticed."""

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Every refusal looks up whether the same was refused a moment ago.
REFUSALS = sa.text("kind = 'refusal'")


def upgrade() -> None:
    op.create_table(
        "change_seal",
        sa.Column("sponsor_id", ID, autoincrement=False, nullable=False),
        sa.Column("sequence", ID, autoincrement=False, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("parts", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["change.id"], name=op.f("fk_change_seal_change_id")
        ),
        sa.PrimaryKeyConstraint("sponsor_id", "sequence", name=op.f("pk_change_seal")),
        sa.UniqueConstraint(
            "change_id", "sponsor_id", name=op.f("uq_change_seal_change_id_sponsor_id")
        ),
    )
    op.create_index(
        "ix_change_refusal",
        "change",
        ["actor_id", "id"],
        sqlite_where=REFUSALS,
        postgresql_where=REFUSALS,
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(guard(verb))


def guard(verb: str) -> str:
    head = f"CREATE TRIGGER change_seal_no_{verb.lower()} BEFORE {verb} ON change_seal"
    if op.get_bind().dialect.name == "postgresql":
        return f"{head} FOR EACH ROW EXECUTE FUNCTION append_only()"
    return f"{head} BEGIN SELECT RAISE(ABORT, 'change_seal is append-only'); END"


def downgrade() -> None:
    op.drop_index("ix_change_refusal", "change")
    op.drop_table("change_seal")
