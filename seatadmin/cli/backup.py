"""`flask backup` and `flask restore`: the whole database as one file, and back."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from seatadmin.extensions import db
from seatadmin.services import backups

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("target", type=FILE)
@with_appcontext
def backup(target: Path) -> None:
    """Write the whole database to TARGET, which must not be there yet. Others may go on writing."""
    try:
        backups.back_up(db.engine.url, target)
    except backups.CannotBackUp as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"Backed up to {target} ({target.stat().st_size:,} bytes).")


@click.command("restore")
@click.argument("source", type=FILE)
@click.option("--replace", is_flag=True, help="Also over a database that holds something.")
@with_appcontext
def restore(source: Path, replace: bool) -> None:
    """Put the backup SOURCE in place of the database. Stop the server first."""
    migrations = Path(current_app.extensions["migrate"].directory)
    url = db.engine.url
    db.engine.dispose()
    try:
        kept = backups.restore(url, source, migrations, replace)
    except backups.CannotBackUp as refused:
        raise click.ClickException(str(refused)) from refused
    if kept:
        click.echo(f"What was there before is in {kept}.")
    click.echo(f"Restored {source}. Now run: flask doctor, seats verify, audit verify.")
