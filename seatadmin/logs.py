"""Logs: a line of JSON each, or, in development, lines for people.

Whatever is logged through Python's own `logging` comes out here, the server's lines too. No line
holds personal data: of an exception stay its type and where it happened, not its words, which may
quote a row; of other libraries' warnings stay the numbers. Structlog writes the lines; it is
imported for the first one, and that is when the first answer has left already.
"""

import logging
import traceback
from collections.abc import Iterator, MutableMapping
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = "seatadmin"
DEEPEST = 50
"""How many frames of a traceback are told: the last ones."""

Event = MutableMapping[str, Any]


class Lines(logging.Formatter):
    """Formats a record as one line (`json`) or for people (`text`)."""

    def __init__(self, form: str = "json", **_given: Any) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """The record as it is printed."""
        return self._writer.format(record)

    @cached_property
    def _writer(self) -> logging.Formatter:
        from structlog import dev, processors, stdlib

        shown: list[Any] = [_fault, processors.JSONRenderer()]
        if self._form == "text":
            shown = [dev.ConsoleRenderer(colors=False, exception_formatter=dev.plain_traceback)]
        return stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                processors.TimeStamper(fmt="iso", utc=True, key="time"),
                stdlib.add_log_level,
                stdlib.ExtraAdder(),
                _without_words if self._form == "json" else _as_they_are,
            ],
            pass_foreign_args=True,
            processors=[stdlib.ProcessorFormatter.remove_processors_meta, *shown],
        )


def install(form: str) -> None:
    """Log to the error output in this form, whoever logs. Our own requests are worth a line each;
    of others we hear what is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(form))
    root = logging.getLogger()
    for other in [one for one in root.handlers if isinstance(one.formatter, Lines)]:
        root.removeHandler(other)
    root.addHandler(handler)
    logging.getLogger(OURS).setLevel(logging.INFO)


def _without_words(_logger: Any, _method: str, event: Event) -> Event:
    """What others warn of may quote a request: its address, its sender, its headers."""
    record, given = event["_record"], event.pop("positional_args", ())
    if record.levelno >= logging.WARNING and record.name.partition(".")[0] != OURS:
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        told = template.partition(" from ip=")[0]  # gunicorn fills in this one by itself
        numbers = tuple(one if isinstance(one, int | float) else "…" for one in given)
        event["event"] = told % numbers if "%" in told and numbers else told
    return event


def _as_they_are(_logger: Any, _method: str, event: Event) -> Event:
    event.pop("positional_args", None)
    return event


def _fault(_logger: Any, _method: str, event: Event) -> Event:
    """The exception as its types, outermost first, and the frames that led there."""
    told = event.pop("exc_info", None)
    error = told[1] if told else None
    if isinstance(error, BaseException):
        event["exception"] = [_described(one) for one in _chain(error)]
        frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
        event["traceback"] = [f"{_short(at.filename)}:{at.lineno} {at.name}" for at in frames]
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _described(error: BaseException) -> str:
    """The type and, of a database error, the state and the constraint, which name no values."""
    diagnosis = getattr(error, "diag", None)
    parts = (
        f"{type(error).__module__}.{type(error).__qualname__}",
        getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None),
        getattr(diagnosis, "constraint_name", None),
    )
    return " ".join(str(part) for part in parts if part)


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])
