"""Seats month by month, kept by a trigger; and when an ending was reported to the agency."""

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = """CREATE TRIGGER seat_month_keep AFTER UPDATE OF active ON seat_count
WHEN NEW.active <> OLD.active BEGIN
    INSERT INTO seat_month (month, employer_id, sponsor_id, taken)
    VALUES (date('now', 'start of month'), NEW.employer_id, NEW.sponsor_id, NEW.active - OLD.active)
    ON CONFLICT (month, employer_id) DO UPDATE SET taken = taken + excluded.taken;
END"""

POSTGRESQL = (
    """CREATE FUNCTION seat_month_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO seat_month (month, employer_id, sponsor_id, taken)
        VALUES (date_trunc('month', now() AT TIME ZONE 'UTC'), NEW.employer_id, NEW.sponsor_id,
            NEW.active - OLD.active)
        ON CONFLICT (month, employer_id) DO UPDATE SET taken = seat_month.taken + excluded.taken;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER seat_month_keep AFTER UPDATE OF active ON seat_count
    FOR EACH ROW WHEN (NEW.active <> OLD.active) EXECUTE FUNCTION seat_month_keep()""",
)

# What was there before months were kept stands in one row, long before any month that is shown.
OPENING = """INSERT INTO seat_month (month, employer_id, sponsor_id, taken)
SELECT '1970-01-01', employer_id, sponsor_id, active FROM seat_count WHERE active <> 0"""


def upgrade() -> None:
    op.create_table(
        "seat_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("employer_id", ID, autoincrement=False, nullable=False),
        sa.Column("sponsor_id", ID, nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id", "sponsor_id"],
            ["employer.id", "employer.sponsor_id"],
            name=op.f("fk_seat_month_employer_id_sponsor_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("month", "employer_id", name=op.f("pk_seat_month")),
        sqlite_with_rowid=False,  # it lies in the order of its key, in which it is summed up
    )
    # On SQLite the trigger runs for every participant: what it updates stands in no index.
    op.create_index("ix_seat_month_employer", "seat_month", ["employer_id", "month"])
    op.create_index("ix_seat_month_sponsor", "seat_month", ["sponsor_id", "month"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_seat_month_taken", "seat_month", ["month", "taken"])
    op.execute(OPENING)
    op.add_column("user", sa.Column("reported_on", sa.Date(), nullable=True))
    # The limits of the past are read from the few changes of organizations.
    op.create_index("ix_change_subject", "change", ["subject", "at"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else (SQLITE,):
        op.execute(statement)


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER seat_month_keep{' ON seat_count' if postgresql else ''}")
    if postgresql:
        op.execute("DROP FUNCTION seat_month_keep()")
    op.drop_index("ix_change_subject", "change")
    op.drop_column("user", "reported_on")
    op.drop_table("seat_month")
