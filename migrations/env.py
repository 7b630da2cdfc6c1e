"""Alembic's environment: migrations run on the connection of the application."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection, func, select

UPGRADES = 5_112_026
"""The number of the lock on PostgreSQL that whoever migrates holds."""


def run_migrations() -> None:
    """Apply migrations: in one transaction each on PostgreSQL, all in one on SQLite."""
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection, turn(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def turn(connection: Connection) -> Iterator[None]:
    """One at a time: of several nodes that migrate at once, the others find nothing left to do."""
    if connection.dialect.name == "sqlite":  # has one lock, which a transaction holds
        with connection.execution_options(seatadmin_writes=True).begin():
            yield
        return
    connection.execute(select(func.pg_advisory_lock(UPGRADES)))
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(UPGRADES)))
        connection.commit()


run_migrations()
