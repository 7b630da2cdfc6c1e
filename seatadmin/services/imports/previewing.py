"""What an upload would change, line by line, before it does; and the import of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from seatadmin.lifecycle import NO_SEAT
from seatadmin.models import Employer, Sponsor
from seatadmin.permissions import Actor
from seatadmin.services.imports import mappings, refused, uploads
from seatadmin.services.imports.answer import Answer
from seatadmin.services.imports.columns import label
from seatadmin.services.imports.judging import Verdict
from seatadmin.services.imports.roster import Sheet
from seatadmin.services.imports.running import Options, import_roster
from seatadmin.services.progress import Report, silent
from seatadmin.services.scope import one_of
from seatadmin.uploads import Upload

LISTED = 100
"""How many lines of each kind are shown. The refused ones can be downloaded, all of them."""

_SAMPLED = 5 * LISTED
"""So many are watched, as some may be refused in the end."""

SHOWN_OF_NEW = ("apprentice_number", "email", "employer_id", "occupation", "program_status")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a dry run came to."""

    findings: dict[str, Any]
    refused: bytes | None
    """The file of refused lines, compressed."""


@dataclass(slots=True)
class _Seen:
    """The first lines that change something."""

    new: list[Verdict] = field(default_factory=list)
    changed: list[Verdict] = field(default_factory=list)

    def watch(self, verdict: Verdict) -> None:
        kind = self.changed if verdict.old else self.new
        if len(kind) < _SAMPLED:
            kind.append(verdict)


def preview(session: Session, actor: Actor, upload: Upload, report: Report = silent) -> Preview:
    """Try the import. Writes nothing: the caller keeps it with `keep`."""
    seen, sheet = _Seen(), uploads.sheet(session, upload)
    options = _options(session, upload, dry_run=True)
    answer = import_roster(session, actor, sheet, options, report, seen.watch)
    lines = {row.line for row in answer.refused}
    new, changed = (_listed(kind, lines) for kind in (seen.new, seen.changed))
    names = _Names(session, (*new, *changed), sheet)
    findings = {
        **_counts(answer),
        "new_rows": [[one.line, _called(one), names.of_new(one)] for one in new],
        "changed_rows": [[one.line, _called(one), names.differences(one)] for one in changed],
    }
    return Preview(findings, refused.packed(answer.refused, upload.header, sheet))


def keep(session: Session, upload: Upload, found: Preview) -> None:
    """Store a preview with its upload. The caller commits."""
    upload.findings = found.findings
    uploads.keep_refused(session, upload, found.refused)


def perform(
    session: Session, actor: Actor, upload: Upload, skip_refused: bool, report: Report = silent
) -> Answer:
    """Import an upload. When something was written its rows are erased. The caller commits.

    Raises as `import_roster` does.
    """
    sheet = uploads.sheet(session, upload)
    options = _options(session, upload, skip_refused=skip_refused)
    answer = import_roster(session, actor, sheet, options, report)
    if answer.change_id:
        upload.findings, upload.change_id = _counts(answer), answer.change_id
        left = refused.packed(answer.refused, upload.header, sheet)
        uploads.keep_refused(session, upload, left)
        uploads.forget_rows(session, upload)
        if upload.sponsor_id:
            mappings.remember(session, upload.sponsor_id, upload.header, upload.fields)
    return answer


def _options(session: Session, upload: Upload, **more: bool) -> Options:
    sponsor = session.get(Sponsor, upload.sponsor_id) if upload.sponsor_id else None
    return Options(sponsor and sponsor.name, upload.create_employers, **more)


def _counts(answer: Answer) -> dict[str, Any]:
    """Numbers, and the first refused lines."""
    return {
        "new": answer.new,
        "changed": answer.changed,
        "same": answer.same,
        "skipped": answer.skipped,
        "refused": len(answer.refused),
        "seats_freed": answer.seats_freed,
        "without_seat": sum(row.why in NO_SEAT for row in answer.refused),
        "refused_rows": [[row.line, row.why] for row in answer.refused[:LISTED]],
    }


def _listed(seen: Iterable[Verdict], refused: set[int]) -> list[Verdict]:
    return list(islice((one for one in seen if one.line not in refused), LISTED))


def _called(verdict: Verdict) -> str:
    return f"{verdict.values['last_name']}, {verdict.values['first_name']}"


class _Names:
    """Values as people read them: organizations by their names."""

    def __init__(self, session: Session, verdicts: Sequence[Verdict], sheet: Sheet) -> None:
        values = [each for one in verdicts for each in (one.values, one.old or {})]
        self._names = {
            key: _names(session, model, {each[key] for each in values if each})
            for key, model in (("sponsor_id", Sponsor), ("employer_id", Employer))
        }
        self._typed = _typed_employers(verdicts, sheet)

    def of_new(self, verdict: Verdict) -> list[list[str]]:
        """What is worth knowing of somebody new: label, value."""
        told = ((key, self._text(verdict, key, verdict.values)) for key in SHOWN_OF_NEW)
        return [[label(key), text] for key, text in told if text]

    def differences(self, verdict: Verdict) -> list[list[str]]:
        """Field by field: label, old, new."""
        old = verdict.old or {}
        return [
            [label(key), self._text(verdict, key, old), self._text(verdict, key, verdict.values)]
            for key in verdict.differs
        ]

    def _text(self, verdict: Verdict, key: str, values: Mapping[str, Any]) -> str:
        value = values.get(key)
        if key in self._names:
            typed = self._typed.get(verdict.line, "") + " (to be created)"
            return str(self._names[key].get(value or 0, typed))
        if isinstance(value, Enum):
            return str(getattr(value, "label", value.value))
        if isinstance(value, date):
            return value.isoformat()
        return "" if value is None else str(value)


def _names(session: Session, model: Any, ids: set[int]) -> dict[int, str]:
    found = select(model.id, model.name).where(one_of(session, model.id, sorted(ids)))
    return dict(session.execute(found).all())


def _typed_employers(verdicts: Sequence[Verdict], sheet: Sheet) -> dict[int, str]:
    """Employers that are still to be created are known by what the line says."""
    wanted = {one.line for one in verdicts if one.values["employer_id"] < 0}
    if not wanted:
        return {}
    column = sheet.names.index("employer")
    return {number: str(cells[column]) for number, cells in sheet.records() if number in wanted}
