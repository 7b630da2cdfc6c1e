"""The commands: `flask …`. Each module registers its own."""

from flask import Flask

from seatadmin.cli import doctor, imports, occupations, seats, seed, users


def init_app(app: Flask) -> None:
    """Register every command with `app`."""
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(imports.import_participants)
    app.cli.add_command(occupations.load_occupations)
    app.cli.add_command(seats.seats)
    app.cli.add_command(seed.demo)
    app.cli.add_command(seed.seed)
    app.cli.add_command(users.create_user)
