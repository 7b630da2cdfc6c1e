"""Importing a file: judge every line, find seats, and write all that may be written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO

from sqlalchemy.orm import Session

from seatadmin.lifecycle import Refusal
from seatadmin.permissions import Actor, Permission, require
from seatadmin.services import seats
from seatadmin.services.imports import people, roster, seating, staging, writing
from seatadmin.services.imports.answer import Answer
from seatadmin.services.imports.findings import Findings
from seatadmin.services.imports.judging import Judge, Verdict
from seatadmin.services.imports.organizations import Organizations, Reasons
from seatadmin.services.imports.people import People
from seatadmin.services.imports.repeats import Repeats
from seatadmin.services.imports.roster import Line, Sheet
from seatadmin.services.progress import Report, silent

CHUNK = 1_000
"""Lines that are looked up and staged together."""

READING = "Reading the file"
"""The stage before `writing.WRITING`. A file with employers to create is read twice."""


Watch = Callable[[Verdict], None]


def unwatched(_verdict: Verdict) -> None:
    """Nobody looks at single lines."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is imported. `sponsor` names the only sponsor that the file is about."""

    sponsor: str | None = None
    create_employers: bool = False
    skip_refused: bool = False
    dry_run: bool = False


def import_roster(
    session: Session,
    actor: Actor,
    file: IO[bytes] | Sheet,
    options: Options | None = None,
    report: Report = silent,
    watch: Watch = unwatched,
) -> Answer:
    """Import a roster from `file`, which must be seekable, or a sheet. The caller commits.

    Nothing is written in a dry run, nor when a line is refused, unless `skip_refused`. `report`
    is told the bytes that are read (`READING`), then the rows that are written (`WRITING`); `watch`
    is given each verdict that changes something, before seats and locks may refuse it. Raises
    `NotPermitted`, `WrongRoster`, and `Invalid` when somebody else took a key meanwhile.
    """
    options = options or Options()
    require(actor, Permission.PARTICIPANT_IMPORT)
    if options.create_employers:
        require(actor, Permission.EMPLOYER_EDIT)
    run = _Run(session, actor, file, options, report, watch)
    if options.dry_run:
        return run.preview()
    savepoint = session.begin_nested()
    answer = run.perform()
    if answer.change_id is None:
        savepoint.rollback()
    else:
        savepoint.commit()
    return answer


class _Run:
    """One import under way."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        file: IO[bytes] | Sheet,
        options: Options,
        report: Report,
        watch: Watch,
    ) -> None:
        self._session, self._actor, self._file, self._options = session, actor, file, options
        self._report, self._watch = report, watch
        self._organizations = Organizations(
            session, actor, options.sponsor, options.create_employers
        )
        self._judge = Judge(self._organizations, Reasons(session), date.today())
        self._dropped: list[str] = []

    def preview(self) -> Answer:
        findings = self._judged(stage=False)
        findings.refuse(seating.without_seat(self._session, findings.moves))
        return findings.answer(self._dropped)

    def perform(self) -> Answer:
        with staging.prepared(self._session):
            findings = self._settled()
            if self._may_write(findings) and findings.awaiting:
                self._organizations.create_missing(set(findings.awaiting.values()))
                findings = self._settled()  # once more, now that they have ids
            if not self._may_write(findings):
                return findings.answer(self._dropped)
            staging.forget(self._session, findings.refused)
            change = writing.write(self._session, self._actor, self._report)
            return findings.answer(self._dropped, change.id)

    def _may_write(self, findings: Findings) -> bool:
        something = bool(findings.new or findings.changed)
        return something and (self._options.skip_refused or not findings.refused)

    def _settled(self) -> Findings:
        """All lines judged, with everything locked that the verdicts rest on."""
        staging.clear(self._session)
        findings = self._judged(stage=True)
        taking = {move.takes[0] for move in findings.moves if move.takes}
        seats.lock_sponsors(self._session, taking)
        stale = staging.lock_people(self._session)
        findings.refuse(dict.fromkeys(stale, Refusal.MEANWHILE))
        findings.refuse(seating.without_seat(self._session, findings.moves))
        return findings

    def _judged(self, stage: bool) -> Findings:
        findings = Findings()
        with roster.opened(self._file) as opened:
            self._dropped = opened.dropped_columns
            repeats = Repeats()
            while lines := list(islice(opened.lines, CHUNK)):
                findings.skipped += sum(line.skipped for line in lines)
                lines = [line for line in lines if not line.skipped]
                verdicts = self._verdicts(lines, repeats, findings)
                for verdict in verdicts:
                    self._watch(verdict)
                if stage and verdicts:
                    staging.add(self._session, verdicts)
                self._report(opened.done(), opened.size, READING)
        return findings

    def _verdicts(self, lines: list[Line], repeats: Repeats, findings: Findings) -> list[Verdict]:
        """Judge a chunk; the verdicts that change something are returned."""
        found = people.find(self._session, self._actor, lines)
        verdicts = []
        for line in lines:
            try:
                verdict = self._verdict(line, found, repeats)
            except ValueError as why:
                findings.refused[line.number] = str(why)
            else:
                findings.take(verdict)
                verdicts.append(verdict)
        return [verdict for verdict in verdicts if verdict.differs]

    def _verdict(self, line: Line, found: People, repeats: Repeats) -> Verdict:
        wrong = " ".join(filter(None, (repeats.note_keys(line.number, line.given), line.wrong)))
        if wrong:
            raise ValueError(wrong)
        old = found.whom(line.given)
        repeats.note_person(line.number, old)
        return self._judge.verdict(line, old)
