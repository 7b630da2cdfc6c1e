"""The extensions, unbound: `create_app()` binds them."""

import sqlite3
from typing import Any

from flask import Flask
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session

from seatadmin import connections as _connections  # noqa: F401 it listens
from seatadmin import timelimit

READS = "seatadmin_reads"
"""Execution option of a connection that only looks."""


WRITES = "seatadmin_writes"
"""Execution option of a connection whose transaction is going to write."""

BUSY_MS = 15_000
"""How long a SQLite writer waits for its turn."""

USUAL_CACHE, WRITING_CACHE = 2_000, 64_000
"""KiB of SQLite's cache per connection: a writer's holds the places where indexes are written."""

ROOMY = "seatadmin_roomy"
"""Where a connection says that it has the larger cache."""


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can refer to them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database(SQLAlchemy):
    """Flask-SQLAlchemy, whose scoped session stands for a session wherever services take one."""

    session: Session  # type: ignore[assignment]


db = Database(model_class=Base, session_options={"expire_on_commit": False})
login_manager = LoginManager()
csrf = CSRFProtect()


LOST_TURN = frozenset({"40P01", "40001", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"})
"""Codes of the errors with which a transaction gives way to another one."""

READ_ONLY = "25006"
"""PostgreSQL's state of an error: this server only reads."""

NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR")
"""How SQLite calls a disk that is full, or broken."""


def init_app(app: Flask) -> None:
    """Bind every extension to `app`."""
    db.init_app(app)
    app.teardown_appcontext(_let_go)  # goes before Flask-SQLAlchemy's own
    app.extensions["migrate"] = _Migrations(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    reading, writing = app.config["READ_SECONDS"], app.config["WRITE_SECONDS"]
    app.before_request(lambda: timelimit.begin(reading, writing))
    app.teardown_request(lambda _error: timelimit.end())


class _Migrations:
    """Stands where `flask db` looks for Flask-Migrate, and makes it by then.

    To import Alembic takes a third of the time of a start, and pages need nothing of it.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self.directory = app, f"{app.root_path}/migrations"

    @property
    def migrate(self) -> Any:
        """The extension, which takes this place."""
        from flask_migrate import Migrate

        return Migrate(self._app, db, directory=self.directory, compare_type=True)


def lost_turn(error: DBAPIError) -> bool:
    """Whether a transaction gave way to another one, so that the same may succeed at once.

    A deadlock (form and batch took the same locks in another order), or a lock that was not free.
    """
    codes = {getattr(error.orig, name, None) for name in ("sqlstate", "sqlite_errorname")}
    return not codes.isdisjoint(LOST_TURN)


def begin_read(session: Session) -> None:
    """Read from here on without a transaction: each statement by itself, nothing to begin or end.

    Every request begins so; what writes calls `begin_write` first, or is refused. A read that is
    under way goes on as it began. (A rolled back transaction would also cost PostgreSQL's driver
    the statements that it keeps prepared.)
    """
    of_this_request = session() if isinstance(session, scoped_session) else session
    if of_this_request.in_transaction():
        return
    options: dict[str, Any] = {READS: True}
    if session.get_bind().dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    session.connection(execution_options=options)


def begin_write(session: Session) -> None:
    """Start a transaction that is going to write, ending a read that is under way.

    SQLite takes its one write lock now (BEGIN IMMEDIATE) instead of failing half way through.
    PostgreSQL needs nothing: services lock the rows that they decide by. More time is allowed.
    """
    session.rollback()
    timelimit.extend_transaction(session.connection(execution_options={WRITES: True}))


def _let_go(_error: BaseException | None) -> None:
    """A connection that broke since the last statement cannot be rolled back, and need not be: the
    answer stands. It is thrown away, and the session is closed by whoever goes next."""
    try:
        db.session.remove()  # type: ignore[attr-defined]
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # transactions begin below, not inside the driver
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if connection.dialect.name == "sqlite" and READS not in options:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if WRITES in options else "BEGIN")
        if WRITES in options:
            connection.info[ROOMY] = True
            _give_cache(connection.connection.driver_connection, WRITING_CACHE)


@event.listens_for(Engine, "before_cursor_execute")
def _refuse_to_write(
    connection: Connection, _cursor: Any, _sql: str, _given: Any, context: Any, _many: bool
) -> None:
    """Without a transaction each statement would be kept, whatever becomes of the next one."""
    writes = context and (context.isinsert or context.isupdate or context.isdelete)
    if writes and READS in connection.get_execution_options():
        raise RuntimeError("To write, call begin_write first.")


@event.listens_for(Engine, "checkin")
def _take_cache_back(connection: Any, record: Any) -> None:
    if record.info.pop(ROOMY, False) and connection is not None:
        _give_cache(connection, USUAL_CACHE)


def _give_cache(connection: Any, size: int) -> None:
    connection.execute(f"PRAGMA cache_size = -{size}")


@event.listens_for(Engine, "handle_error")
def _note_lost(context: ExceptionContext) -> None:
    """Errors after which a connection is as good as lost, although it is open.

    After a failover it may lead to a server that only reads by now. Where SQLite finds no room, it
    may have ended the transaction by itself, and then there is no savepoint to go back to; if it
    has not, the lock must not wait for whoever collects the connection.
    """
    error = context.original_exception
    no_room = getattr(error, "sqlite_errorname", "").startswith(NO_ROOM)
    if no_room and context.connection is not None:
        context.connection.connection.rollback()
    if no_room or getattr(error, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True
