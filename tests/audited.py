"""An installation whose claims are over: archive, records and papers, made from the kept histories."""

import io
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from archive.facts import closed_run
from archive.store import open_store
from archive.writing import ArchiveWriter
from audit.histories import read_history
from audit.replaying import Life, replay_all
from audit.sources import Sources
from audit.verifying import Holdings
from claims.papers import NumberedPaper
from documents.checking import MediaType
from documents.rendering import file_name, render
from records import attachments
from records.archived import NotedHead, note_sweep
from records.attachments import Attachment
from records.contents import ContentStore
from records.engine import Records
from records.writing import write_step
from tests.archiving import NOON
from tests.replay.kept import Kept, load

STORY = 18
"""Of the kept claims: one with lights and letters."""


def archived(folder: Path, kept: Sequence[Kept], records: Records) -> None:
    """Put histories into an archive, and its head into the records."""
    writer = ArchiveWriter(open_store(str(folder)))
    writer.catch_up(NOON)
    batch = []
    for one in kept:
        number = one.workflow_id.removeprefix("claim-")
        facts = closed_run(
            json.loads(json.dumps(one.history)),
            workflow_id=one.workflow_id,
            run_id=read_history(one.workflow_id, json.dumps(one.history)).run_id,
            number=number,
        )
        batch.append((facts, json.dumps(one.history, ensure_ascii=False).encode()))
    head = writer.append(batch, at=NOON + timedelta(hours=1))
    note_sweep(records, NotedHead(**head.model_dump()), NOON, NOON)


async def lives_of(kept: Sequence[Kept]) -> list[Life]:
    """Every one of them, replayed."""
    replayed = replay_all(read_history(one.workflow_id, json.dumps(one.history)) for one in kept)
    return [found.life async for found in replayed if found.life is not None]


def recorded(records: Records, contents: ContentStore, lives: Sequence[Life]) -> None:
    """Write what lives left: steps and papers."""
    for life in lives:
        for step in life.steps:
            write_step(records, step)
        for paper in life.papers:
            assert paper.filed is not None
            numbered = NumberedPaper(request=paper.request, document_number=paper.filed.document_number)
            content = contents.put(io.BytesIO(render(numbered)))
            assert content.sha256 == paper.filed.sha256
            row = Attachment(
                id=paper.filed.attachment,
                claim=paper.request.number,
                unit=paper.request.unit,
                kind=paper.request.kind,
                file_name=file_name(numbered),
                media_type=MediaType.DOCX,
                size=content.size,
                sha256=content.sha256,
                uploaded_by=attachments.SYSTEM,
                uploaded_at=paper.request.at,
                document_number=numbered.document_number,
            )
            attachments.keep(records, row)


async def installation(home: Path, records: Records, paths: Sequence[Path]) -> Holdings:
    """The whole of it under a folder, without a server."""
    kept = [load(path) for path in paths]
    contents = ContentStore(home / "attachments")
    recorded(records, contents, await lives_of(kept))
    archived(home / "archive", kept, records)
    return Holdings(Sources(None, str(home / "archive")), records, contents)
