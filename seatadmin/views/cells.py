"""Cells: how one value of a row is shown, and what stands in `data-value` beside its label."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from flask import url_for
from markupsafe import Markup, escape

from seatadmin.ledger import Subject
from seatadmin.lifecycle import TRANSITION_TO, AccountStatus, ProgramStatus


class Cell(NamedTuple):
    """What a cell shows, and the raw value when that differs."""

    html: str
    value: str | None = None


Format = Callable[[Any, str], Cell]
"""Makes the cell of a row's field."""

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


def plain(row: Any, field: str) -> Cell:
    """The value as it is; dates as people write them."""
    return show(getattr(row, field))


def show(value: Any) -> Cell:
    """A single value outside a row."""
    if value is None or value == "":
        return Cell("")
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return Cell(str(escape(value)))
    if isinstance(value, datetime):
        return Cell(f"{value:%b} {value.day}, {value:%Y %H:%M} UTC", value.isoformat())
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, StrEnum):
        return Cell(str(escape(value.label)), value.value)  # type: ignore[attr-defined]
    return Cell(str(escape(value)))


@lru_cache(maxsize=10_000)
def _day(day: date) -> Cell:
    return Cell(f"{day:%b} {day.day}, {day:%Y}", day.isoformat())


def words(row: Any, field: str) -> Cell:
    """A code of one word or two as people write it, and the code as the value."""
    code = str(getattr(row, field))
    return Cell(str(escape(code.replace("_", " ").capitalize())), code)


def badge(row: Any, field: str) -> Cell:
    """A status as a calm badge."""
    status = getattr(row, field)
    return badge_of(status) if status else Cell("")


@lru_cache
def badge_of(status: Any) -> Cell:
    """The badge of one status."""
    return Cell(BADGE.format(TONES.get(status, "good"), status.label), status.value)


def flag(label: str) -> Format:
    """A warning badge where the field is true."""

    raised, lowered = Cell(BADGE.format("warn", label), "true"), Cell("", "false")
    return lambda row, field: raised if getattr(row, field) else lowered


def opens(row: Any, field: str) -> Cell:
    """The value as a link to the row's page, which lies below its list."""
    return Cell(f'<a href="details/?id={row.id}">{escape(getattr(row, field))}</a>')


def organization(row: Any, field: str) -> Cell:
    """A sponsor or employer: its name, and its id as the value."""
    id = getattr(row, f"{field}_id")
    return Cell(str(escape(getattr(row, field) or "")), "" if id is None else str(id))


def reason(row: Any, field: str) -> Cell:
    """A cancellation reason: its label, and its code as the value."""
    code = getattr(row, field)
    if code:
        return Cell(str(escape(row.reason_label or code)), code)
    missing = getattr(row, "reason_missing", False)
    return Cell(BADGE.format("warn", "Reason missing") if missing else "", "")


def reason_of(participant: Any) -> Cell:
    """The reason of one participant outside a list."""
    if participant.cancellation_reason:
        return Cell(str(escape(participant.reason.label)), participant.cancellation_reason)
    missing = TRANSITION_TO[participant.program_status].carries_reason
    return Cell(BADGE.format("warn", "Reason missing") if missing else "", "")


def organization_of(found: Any) -> Cell:
    """A sponsor or employer outside a list."""
    return Cell(str(escape(found.name)), str(found.id)) if found else Cell("", "")


def yes_no(value: bool) -> Cell:
    """Yes or no."""
    return Cell("Yes" if value else "No", "true" if value else "false")


def free_seats(row: Any, field: str) -> Cell:
    """Free seats; over the limit is said in words."""
    free = getattr(row, field)
    if free is None:
        return Cell("No limit", "")
    if free < 0:
        return Cell(BADGE.format("warn", f"{-free:,} over the limit"), str(free))
    return Cell(f"{free:,}", str(free))


def limit(row: Any, field: str) -> Cell:
    """A seat limit, or that there is none."""
    seats = getattr(row, field)
    return Cell("No limit", "") if seats is None else Cell(f"{seats:,}", str(seats))


def meter(used: int, limit: int) -> Markup:
    """A bar of how full a limit is; its tone and its words say when it is nearly or over."""
    words = f"{used:,} of {limit:,} seats used"
    return METER.format(tone_of(used, limit), limit or 1, min(used, limit) if limit else 1, words)


def tone_of(used: int, limit: int) -> str:
    """The tone of a bar: nearly full, or over the limit."""
    return "warn" if used > limit else "pause" if used >= NEARLY_FULL * limit else "good"


def seats_link(filter_name: str) -> Format:
    """Used seats as a link to exactly the participants that use them."""

    def cell(row: Any, field: str) -> Cell:
        used = getattr(row, field)
        address = seat_holders(**{filter_name: row.id})
        return Cell(LINK.format(address, f"{used:,}"), str(used))

    return cell


def seat_holders(**organization_id: int) -> str:
    """The address of the participants who use the seats of an organization, or of all."""
    filters: dict[str, Any] = {"flt0_account_status_equals": AccountStatus.ACTIVE.value}
    for name, id in organization_id.items():
        filters[f"flt1_{name}_equals"] = str(id)
    return url_for("participant.index_view", **filters)


def change_actor(row: Any, field: str) -> Cell:
    """Who made a change; the command line has no name."""
    return Cell(str(escape(getattr(row, field) or "Command line")), str(row.actor_id or ""))


def change_subjects(row: Any, field: str) -> Cell:
    """How many rows a change is about, or which one."""
    count, only = getattr(row, field), row.only_subject_id
    if count == 1 and only:
        return Cell(f"{Subject(row.subject).value} #{only}")
    return Cell(f"{count:,}", str(count))
