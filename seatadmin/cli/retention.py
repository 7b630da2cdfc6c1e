"""`flask erase`, `flask retention`, `flask tidy`: what may not or need not be kept goes."""

from datetime import date

import click
from flask.cli import with_appcontext

from seatadmin.cli.writing import writing
from seatadmin.extensions import db
from seatadmin.permissions import SYSTEM
from seatadmin.services import erasure, statistics, tidying


@click.command("erase")
@click.option("--user", "user_id", type=int, required=True, help="The id of the person.")
@with_appcontext
def erase(user_id: int) -> None:
    """Erase the personal values of one person, for good. The account must be deactivated."""
    with writing() as session:
        change_id = erasure.erase(session, SYSTEM, user_id)
    erasure.scrub(db.session)
    click.echo(f"User {user_id} is erased (change {change_id}). Backups still hold the name.")


@click.command("retention")
@click.option("--older-than", "days", type=click.IntRange(min=0), required=True, metavar="DAYS")
@click.option("--dry-run", is_flag=True, help="Only count.")
@with_appcontext
def retention(days: int, dry_run: bool) -> None:
    """Erase participants whose program was completed or cancelled more than DAYS ago."""
    today = date.today()
    if dry_run:
        count = erasure.count_due(db.session, days, today)
        click.echo(f"{count:,} persons would be erased.")
        return
    with writing() as session:
        count = erasure.retain(session, SYSTEM, days, today)
    if count:
        erasure.scrub(db.session)
    click.echo(f"Erased {count:,} persons.")


@click.command("tidy")
@with_appcontext
def tidy() -> None:
    """Remove sign-ins long over, expired links, forgotten failures, old answers and uploads.

    On SQLite it also gathers what the planner has to know of the data.
    """
    with writing() as session:
        removed = tidying.tidy(session)
    statistics.refresh(db.session)
    click.echo("Removed " + ", ".join(f"{count:,} {what}" for what, count in removed.items()) + ".")
