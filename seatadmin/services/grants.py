"""What the application's role may in PostgreSQL: all that it needs, and no rewriting of the audit.

The owner of the tables runs the migrations. The application signs in as another role, which can
neither alter nor remove what the audit holds, nor take its triggers away.
"""

from collections.abc import Iterator

from sqlalchemy import Dialect, text
from sqlalchemy.orm import Session

from seatadmin.extensions import db

READ, ADD = "SELECT", "SELECT, INSERT"
ALL = "SELECT, INSERT, UPDATE, DELETE"

LIMITED = {
    "alembic_version": READ,
    "change": ADD,
    "change_item": ADD,
    "change_scope": ADD,
    "change_seal": ADD,
    "change_personal": f"{ADD}, DELETE",  # erased with the person
}
"""Tables on which the application may less than reading and writing."""


def statements(dialect: Dialect, role: str) -> Iterator[str]:
    """The GRANTs, in their order; running them again changes nothing."""
    quote = dialect.identifier_preparer.quote_identifier
    to = quote(role)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {to}"
    yield f"REVOKE CREATE ON SCHEMA public FROM {to}, PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {to}"
    for table in sorted({*db.metadata.tables, *LIMITED}):
        yield f"GRANT {LIMITED.get(table, ALL)} ON {quote(table)} TO {to}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {to}"  # a backup reads them


def apply(session: Session, role: str) -> None:
    """Run the GRANTs, as the owner of the tables. The caller commits."""
    for statement in statements(session.get_bind().dialect, role):
        session.execute(text(statement.replace(":", r"\:")))
