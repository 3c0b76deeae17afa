"""The rows of papers and uploaded files. Their bytes are in `records.contents`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, RowMapping, delete, func, select

from claims.papers.requests import PaperKind
from records.database import dialects
from records.database.engine import Records
from records.tables import ATTACHMENT

SYSTEM: Final = "system"
"""The author of papers that the procedure files by itself."""
_AT_ONCE: Final = 1000


class Attachment(BaseModel):
    """A paper or a file. `kind` is None for an upload, `enterprise` is set for an enterprise's upload,
    `measure` is the interview or accountability file of an upload.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    claim: str
    measure: str = ""
    unit: str
    kind: PaperKind | None = None
    file_name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    enterprise: str = ""
    uploaded_at: datetime
    document_number: str = ""


def upload_id(belongs_to: str, sha256: str, *, enterprise: str = "", unit: str = "") -> str:
    """Return an upload's id. The same file for the same claim or measure has one id per sender (enterprise or
    unit).
    """
    return uuid5(NAMESPACE_URL, f"urn:zaoying:upload:{belongs_to}:{sha256}:{enterprise}:{unit}").hex


def keep(records: Records, attachment: Attachment) -> tuple[Attachment, bool]:
    """Insert the attachment if it is missing; return the stored one, and whether it is new."""
    row = {**attachment.model_dump(), "kind": attachment.kind or ""}
    with records.writing() as connection:
        once = dialects.insert_into(connection, ATTACHMENT).values(row).on_conflict_do_nothing()
        first = connection.scalar(once.returning(ATTACHMENT.c.id)) is not None
        found = connection.execute(select(ATTACHMENT).where(ATTACHMENT.c.id == attachment.id)).mappings()
        return _attachment(found.one()), first


def attachment(records: Records, id: str) -> Attachment | None:
    """Return one attachment, or None."""
    one = select(ATTACHMENT).where(ATTACHMENT.c.id == id)
    with records.reading() as connection:
        row = connection.execute(one).mappings().one_or_none()
    return _attachment(row) if row is not None else None


def count_uploads(records: Records, belongs_to: str, *, unit: str, enterprise: str) -> int:
    """Return how many files one sender has uploaded to a claim or measure."""
    same = (ATTACHMENT.c.claim == belongs_to) | (ATTACHMENT.c.measure == belongs_to)
    sender = (ATTACHMENT.c.unit == unit) & (ATTACHMENT.c.enterprise == enterprise)
    counted = select(func.count()).where(same, sender, ATTACHMENT.c.kind == "")
    with records.reading() as connection:
        return int(connection.scalar(counted) or 0)


def attachments_of(records: Records, claim: str) -> list[Attachment]:
    """Return a claim's attachments, oldest first."""
    return _all(records, ATTACHMENT.c.claim == claim)


def attachments_of_unit(records: Records, unit: str) -> list[Attachment]:
    """Return attachments about a unit that belong to no claim (R35, R36), oldest first."""
    return _all(records, (ATTACHMENT.c.unit == unit) & (ATTACHMENT.c.claim == ""))


def attachments_of_claims(records: Records, claims: Sequence[str]) -> list[Attachment]:
    """Return these claims' attachments, oldest first."""
    return _all(records, ATTACHMENT.c.claim.in_(claims))


def every_attachment(records: Records) -> Iterator[Attachment]:
    """Yield all papers and files, read page by page. Raises RecordsUnavailable, also during iteration."""
    last = ""
    while True:
        some = select(ATTACHMENT).where(ATTACHMENT.c.id > last).order_by(ATTACHMENT.c.id).limit(_AT_ONCE)
        with records.reading() as connection:
            found = [_attachment(row) for row in connection.execute(some).mappings()]
        yield from found
        if len(found) < _AT_ONCE:
            return
        last = found[-1].id


def contents_used_only_by(records: Records, claims: Sequence[str]) -> list[str]:
    """Return the contents that only these claims' papers and files use."""
    column, is_theirs = ATTACHMENT.c.sha256, ATTACHMENT.c.claim.in_(claims)
    theirs = select(column).where(is_theirs).except_(select(column).where(~is_theirs))
    with records.reading() as connection:
        return sorted(connection.scalars(theirs))


def forget(records: Records, claims: Sequence[str]) -> int:
    """Delete the rows of these claims' papers and files, and return their number."""
    with records.writing() as connection:
        return connection.execute(delete(ATTACHMENT).where(ATTACHMENT.c.claim.in_(claims))).rowcount


def _all(records: Records, where: ColumnElement[bool]) -> list[Attachment]:
    its = select(ATTACHMENT).where(where)
    with records.reading() as connection:
        rows = connection.execute(its.order_by(ATTACHMENT.c.uploaded_at, ATTACHMENT.c.id)).mappings()
        return [_attachment(row) for row in rows]


def _attachment(row: RowMapping) -> Attachment:
    return Attachment.model_validate({**row, "kind": row["kind"] or None})
