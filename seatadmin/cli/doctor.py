"""`flask doctor`: is everything in the database as the rules want it?"""

import click
from flask.cli import with_appcontext

from seatadmin.extensions import db
from seatadmin.services.doctor import INVARIANTS, examine


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check every invariant on the live data. Exit 1 when one is broken; changes nothing."""
    broken = 0
    for finding in examine(db.session):
        click.echo(finding)
        broken += 1
    if broken:
        raise click.ClickException(f"{broken} of {len(INVARIANTS)} invariants are broken.")
    click.echo(f"All {len(INVARIANTS)} invariants hold.")
