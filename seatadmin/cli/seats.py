"""`flask seats`: used, limit and free per sponsor; `flask seats verify` counts them anew."""

import json

import click
from flask.cli import with_appcontext

from seatadmin.extensions import db
from seatadmin.services import recount
from seatadmin.services.seats import Usage


@click.group("seats", invoke_without_command=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
@with_appcontext
def seats(context: click.Context, form: str) -> None:
    """Show used, allowed and free seats of every sponsor."""
    if context.invoked_subcommand:
        return
    usages = recount.usage_by_sponsor(db.session)
    if form == "json":
        rows = [
            {"sponsor_id": id, "sponsor": name, **_numbers(usage)} for id, name, usage in usages
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    click.echo(f"{'used':>9} {'limit':>9} {'free':>9}  sponsor")
    for _id, name, usage in usages:
        used, limit, free = ("none" if n is None else f"{n:,}" for n in _numbers(usage).values())
        click.echo(f"{used:>9} {limit:>9} {free:>9}  {name}")


@seats.command("verify")
@with_appcontext
def verify() -> None:
    """Count every employer's seats anew. Exit 1 when a kept count differs."""
    found = recount.differences(db.session)
    for each in found:
        kept = "no count is kept" if each.kept is None else f"{each.kept:,} kept"
        click.echo(
            f"Employer {each.employer_id}, {each.employer}: {each.counted:,} counted, {kept}."
        )
    adrift = recount.months_differing(db.session)
    for each in adrift:
        click.echo(
            f"Employer {each.employer_id}, {each.employer}: the months add up to"
            f" {each.counted:,}, {each.kept:,} kept."
        )
    wrong = {each.employer_id for each in (*found, *adrift)}
    if wrong:
        raise click.ClickException(f"The seat counts of {len(wrong):,} employers are wrong.")
    click.echo("Every seat count is right.")


def _numbers(usage: Usage) -> dict[str, int | None]:
    return {"used": usage.used, "limit": usage.limit, "free": usage.free}
