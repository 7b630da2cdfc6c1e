"""Uploaded rosters: kept between the steps of an import in the browser, then erased.

An upload belongs to whoever made it: to all others it does not exist. Its rows are erased when they
are imported or thrown away, after `KEPT`, and when its owner uploads more than `MOST`.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import IO

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from seatadmin.permissions import Actor
from seatadmin.services.imports import mappings, workbooks
from seatadmin.services.imports.packing import Packed, pack, unpack
from seatadmin.services.imports.roster import Record, Sheet
from seatadmin.services.invalid import NotFound
from seatadmin.uploads import Upload, UploadPart

KEPT = timedelta(hours=12)
MOST = 5
"""Uploads of one person that wait at the same time."""

LONGEST_NAME = 200
SAMPLE = 3
"""Rows that are shown beside the columns' names."""

REFUSED = -1
"""The number of the part that holds the refused lines; those of rows begin at 0."""


def read(stream: IO[bytes]) -> tuple[Packed, str]:
    """The rows of an uploaded file without its sensitive columns, and the file's fingerprint.

    Looks nothing up, so it needs no transaction. Raises `WrongRoster`.
    """
    with workbooks.table(stream) as (header, records):
        packed = pack(header, records)
    digest = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(1024 * 1024):
        digest.update(piece)
    return packed, digest.hexdigest()


def store(
    session: Session, actor: Actor, name: str, sponsor_id: int | None, packed: Packed, digest: str
) -> Upload:
    """Keep what was read. The caller commits."""
    upload = Upload(
        id=secrets.token_hex(16),
        actor_id=actor.id,
        at=datetime.now(UTC),
        name=name[:LONGEST_NAME],
        digest=digest,
        rows=packed.rows,
        header=packed.header,
        sensitive=packed.sensitive,
        fields=mappings.suggested(session, sponsor_id, packed.header),
        sponsor_id=sponsor_id,
        create_employers=False,
    )
    session.add(upload)
    session.flush()
    for number, data in enumerate(packed.parts):
        session.add(UploadPart(upload_id=upload.id, number=number, data=data))
    session.flush()
    forget(session, actor)
    return upload


def mine(session: Session, actor: Actor, id: str, lock: bool = False) -> Upload:
    """The actor's own upload, locked on demand. Raises `NotFound` for others, and a too old one."""
    own = Upload.id == id.replace("\0", ""), Upload.actor_id == actor.id
    found = select(Upload).where(*own, Upload.at > _oldest())
    if lock:
        found = found.with_for_update()
    upload = session.scalars(found).one_or_none()
    if upload is None:
        raise NotFound
    return upload


def waiting(session: Session, actor: Actor) -> list[Upload]:
    """The actor's uploads that are not imported yet, newest first."""
    own = select(Upload).where(Upload.actor_id == actor.id, Upload.at > _oldest())
    return list(session.scalars(own.where(Upload.change_id.is_(None)).order_by(Upload.at.desc())))


def imported_before(session: Session, upload: Upload) -> int | None:
    """The change by which its owner imported the very same file, as long as that is known."""
    same = (Upload.actor_id == upload.actor_id) & (Upload.digest == upload.digest)
    return session.scalar(select(func.max(Upload.change_id)).where(same, Upload.id != upload.id))


def sheet(session: Session, upload: Upload) -> Sheet:
    """The rows to import, with the columns as they were chosen."""
    return Sheet(upload.fields, dropped(upload), upload.rows, lambda: _records(session, upload.id))


def dropped(upload: Upload) -> list[str]:
    """The columns that are not imported: the sensitive ones, and those that are left out."""
    pairs = zip(upload.header, upload.fields, strict=True)
    return [*upload.sensitive, *(cell for cell, field in pairs if field is None)]


def sample(session: Session, upload: Upload) -> list[list[str]]:
    """The first cells of each column."""
    first = islice(_records(session, upload.id), SAMPLE)
    rows = [cells for _, cells in first if isinstance(cells, list)]
    return [
        [row[n][:60] for row in rows if n < len(row) and row[n].strip()]
        for n in range(len(upload.header))
    ]


def refused(session: Session, upload: Upload) -> bytes | None:
    """The refused lines as a CSV file, compressed; None when there are none."""
    part = session.get(UploadPart, (upload.id, REFUSED))
    return part.data if part else None


def keep_refused(session: Session, upload: Upload, data: bytes | None) -> None:
    """Replace the file of refused lines. The caller commits."""
    _forget_parts(session, upload, UploadPart.number == REFUSED)
    if data is not None:
        session.add(UploadPart(upload_id=upload.id, number=REFUSED, data=data))


def forget_rows(session: Session, upload: Upload) -> None:
    """Erase the rows; the refused lines stay as long as uploads do. The caller commits."""
    _forget_parts(session, upload, UploadPart.number != REFUSED)


def erase(session: Session, upload: Upload) -> None:
    """Leave nothing of an upload. The caller commits."""
    session.execute(delete(Upload).where(Upload.id == upload.id))


def forget(session: Session, actor: Actor) -> None:
    """Erase what is too old, and the actor's beyond the latest few. The caller commits."""
    own = select(Upload.id).where(Upload.actor_id == actor.id)
    latest = own.order_by(Upload.at.desc(), Upload.id).limit(MOST)
    surplus = (Upload.actor_id == actor.id) & Upload.id.not_in(latest)
    session.execute(delete(Upload).where(surplus))
    forget_old(session)


def forget_old(session: Session) -> int:
    """Erase everybody's uploads that are too old; returns how many. The caller commits."""
    gone = session.execute(delete(Upload).where(Upload.at < _oldest()))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _records(session: Session, id: str) -> Iterator[Record]:
    """The rows, with one part of them in memory at a time."""
    own = UploadPart.upload_id == id
    numbers = select(UploadPart.number).where(own, UploadPart.number != REFUSED)
    data = (
        session.scalars(select(UploadPart.data).where(own, UploadPart.number == number)).one()
        for number in session.scalars(numbers.order_by(UploadPart.number)).all()
    )
    return unpack(data)


def _forget_parts(session: Session, upload: Upload, which: ColumnElement[bool]) -> None:
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload.id, which))


def _oldest() -> datetime:
    return datetime.now(UTC) - KEPT
