"""`flask audit`: are the chains of the audit whole, and what is kept elsewhere to prove it."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import click
from flask.cli import with_appcontext

from seatadmin.cli.writing import writing
from seatadmin.extensions import db
from seatadmin.services import chain, chain_check, grants

SHOWN = 10
"""How many breaks are named."""


@click.group("audit")
def audit() -> None:
    """Check the audit, and keep it from being rewritten."""


@audit.command("verify")
@click.option(
    "--head",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `flask audit head` printed earlier: shows whether a chain was cut off.",
)
@with_appcontext
def verify(kept: Path | None) -> None:
    """Check every chain. Exit 1 when one is broken; names the first rows. Changes nothing."""
    found = sorted(chain_check.breaks(db.session))
    if kept:
        found += chain_check.cut_off(db.session, _heads_in(kept.read_text()))
    for each in islice(found, SHOWN):
        click.echo(each)
    if found:
        raise click.ClickException(f"The audit was tampered with: {len(found):,} breaks.")
    heads = chain.heads(db.session)
    links = sum(head.sequence for head in heads)
    click.echo(f"All {len(heads):,} chains of {links:,} links are whole.")


@audit.command("head")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def head(form: str) -> None:
    """Print each chain's last link, to keep elsewhere: sponsor (0 for none), number, digest."""
    heads = chain.heads(db.session)
    if form == "json":
        click.echo(json.dumps([asdict(head) for head in heads], indent=2))
        return
    for each in heads:
        click.echo(f"{each.sponsor_id} {each.sequence} {each.digest}")


@audit.command("seal")
@with_appcontext
def seal() -> None:
    """Seal changes that no chain holds: once, after the upgrade that brought the chains."""
    with writing() as session:
        ids = chain.unsealed(session)
        chain.seal_pending(session, ids)
    click.echo(f"Sealed {len(ids):,} changes.")


@audit.command("grants")
@click.option("--role", required=True, help="The database role that the application signs in as.")
@click.option("--apply", is_flag=True, help="Run them, as the owner, instead of printing them.")
@with_appcontext
def print_grants(role: str, apply: bool) -> None:
    """Print (or apply) what a PostgreSQL role of the application may: never rewrite the audit."""
    if db.engine.dialect.name != "postgresql":
        raise click.ClickException("SQLite has no roles: its triggers protect the audit.")
    statements = grants.statements(db.engine.dialect, role)
    if apply:
        with writing() as session:
            grants.apply(session, role)
    click.echo("\n".join(f"{statement};" for statement in statements))


def _heads_in(text: str) -> Iterator[chain.Head]:
    """The heads in what `flask audit head` printed, in either form."""
    try:
        if text.lstrip().startswith("["):
            yield from (chain.Head(**each) for each in json.loads(text))
            return
        for line in filter(str.strip, text.splitlines()):
            found = re.fullmatch(r"([0-9]+) ([0-9]+) ([0-9a-f]{64})", line.strip())
            if not found:
                raise ValueError(line)
            yield chain.Head(int(found[1]), int(found[2]), found[3])
    except (ValueError, TypeError) as error:
        raise click.ClickException(f"This is no output of `flask audit head`: {error}") from error
