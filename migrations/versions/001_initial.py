"""The first schema: organizations, users, seat counts kept by triggers, the append-only audit."""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)

REASONS = (
    ("left_employment", "Left employment"),
    ("laid_off", "Laid off or no work"),
    ("dismissed", "Dismissed"),
    ("own_request", "Own request"),
    ("unsatisfactory_progress", "Unsatisfactory progress"),
    ("transferred", "Transferred"),
    ("never_started", "Never started"),
    ("health", "Health"),
    ("deceased", "Deceased"),
    ("recorded_in_error", "Recorded in error"),
    ("other", "Other"),
)


def upgrade() -> None:
    create_tables()
    fill_reasons()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def create_tables() -> None:
    op.create_table(
        "cancellation_reason",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_cancellation_reason")),
    )
    op.create_table(
        "occupation",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_occupation")),
    )
    op.create_table(
        "sponsor",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("program_number", sa.String(length=60), nullable=True),
        sa.Column("seat_limit", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("seat_limit >= 0", name=op.f("ck_sponsor_seat_limit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor")),
        sa.UniqueConstraint("name_key", name=op.f("uq_sponsor_name_key")),
        sa.UniqueConstraint("program_number", name=op.f("uq_sponsor_program_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "employer",
        sa.Column("id", ID, nullable=False),
        sa.Column("sponsor_id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("seat_limit", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("seat_limit >= 0", name=op.f("ck_employer_seat_limit")),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["sponsor.id"], name=op.f("fk_employer_sponsor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("id", "sponsor_id", name=op.f("uq_employer_id_sponsor_id")),
        sa.UniqueConstraint("sponsor_id", "name_key", name=op.f("uq_employer_sponsor_id_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_employer_name_key", "employer", ["name_key", "id"])

    op.create_table(
        "seat_count",
        sa.Column("employer_id", ID, autoincrement=False, nullable=False),
        sa.Column("sponsor_id", ID, nullable=False),
        sa.Column("active", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id", "sponsor_id"],
            ["employer.id", "employer.sponsor_id"],
            name=op.f("fk_seat_count_employer_id_sponsor_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("employer_id", name=op.f("pk_seat_count")),
    )
    op.create_index("ix_seat_count_sponsor", "seat_count", ["sponsor_id", "active"])

    op.create_table(
        "user",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "staff",
                "participant",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("name_key", KEY, server_default="", nullable=False),
        sa.Column("search_text", sa.String(length=800), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column(
            "account_status",
            sa.Enum(
                "active",
                "deactivated",
                name="account_status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "regulator",
                "sponsor",
                "employer_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("sponsor_id", ID, nullable=True),
        sa.Column("employer_id", ID, nullable=True),
        sa.Column("apprentice_number", sa.String(length=60), nullable=True),
        sa.Column("occupation", sa.String(length=200), nullable=True),
        sa.Column("registration_date", sa.Date(), nullable=True),
        sa.Column("expected_completion_date", sa.Date(), nullable=True),
        sa.Column(
            "program_status",
            sa.Enum(
                "active",
                "suspended",
                "completed",
                "cancelled",
                name="program_status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("status_date", sa.Date(), nullable=True),
        sa.Column("cancellation_reason", sa.String(length=40), nullable=True),
        sa.Column("status_note", sa.String(length=1000), nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "CASE kind WHEN 'participant' THEN role IS NULL AND program_status IS NOT NULL"
            " AND status_date IS NOT NULL AND registration_date IS NOT NULL"
            " AND employer_id IS NOT NULL AND sponsor_id IS NOT NULL"
            " ELSE role IS NOT NULL AND program_status IS NULL END",
            name=op.f("ck_user_kind_is_complete"),
        ),
        sa.CheckConstraint(
            "CASE role WHEN 'regulator' THEN sponsor_id IS NULL AND employer_id IS NULL"
            " WHEN 'sponsor' THEN sponsor_id IS NOT NULL AND employer_id IS NULL"
            " WHEN 'employer_admin' THEN sponsor_id IS NOT NULL AND employer_id IS NOT NULL"
            " ELSE role IS NULL END",
            name=op.f("ck_user_role_has_its_scope"),
        ),
        sa.CheckConstraint(
            "cancellation_reason IS NULL OR program_status = 'cancelled'",
            name=op.f("ck_user_reason_if_cancelled"),
        ),
        sa.CheckConstraint(
            "kind <> 'participant' OR account_status = 'deactivated' OR program_status = 'active'",
            name=op.f("ck_user_account_follows_program"),
        ),
        sa.CheckConstraint(
            "email IS NOT NULL OR apprentice_number IS NOT NULL", name=op.f("ck_user_has_a_key")
        ),
        sa.CheckConstraint(
            "status_date >= registration_date", name=op.f("ck_user_status_after_registration")
        ),
        sa.ForeignKeyConstraint(
            ["cancellation_reason"],
            ["cancellation_reason.code"],
            name=op.f("fk_user_cancellation_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["employer_id", "sponsor_id"],
            ["employer.id", "employer.sponsor_id"],
            name=op.f("fk_user_employer_id_sponsor_id"),
        ),
        sa.ForeignKeyConstraint(["sponsor_id"], ["sponsor.id"], name=op.f("fk_user_sponsor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("apprentice_number", name=op.f("uq_user_apprentice_number")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_email_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_user_employer", "user", ["employer_id", "program_status", "id"])
    op.create_index("ix_user_name", "user", ["name_key", "id"])
    op.create_index("ix_user_sponsor", "user", ["sponsor_id", "program_status", "id"])

    op.create_table(
        "change",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "transition",
                "account",
                "edit",
                "create",
                "import",
                "delete",
                "undo",
                "plan",
                "permission",
                "export",
                "sign_in",
                "refusal",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "participant",
                "user",
                "employer",
                "sponsor",
                "change",
                name="subject",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_change_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "request",
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", INSTANT, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_request_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", "request_id", name=op.f("pk_request")),
    )
    op.create_table(
        "change_item",
        sa.Column("change_id", ID, nullable=False),
        sa.Column("subject_id", ID, autoincrement=False, nullable=False),
        sa.Column("sponsor_id", ID, nullable=True),
        sa.Column("employer_id", ID, nullable=True),
        sa.Column("old_program_status", sa.String(length=20), nullable=True),
        sa.Column("new_program_status", sa.String(length=20), nullable=True),
        sa.Column("old_account_status", sa.String(length=20), nullable=True),
        sa.Column("new_account_status", sa.String(length=20), nullable=True),
        sa.Column("old_status_date", sa.Date(), nullable=True),
        sa.Column("new_status_date", sa.Date(), nullable=True),
        sa.Column("old_cancellation_reason", sa.String(length=40), nullable=True),
        sa.Column("new_cancellation_reason", sa.String(length=40), nullable=True),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["change.id"], name=op.f("fk_change_item_change_id")
        ),
        sa.PrimaryKeyConstraint("change_id", "subject_id", name=op.f("pk_change_item")),
    )
    op.create_index("ix_change_item_subject", "change_item", ["subject_id", "change_id"])

    op.create_table(
        "change_personal",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("subject_id", ID, nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("old", sa.String(length=1000), nullable=True),
        sa.Column("new", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["change.id"], name=op.f("fk_change_personal_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_personal")),
    )
    op.create_index("ix_change_personal_change", "change_personal", ["change_id"])
    op.create_index("ix_change_personal_subject", "change_personal", ["subject_id"])

    op.create_table(
        "change_scope",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("sponsor_id", ID, nullable=True),
        sa.Column("employer_id", ID, nullable=True),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("only_subject_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["change_id"], ["change.id"], name=op.f("fk_change_scope_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_scope")),
    )
    op.create_index("ix_change_scope_change", "change_scope", ["change_id"])
    op.create_index("ix_change_scope_employer", "change_scope", ["employer_id", "change_id"])
    op.create_index("ix_change_scope_sponsor", "change_scope", ["sponsor_id", "change_id"])


def fill_reasons() -> None:
    table = sa.table(
        "cancellation_reason",
        sa.column("code", sa.String),
        sa.column("label", sa.String),
        sa.column("position", sa.Integer),
    )
    rows = [
        {"code": code, "label": label, "position": position}
        for position, (code, label) in enumerate(REASONS, start=1)
    ]
    op.bulk_insert(table, rows)


APPEND_ONLY = (
    ("change", "UPDATE"),
    ("change", "DELETE"),
    ("change_item", "UPDATE"),
    ("change_item", "DELETE"),
    ("change_scope", "UPDATE"),
    ("change_scope", "DELETE"),
    ("change_personal", "UPDATE"),  # personal values may be erased, not rewritten
)

# A seat is used by a participant whose account is active.
USES_SEAT = "{row}kind = 'participant' AND {row}account_status = 'active'"
OLD, NEW = USES_SEAT.format(row="OLD."), USES_SEAT.format(row="NEW.")

SQLITE = (
    """CREATE TRIGGER seat_count_employer AFTER INSERT ON employer BEGIN
        INSERT INTO seat_count (employer_id, sponsor_id) VALUES (NEW.id, NEW.sponsor_id);
    END""",
    f"""CREATE TRIGGER seat_count_insert AFTER INSERT ON "user" WHEN {NEW} BEGIN
        UPDATE seat_count SET active = active + 1 WHERE employer_id = NEW.employer_id;
    END""",
    f"""CREATE TRIGGER seat_count_delete AFTER DELETE ON "user" WHEN {OLD} BEGIN
        UPDATE seat_count SET active = active - 1 WHERE employer_id = OLD.employer_id;
    END""",
    f"""CREATE TRIGGER seat_count_update
    AFTER UPDATE OF kind, account_status, employer_id ON "user"
    WHEN ({OLD}) <> ({NEW}) OR OLD.employer_id IS NOT NEW.employer_id BEGIN
        UPDATE seat_count SET active = active - 1 WHERE employer_id = OLD.employer_id AND {OLD};
        UPDATE seat_count SET active = active + 1 WHERE employer_id = NEW.employer_id AND {NEW};
    END""",
    *(
        f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN
            SELECT RAISE(ABORT, '{table} is append-only');
        END"""
        for table, verb in APPEND_ONLY
    ),
)

CAME = f"SELECT employer_id, 1 AS n FROM came WHERE {USES_SEAT.format(row='')}"
GONE = f"SELECT employer_id, -1 AS n FROM gone WHERE {USES_SEAT.format(row='')}"


def count_function(verb: str, shifts: str) -> str:
    """Counters move once a statement, in the order of their ids: batches cannot deadlock."""
    return f"""CREATE FUNCTION seat_count_{verb}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        WITH shift AS (
            SELECT employer_id, sum(n) AS n FROM ({shifts}) AS one
            GROUP BY employer_id HAVING sum(n) <> 0
        ), turn AS (
            SELECT seat_count.employer_id, shift.n FROM seat_count JOIN shift USING (employer_id)
            ORDER BY seat_count.employer_id FOR UPDATE OF seat_count
        )
        UPDATE seat_count SET active = active + turn.n FROM turn
        WHERE seat_count.employer_id = turn.employer_id;
        RETURN NULL;
    END $$"""


def count_trigger(verb: str, tables: str) -> str:
    return f"""CREATE TRIGGER seat_count_{verb} AFTER {verb} ON "user" REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION seat_count_{verb}()"""


POSTGRESQL = (
    """CREATE FUNCTION seat_count_employer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO seat_count (employer_id, sponsor_id) VALUES (NEW.id, NEW.sponsor_id);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER seat_count_employer AFTER INSERT ON employer
    FOR EACH ROW EXECUTE FUNCTION seat_count_employer()""",
    count_function("insert", CAME),
    count_function("delete", GONE),
    count_function("update", f"{CAME} UNION ALL {GONE}"),
    count_trigger("insert", "NEW TABLE AS came"),
    count_trigger("delete", "OLD TABLE AS gone"),
    count_trigger("update", "OLD TABLE AS gone NEW TABLE AS came"),
    """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END $$""",
    *(
        f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
        FOR EACH ROW EXECUTE FUNCTION append_only()"""
        for table, verb in APPEND_ONLY
    ),
)


def downgrade() -> None:
    for table in (
        "change_scope",
        "change_personal",
        "change_item",
        "request",
        "change",
        "user",
        "seat_count",
        "employer",
        "sponsor",
        "occupation",
        "cancellation_reason",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in ("employer", "insert", "delete", "update"):
            op.execute(f"DROP FUNCTION seat_count_{name}()")
        op.execute("DROP FUNCTION append_only()")
