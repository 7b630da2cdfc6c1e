"""Faults made on purpose, and what held: `make drill`, `SCALE=quick make drill ARGS=kill`."""
