"""Importing a roster of participants from a CSV file.

A file is read and cleaned line by line (`roster`, `columns`). Each line is judged against whoever
is there already (`people`, `organizations`, `judging`). What is to be written waits in a temporary
table (`staging`) until seats are given out (`seating`); then set statements write it (`writing`).
"""

from seatadmin.services.imports.answer import Answer, RefusedLine
from seatadmin.services.imports.roster import WrongRoster
from seatadmin.services.imports.running import READING, Options, import_roster
from seatadmin.services.imports.writing import WRITING

__all__ = [
    "READING",
    "WRITING",
    "Answer",
    "Options",
    "RefusedLine",
    "WrongRoster",
    "import_roster",
]
