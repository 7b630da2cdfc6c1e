"""How a command writes: all or nothing, and what was refused as one line and exit 1."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from seatadmin.extensions import begin_write, db


@contextmanager
def writing() -> Iterator[Session]:
    """One transaction, committed at the end of the block.

    What a service refuses with a `ValueError` rolls it back and ends the command with its message.
    """
    session: Session = db.session
    begin_write(session)
    try:
        yield session
    except ValueError as error:
        session.rollback()
        raise click.ClickException(str(error)) from error
    session.commit()


@contextmanager
def uncollected() -> Iterator[None]:
    """Many rows, and no cycles among them: Python does not look for any in this block.

    It would take a sixth of an import's time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
