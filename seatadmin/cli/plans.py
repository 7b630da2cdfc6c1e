"""`flask apply-due`: what was planned for today or earlier is done. A timer runs it every day."""

from datetime import date

import click
from flask import current_app
from flask.cli import with_appcontext

from seatadmin.cli.writing import writing
from seatadmin.extensions import db
from seatadmin.services import clock, plans


@click.command("apply-due")
@with_appcontext
def apply_due() -> None:
    """Do what is planned for today or earlier, each plan in a transaction of its own.

    It is judged anew: what is refused by now is told in the history, and not tried again.
    """
    in_earnest = current_app.config["SEATADMIN_ENV"] == "production"  # tests travel in time
    if in_earnest and clock.is_wrong(db.session):
        raise click.ClickException("This machine's clock is not the database's: nothing was done.")
    waiting = plans.due(db.session, date.today())
    db.session.rollback()  # ends the read: each plan begins its own write
    for plan_id in waiting:
        with writing() as session:
            outcome, given_up = plans.apply(session, plan_id)
        click.echo(
            f"Plan {plan_id}: {outcome.changed:,} done, seats freed: {outcome.seats_freed:,},"
            f" given up: {given_up:,}."
        )
    click.echo(f"Plans that were due: {len(waiting):,}.")
