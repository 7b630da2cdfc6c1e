"""Backups of the whole database, and putting one back: checked before anything is replaced.

SQLite is copied by `VACUUM INTO` while others write; PostgreSQL by pg_dump and pg_restore. A backup
appears under its name when it is complete and on the disk, and never in place of another file.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import URL

HEAD = "SELECT version_num FROM alembic_version"
IN_USE_MS = 2_000
"""How long a restore waits for the last connection to close."""


class CannotBackUp(ValueError):
    """A backup that was not made, or not put back; the message says why. Nothing was replaced."""


def back_up(url: URL, target: Path) -> None:
    """Write a backup of the database at `url` to `target`. Raises `CannotBackUp`."""
    if target.exists():
        raise CannotBackUp(f"{target} is there already: a backup never replaces a file.")
    if not target.parent.is_dir():
        raise CannotBackUp(f"There is no folder {target.parent}.")
    with _partial(target) as partial:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(url.database or ""), partial)
            _check_sqlite(partial)
        else:
            _run("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={partial}")
            _list(partial)
        _sync(partial)
        try:
            os.link(partial, target)  # unlike a rename it never replaces
        except FileExistsError:
            raise CannotBackUp(f"{target} has appeared meanwhile.") from None
    _sync(target.parent)


def restore(url: URL, source: Path, migrations: Path, replace: bool) -> Path | None:
    """Put the backup `source` in place of the database at `url`, whole or not at all.

    Nobody may be at work in it. What was in a SQLite file is kept beside it; its path is returned.
    Raises `CannotBackUp`: the backup is damaged or of another version, or the database holds
    something and `replace` is not asked for.
    """
    if not source.is_file():
        raise CannotBackUp(f"There is no file {source}.")
    heads = set(ScriptDirectory(str(migrations)).get_heads())
    if url.get_backend_name() == "sqlite":
        return _restore_sqlite(Path(url.database or ""), source, heads, replace)
    _restore_postgresql(url, source, heads, replace)
    return None


def _restore_sqlite(target: Path, source: Path, heads: set[str], replace: bool) -> Path | None:
    with _partial(target) as partial:
        shutil.copyfile(source, partial)
        _check_sqlite(partial)
        with closing(sqlite3.connect(partial)) as connection:
            _require_head({head for (head,) in connection.execute(HEAD)}, heads)
            connection.execute("PRAGMA journal_mode = WAL")
        _sync(partial)
        kept = None
        if target.exists() and target.stat().st_size:
            if _holds_something(target) and not replace:
                raise CannotBackUp(f"{target} is not empty: add --replace to put it aside.")
            _close_sqlite(target)
            kept = _free_name(target)
            os.link(target, kept)
        os.replace(partial, target)
    _sync(target.parent)
    return kept


def _restore_postgresql(url: URL, source: Path, heads: set[str], replace: bool) -> None:
    _list(source)
    kept = _tool("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(source))
    rows = kept.partition("FROM stdin;\n")[2].partition("\\.")[0]
    _require_head(set(rows.split()), heads)
    holds = 'SELECT count(*) FROM (SELECT FROM "user" LIMIT 1) AS one'
    tables = "SELECT to_regclass('public.\"user\"') IS NOT NULL"
    asked = ("--no-psqlrc", "--tuples-only", "--no-align", "--command")
    is_there = _run("psql", url, *asked, tables).strip() == "t"
    if is_there and _run("psql", url, *asked, holds).strip() != "0" and not replace:
        raise CannotBackUp("The database is not empty: add --replace to lose what it holds.")
    whole = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error")
    _run("pg_restore", url, *whole, "--no-owner", "--no-acl", str(source))


def _copy_sqlite(database: Path, target: Path) -> None:
    if not database.is_file():
        raise CannotBackUp(f"There is no database {database}.")
    with _told(), closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def _check_sqlite(path: Path) -> None:
    with _told(), closing(sqlite3.connect(path)) as connection:
        said = [word for (word,) in connection.execute("PRAGMA integrity_check")]
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.execute(HEAD).fetchall()
    if said != ["ok"] or dangling:
        raise CannotBackUp(f"The copy is damaged: {said[0] if said != ['ok'] else dangling[0]}")


def _holds_something(path: Path) -> bool:
    with _told(), closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'user'").fetchall()
        return bool(tables and connection.execute('SELECT 1 FROM "user" LIMIT 1').fetchall())


def _close_sqlite(path: Path) -> None:
    """Bring everything into the one file, for which nobody else may have it open."""
    with closing(sqlite3.connect(path, timeout=IN_USE_MS / 1000)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise CannotBackUp(f"{path} is in use: stop the server first ({error}).") from None


def _free_name(target: Path) -> Path:
    """Where what is replaced is kept."""
    number = 1
    while (kept := target.with_name(f"{target.name}.replaced-{number}")).exists():
        number += 1
    return kept


def _require_head(found: set[str], heads: set[str]) -> None:
    if found != heads:
        versions = ", ".join(sorted(found)) or "none"
        raise CannotBackUp(
            f"The backup is of migration {versions}, this program of {', '.join(sorted(heads))}."
        )


def _list(archive: Path) -> None:
    """Read a whole archive of pg_dump: what is cut off or altered is found out."""
    _tool("pg_restore", f"--file={os.devnull}", str(archive))


def _run(program: str, url: URL, *words: str) -> str:
    """A program of PostgreSQL's over the database; its password stands in no list of processes."""
    address = url.set(drivername="postgresql", password=None)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    named = f"--dbname={address.render_as_string()}"
    return _tool(program, named, *words, environment=password)


def _tool(program: str, *words: str, environment: dict[str, str] | None = None) -> str:
    found = shutil.which(program)
    if found is None:
        raise CannotBackUp(f"{program} is not on the PATH: install PostgreSQL's client programs.")
    done = subprocess.run(  # noqa: S603 (our own words, no shell)
        [found, *words],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise CannotBackUp(f"{program}: {said[0]}")
    return done.stdout


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """A file beside `target` that only the owner reads, and that is gone at the end."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    partial.touch(mode=0o600, exist_ok=False)
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _told() -> Iterator[None]:
    """What SQLite says, as a refusal of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise CannotBackUp(f"SQLite: {error}.") from error


def _sync(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
