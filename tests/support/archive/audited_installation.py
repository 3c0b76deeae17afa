"""An installation with closed claims: archive, records and papers, made from the kept histories."""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from archive.facts import closed_run
from archive.store import open_store
from archive.writer import ArchiveWriter
from audit.histories.parsing import read_history
from audit.histories.sources import Sources
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_runs
from audit.verification.verify import Holdings
from claims.papers.requests import FiledPaper, NumberedPaper, PaperRequest
from documents.rendering import render
from documents.uploads.media_types import MediaType
from records import attachments
from records.archive_heads import NotedHead, note_sweep
from records.attachments import Attachment
from records.claim_writer import write_step
from records.contents import ContentStore
from records.database.engine import Records
from tests.support.archive.kept_histories import Event, Kept, load
from tests.support.archive.sample_archives import NOON
from tests.support.claims.paper_samples import completed

History = dict[str, list[Event]]
STORY = 18
"""A kept claim with lights and letters."""


def archived(folder: Path, kept: Sequence[Kept], records: Records) -> None:
    """Archive these histories, and note the archive's head in the records."""
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


async def replayed_runs(kept: Sequence[Kept]) -> list[ReplayedRun]:
    """Return the replayed runs of all histories."""
    replayed = replay_runs(read_history(one.workflow_id, json.dumps(one.history)) for one in kept)
    return [found.replayed async for found in replayed if found.replayed is not None]


def recorded(records: Records, contents: ContentStore, runs: Sequence[ReplayedRun]) -> None:
    """Write the steps and papers of these runs."""
    for run in runs:
        for step in run.steps:
            write_step(records, step)
        for paper in run.papers:
            assert paper.filed is not None
            numbered = NumberedPaper(request=paper.request, document_number=paper.filed.document_number)
            content = contents.put(io.BytesIO(rendered(paper.request, paper.filed)))
            assert content.sha256 == paper.filed.sha256
            row = Attachment(
                id=paper.filed.attachment,
                claim=paper.request.number,
                unit=paper.request.unit,
                kind=paper.request.kind,
                file_name=numbered.file_name,
                media_type=MediaType.DOCX,
                size=content.size,
                sha256=content.sha256,
                uploaded_by=attachments.SYSTEM,
                uploaded_at=paper.request.at,
                document_number=numbered.document_number,
            )
            attachments.keep(records, row)


async def with_todays_papers(kept: Sequence[Kept]) -> list[Kept]:
    """Return the histories with the hashes of papers made from the present templates."""
    hashes = {
        paper.filed.sha256: sha256(rendered(paper.request, paper.filed)).hexdigest()
        for run in await replayed_runs(kept)
        for paper in run.papers
        if paper.filed is not None
    }
    return [replace(one, history=_with_results(one.history, hashes)) for one in kept]


def _with_results(history: History, hashes: Mapping[str, str]) -> History:
    events = json.loads(json.dumps(history["events"]))
    for event in events:
        done = event.get("activityTaskCompletedEventAttributes", {})
        for payload in done.get("result", {}).get("payloads", []):
            content = base64.b64decode(payload.get("data", "")).decode()
            for old, new in hashes.items():
                content = content.replace(old, new)
            payload |= {"data": base64.b64encode(content.encode()).decode()} if content else {}
    return {**history, "events": events}


def rendered(request: PaperRequest, filed: FiledPaper) -> bytes:
    """Return the paper rendered from its template."""
    return render(NumberedPaper(request=completed(request), document_number=filed.document_number))


async def installation(home: Path, records: Records, paths: Sequence[Path]) -> Holdings:
    """Create the whole installation in a folder, without a server."""
    kept = await with_todays_papers([load(path) for path in paths])
    contents = ContentStore(home / "attachments")
    recorded(records, contents, await replayed_runs(kept))
    archived(home / "archive", kept, records)
    return Holdings(Sources(None, str(home / "archive")), records, contents)
