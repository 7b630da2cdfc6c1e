"""`flask seed` and `flask demo`: made-up data, never in production."""

import time
from datetime import date

import click
from flask import current_app
from flask.cli import with_appcontext

from seatadmin.cli import progress
from seatadmin.cli.writing import uncollected, writing
from seatadmin.extensions import db
from seatadmin.services import seeding
from seatadmin.services.seeding import Size


@click.command("seed")
@click.option("--participants", type=int, required=True, help="How many, exactly.")
@click.option("--sponsors", type=int, required=True, help="How many sponsors.")
@click.option(
    "--employers", type=int, required=True, help="How many in all; one a sponsor at least."
)
@click.option("--random-seed", type=int, default=1, show_default=True, help="Same seed, same data.")
@progress.option
@with_appcontext
def seed(participants: int, sponsors: int, employers: int, random_seed: int, wanted: bool) -> None:
    """Fill an empty database with believable made-up data, and the demo sign-ins."""
    _refuse_production()
    _fill(Size(participants, sponsors, employers, random_seed), wanted)


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill a database without users with a demo world; show the demo sign-ins."""
    if seeding.is_untouched(db.session):
        _refuse_production()
        _fill(seeding.DEMO)
    if current_app.config["SEATADMIN_ENV"] == "production":
        return
    emails = seeding.demo_emails(db.session)
    if emails:
        password = current_app.config["DEMO_PASSWORD"]
        click.echo(f"Sign in with the password {password} as one of")
        for email, role in emails:
            click.echo(f"  {email:24}{role.label}")


def _refuse_production() -> None:
    if current_app.config["SEATADMIN_ENV"] == "production":
        raise click.ClickException("Made-up data has no place in production.")


def _fill(size: Size, wanted: bool = False) -> None:
    began, password = time.monotonic(), current_app.config["DEMO_PASSWORD"]
    with writing() as session, progress.shown(wanted) as report, uncollected():
        made = seeding.seed(session, size, password, date.today(), report)
    with writing() as session:
        seeding.refresh_statistics(session)
    click.echo(
        f"Made {made.participants:,} participants of {made.employers:,} employers and"
        f" {made.sponsors:,} sponsors, with {made.changes:,} changes,"
        f" in {time.monotonic() - began:.1f} s."
    )
