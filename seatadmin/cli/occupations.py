"""`flask load-occupations`: the list from which the occupation field suggests."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from seatadmin.cli.writing import writing
from seatadmin.services import occupations


@click.command("load-occupations")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    default=occupations.SHIPPED,
)
@with_appcontext
def load_occupations(file: Path) -> None:
    """Load occupations from a CSV FILE with the columns code and title, or the shipped list.

    O*NET's own list fits too. Known codes get the file's titles; nothing is taken away.
    """
    with writing() as session:
        loaded = occupations.load(session, file)
    click.echo(f"{loaded.new:,} new, {loaded.changed:,} changed.")
