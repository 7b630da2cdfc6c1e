"""`flask reset-second-factor`: for whoever lost it, where nobody else may do it on the page."""

import click
from flask.cli import with_appcontext

from seatadmin.cli.writing import writing
from seatadmin.permissions import SYSTEM
from seatadmin.services import second_factor, sign_in
from seatadmin.services.invalid import NotFound


@click.command("reset-second-factor")
@click.argument("email")
@with_appcontext
def reset_second_factor(email: str) -> None:
    """Switch off the second factor of the member of staff with EMAIL, and end their sign-ins."""
    with writing() as session:
        user = sign_in.named(session, email)
        try:
            second_factor.reset(session, SYSTEM, user.id if user else 0)
        except NotFound:
            raise click.ClickException(f"No member of staff has the address {email}.") from None
    click.echo(f"{email} signs in without a second factor.")
