"""`flask import-participants`: a roster from a CSV file or a workbook, into the database."""

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from seatadmin.cli import progress
from seatadmin.cli.writing import uncollected
from seatadmin.extensions import begin_write, db, lost_turn
from seatadmin.permissions import SYSTEM
from seatadmin.services import statistics
from seatadmin.services.imports import Answer, Options, RefusedLine, WrongRoster, import_roster
from seatadmin.services.imports.packing import source
from seatadmin.services.invalid import Invalid

LISTED = 100
"""How many refused lines the text names; the JSON names all."""


@click.command("import-participants")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--sponsor", metavar="NAME", help="The only sponsor that the file is about.")
@click.option("--create-employers", is_flag=True, help="Create employers that are not there yet.")
@click.option("--skip-refused", is_flag=True, help="Import the other lines all the same.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@progress.option
@with_appcontext
def import_participants(
    file: Path,
    dry_run: bool,
    sponsor: str | None,
    create_employers: bool,
    skip_refused: bool,
    style: str,
    wanted: bool,
) -> None:
    """Import participants from a CSV or XLSX FILE: a roster, or ApprentiScope's upload file.

    Each line finds its participant by apprentice_number, else by email. Nothing is written when a
    line is refused, unless --skip-refused. Exits with 0 when no line was refused, else with 1: also
    when the file as a whole is wrong, which JSON tells as its first line.
    """
    options = Options(sponsor, create_employers, skip_refused, dry_run)
    try:
        answer = _imported(file, options, wanted)
    except (WrongRoster, Invalid, OSError) as error:
        db.session.rollback()
        why = str(error)
        if isinstance(error, OSError):
            why = f"“{file}” cannot be read: {error.strerror}."
        if style != "json":
            raise click.ClickException(why) from error
        answer = Answer(refused=[RefusedLine(1, why)])
    if style == "json":
        click.echo(json.dumps(answer.as_dict(), ensure_ascii=False))
    else:
        _print(answer, dry_run)
    sys.exit(1 if answer.refused else 0)


def _imported(file: Path, options: Options, wanted: bool) -> Answer:
    with file.open("rb") as stream, progress.shown(wanted) as report, uncollected():
        rows = source(stream)
        if not options.dry_run:
            begin_write(db.session)
        answer = import_roster(db.session, SYSTEM, rows, options, report)
    if options.dry_run:
        db.session.rollback()
    else:
        db.session.commit()
        _gather_statistics()
    return answer


def _gather_statistics() -> None:
    """The import is done by now: that others are writing does not undo it."""
    try:
        statistics.refresh_if_grown(db.session)
    except OperationalError as error:
        if not lost_turn(error):
            raise
        click.echo("Others were writing: `flask tidy` gathers statistics tonight.", err=True)


def _print(answer: Answer, dry_run: bool) -> None:
    refused = len(answer.refused)
    click.echo(
        f"{answer.new:,} new, {answer.changed:,} changed, {answer.same:,} the same,"
        f" {answer.skipped:,} skipped, {refused:,} refused; {_seats(answer.seats_freed)}."
    )
    if answer.dropped_columns:
        click.echo(f"Columns not read: {', '.join(answer.dropped_columns)}.")
    for line in answer.refused[:LISTED]:
        click.echo(f"Line {line.line}: {line.why}")
    if refused > LISTED:
        click.echo(f"… and {refused - LISTED:,} more: --format json names them all.")
    click.echo(_outcome(answer, dry_run))


def _seats(freed: int) -> str:
    seats = "1 seat" if abs(freed) == 1 else f"{abs(freed):,} seats"
    return f"{seats} {'taken' if freed < 0 else 'freed'}"


def _outcome(answer: Answer, dry_run: bool) -> str:
    if dry_run:
        return "Dry run: nothing was written."
    if answer.change_id:
        return f"Recorded as change {answer.change_id}."
    return "Nothing was written."
