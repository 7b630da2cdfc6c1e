"""Sign-ins that can be ended, second factors, and failed attempts that all workers count."""

import sqlalchemy as sa
from alembic import op

revision = "006"
down_revision = "005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

ENDED_WHY = (
    "signed_out",
    "replaced",
    "ended",
    "password",
    "second_factor",
    "role",
    "account",
)


def upgrade() -> None:
    op.create_table(
        "user_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column(
            "ended_why",
            sa.Enum(
                *ENDED_WHY,
                name=op.f("ck_user_session_ended_why"),
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_user_session_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_session"),
        sa.UniqueConstraint("token_digest", name="uq_user_session_token_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_user_session_user", "user_session", ["user_id", "id"])
    op.create_table(
        "second_factor",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(64), nullable=True),
        sa.Column("new_salt", sa.String(64), nullable=True),
        sa.Column("last_step", ID, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_second_factor_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factor"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_recovery_code_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_code"),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_last_at", "sign_in_attempts", ["last_at"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


# Whoever loses or changes access is signed out everywhere, by whatever path the row was changed.
WATCHED = ("account_status", "role", "sponsor_id", "employer_id")
CHANGED = " OR ".join(f"OLD.{name} IS {{distinct}} NEW.{name}" for name in WATCHED)
ENDS = """UPDATE user_session SET ended_at = CURRENT_TIMESTAMP,
    ended_why = CASE WHEN OLD.account_status = NEW.account_status THEN 'role' ELSE 'account' END
        WHERE user_id = OLD.id AND ended_at IS NULL;"""

SQLITE = (
    f"""CREATE TRIGGER user_session_end AFTER UPDATE OF {", ".join(WATCHED)} ON "user"
    WHEN OLD.role IS NOT NULL AND ({CHANGED.format(distinct="NOT")}) BEGIN
        {ENDS}
    END""",
)

POSTGRESQL = (
    f"""CREATE FUNCTION user_session_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {ENDS}
        RETURN NULL;
    END $$""",
    f"""CREATE TRIGGER user_session_end AFTER UPDATE OF {", ".join(WATCHED)} ON "user"
    FOR EACH ROW WHEN (OLD.role IS NOT NULL AND ({CHANGED.format(distinct="DISTINCT FROM")}))
    EXECUTE FUNCTION user_session_end()""",
)


def downgrade() -> None:
    op.execute(
        "DROP TRIGGER user_session_end"
        + (' ON "user"' if op.get_bind().dialect.name == "postgresql" else "")
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION user_session_end()")
    for table in ("sign_in_attempts", "recovery_code", "second_factor", "user_session"):
        op.drop_table(table)
