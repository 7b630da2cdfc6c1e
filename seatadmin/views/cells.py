"""Cells: how one value of a row is shown, and what stands in `data-value` beside its label."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache, partial
from html import escape  # markupsafe's wraps each result: of hundreds of cells a noticeable part
from typing import Any, NamedTuple

from flask import request
from markupsafe import Markup

from seatadmin.ledger import ChangeKind, Subject
from seatadmin.lifecycle import TRANSITION_TO, TRANSITIONS, AccountStatus, ProgramStatus
from seatadmin.services.plans import LAPSE, WITHDRAW


class Cell(NamedTuple):
    """What a cell shows, and the raw value when that differs."""

    html: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """How a column is shown: a pure function of its value and of the row's fields in `beside`."""

    make: Callable[..., Cell]
    beside: tuple[str, ...] = ()
    varied: bool = False
    """Nearly every row has another value: remembering the cells would not pay."""


TONES: dict[str, str] = {
    ProgramStatus.ACTIVE: "good",
    ProgramStatus.SUSPENDED: "pause",
    ProgramStatus.COMPLETED: "done",
    ProgramStatus.CANCELLED: "off",
    AccountStatus.DEACTIVATED: "off",
}

MESSAGE_TONES: dict[str, str] = {"success": "good", "warning": "pause", "danger": "warn"}
"""The tones of messages by their category."""

NEARLY_FULL = 0.9
"""From this share of its limit on, a seat meter changes its tone."""

BADGE = Markup('<b class="{}">{}</b>')
METER = Markup('<meter class="{}" max="{}" value="{}" aria-label="{}"></meter>')
LINK = Markup('<a href="{}">{}</a>')


def show(value: Any) -> Cell:
    """A value as it is; dates as people write them."""
    if value is None or value == "":
        return Cell("")
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return Cell(escape(value))
    if isinstance(value, datetime):
        return Cell(f"{value:%b} {value.day}, {value:%Y %H:%M} UTC", value.isoformat())
    if isinstance(value, date):
        return Cell(f"{value:%b} {value.day}, {value:%Y}", value.isoformat())
    if isinstance(value, StrEnum):
        return Cell(escape(value.label), value.value)  # type: ignore[attr-defined]
    return Cell(escape(str(value)))


def day(moment: datetime | None) -> Cell:
    """The day of a moment by the clock of this machine, as the dates that people enter are."""
    return show(moment and moment.astimezone().date())


PLAIN = Format(show)
VARIED = Format(show, varied=True)


def words(code: str) -> Cell:
    """A code of one word or two as people write it, and the code as the value."""
    return Cell(escape(code.replace("_", " ").capitalize()), code)


@lru_cache
def badge_of(status: Any) -> Cell:
    """A status as a calm badge."""
    return Cell(BADGE.format(TONES.get(status, "good"), status.label), status.value)


def _badge(status: Any) -> Cell:
    return badge_of(status) if status else Cell("")


BADGES = Format(_badge)


def flag(label: str) -> Format:
    """A warning badge where the field is true."""
    raised, lowered = Cell(BADGE.format("warn", label), "true"), Cell("", "false")
    return Format(lambda value: raised if value else lowered)


def _row_link(value: Any, id: int) -> Cell:
    return Cell(f'<a href="details/?id={id}">{escape(str(value))}</a>')


OPENS = Format(_row_link, ("id",), varied=True)
"""The value as a link to the row's page, which lies below its list."""


def _organization(name: str | None, id: int | None) -> Cell:
    return Cell(escape(name or ""), "" if id is None else str(id))


def organization(field: str) -> Format:
    """A sponsor or employer: its name, and its id as the value."""
    return Format(_organization, (f"{field}_id",))


def organization_of(found: Any) -> Cell:
    """A sponsor or employer outside a list."""
    return _organization(found.name, found.id) if found else Cell("", "")


def reason_cell(code: str | None, label: str | None, missing: bool = False) -> Cell:
    """A cancellation reason: its label, and its code as the value."""
    if code:
        return Cell(escape(label or code), code)
    return Cell(BADGE.format("warn", "Reason missing") if missing else "", "")


REASON = Format(reason_cell, ("reason_label",))
REASON_OR_MISSING = Format(reason_cell, ("reason_label", "reason_missing"))


def reason_of(participant: Any) -> Cell:
    """The reason of one participant outside a list."""
    label = participant.reason.label if participant.cancellation_reason else None
    missing = TRANSITION_TO[participant.program_status].carries_reason
    return reason_cell(participant.cancellation_reason, label, missing)


def yes_no(value: bool) -> Cell:
    """Yes or no."""
    return Cell("Yes" if value else "No", "true" if value else "false")


PLANS_END = {WITHDRAW: "Plan withdrawn", LAPSE: "Plan given up"}


def done(change: Any) -> str:
    """What a change did, in a word or two; of one that only plans that is said."""
    if change.kind is ChangeKind.PLAN:
        return PLANS_END.get(change.action, f"Plan to {change.action}")
    return words(change.action).html


def _planned(day: date | None, act: str | None) -> Cell:
    if day is None or act is None:
        return Cell("", "")
    return Cell(f"{TRANSITIONS[act].label} on {show(day).html}", day.isoformat())


PLANNED = Format(_planned, ("planned_act",))
"""What is planned for a participant, and its day as the value."""


def free_seats(free: int | None) -> Cell:
    """Free seats; over the limit is said in words."""
    if free is None:
        return Cell("No limit", "")
    if free < 0:
        return Cell(BADGE.format("warn", f"{-free:,} over the limit"), str(free))
    return Cell(f"{free:,}", str(free))


def limit(seats: int | None) -> Cell:
    """A seat limit, or that there is none."""
    return Cell("No limit", "") if seats is None else Cell(f"{seats:,}", str(seats))


def meter(used: int, limit: int) -> Markup:
    """A bar of how full a limit is; its tone and its words say when it is nearly or over."""
    words = f"{used:,} of {limit:,} seats used"
    return METER.format(tone_of(used, limit), limit or 1, min(used, limit) if limit else 1, words)


def tone_of(used: int, limit: int) -> str:
    """The tone of a bar: nearly full, or over the limit."""
    return "warn" if used > limit else "pause" if used >= NEARLY_FULL * limit else "good"


def seats_link(used: int, id: int, kind: str) -> Cell:
    """Used seats as a link to exactly the participants that use them."""
    return Cell(LINK.format(seat_holders(**{kind: id}), f"{used:,}"), str(used))


def seats_of(kind: str) -> Format:
    """Used seats of each row's organization, which is a `kind`."""
    return Format(partial(seats_link, kind=kind), ("id",), varied=True)


def seat_holders(**organization_id: int) -> str:
    """The address of the participants who use the seats of an organization, or of all.

    Written out: `url_for` would take as long for each row as all the rest of it.
    """
    filters = [f"flt0_account_status_equals={AccountStatus.ACTIVE.value}"]
    filters += [f"flt1_{name}_equals={id}" for name, id in organization_id.items()]
    return f"{request.script_root}/admin/participant/?{'&'.join(filters)}"


def _actor(name: str | None, id: int | None) -> Cell:
    return Cell(escape(name or "Command line"), str(id or ""))


CHANGE_ACTOR = Format(_actor, ("actor_id",))
"""Who made a change; the command line has no name."""


def _subjects(count: int, subject: str, only: int | None) -> Cell:
    if count == 1 and only:
        return Cell(f"{Subject(subject).value} #{only}")
    return Cell(f"{count:,}", str(count))


CHANGE_SUBJECTS = Format(_subjects, ("subject", "only_subject_id"), varied=True)
"""How many rows a change is about, or which one."""
