"""Alembic's environment: migrations run on the connection of the application."""

from alembic import context
from flask import current_app


def run_migrations() -> None:
    """Apply migrations in one transaction each, on either database."""
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
