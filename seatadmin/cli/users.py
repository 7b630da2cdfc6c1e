"""`flask create-user`: the first regulator, or any other member of staff."""

import re
import sys
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from seatadmin.cli.writing import writing
from seatadmin.permissions import SYSTEM, Role
from seatadmin.services import fields, links, users
from seatadmin.services.placing import place


@click.command("create-user")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--sponsor", metavar="NAME", help="For a sponsor or an employer administrator.")
@click.option("--employer", metavar="NAME", help="For an employer administrator.")
@click.option("--first-name", help="Else made from the e-mail address.")
@click.option("--last-name", help="Else made from the e-mail address.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password, one line, from standard input."
)
@click.option("--link", is_flag=True, help="Print a link by which the person chooses a password.")
@with_appcontext
def create_user(
    email: str,
    role: str,
    sponsor: str | None,
    employer: str | None,
    first_name: str | None,
    last_name: str | None,
    password_stdin: bool,
    link: bool,
) -> None:
    """Create a member of staff who can sign in with EMAIL and a password."""
    if password_stdin == link:
        raise click.UsageError("Give one of --password-stdin and --link.")
    chosen = Role(role)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    lasting = current_app.config["PASSWORD_LINK_LASTS"]
    with writing() as session:
        address = fields.clean_email(email) or ""
        first, last = _name_in(address, chosen)
        sponsor_id, employer_id = place(session, chosen, sponsor, employer)
        user = users.create_staff(
            session,
            SYSTEM,
            first_name=fields.clean_name(first_name or first),
            last_name=fields.clean_name(last_name or last),
            email=address,
            role=chosen,
            sponsor_id=sponsor_id,
            employer_id=employer_id,
            password=password,
        )
        token = links.make(session, SYSTEM, user.id, lasting)[1] if link else None
    if token is None:
        click.echo(f"{chosen.label} {user.name} <{user.email}> can sign in.")
        return
    hours = lasting // timedelta(hours=1)
    click.echo(f"Within {hours} hours {user.name} <{user.email}> chooses a password at")
    click.echo(f"{current_app.config['PUBLIC_URL']}/password/{token}")


def _name_in(address: str, role: Role) -> tuple[str, str]:
    """First and last name as an address like ada.lovelace@example.org has them."""
    local = address.partition("@")[0]
    words = [word.capitalize() for word in re.split(r"[^\w'-]+|_", local) if word]
    return words[0] if words else role.label, " ".join(words[1:]) or role.label
