"""A self-contained package: history, papers, archive lines, a report, and a script to check them.

The same input gives the same bytes: no clock is read, and all files have the same date.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from pydantic import JsonValue, TypeAdapter

from archive.entries import ArchiveEntry, text_of
from archive.errors import ArchiveError
from archive.reader import HEAD_FILE, INSTALLATION_FILE, Archive
from audit.histories.sources import FoundHistory
from audit.problems import HistoryCorrupt, NoSuchHistory, NoSuchLimit, SourceUnavailable
from audit.replay.replayed_run import ReplayedRun
from audit.reports.deadlines import LimitExplained, explain_limit
from audit.reports.html_report import report
from audit.reports.timeline import timeline
from audit.verification.evidence import Exhibit, exhibits
from audit.verification.verify import Holdings
from claims.model.claim import Claim
from claims.papers.redaction import masks_phones, redact_claim

SUMS: Final = "SHA256SUMS"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)

_README: Final = """工单 {number} 的审计材料

report.html     审计报告，用任何浏览器打开，可打印
history.json    流程引擎（Temporal）的完整历史
claim.json      工单的最后状态
timeline.json   全过程，每一事项附规则与说明
limits.json     每一时限的逐日说明
papers/         文书、签字盖章件及附件
archive/        归档清单中本工单的条目及前后各一条（尚未归档的没有）
SHA256SUMS      以上各文件的 SHA-256

核验：在本目录执行  sha256sum -c SHA256SUMS
{lost}"""


@dataclass(frozen=True, slots=True)
class Material:
    """The contents of a package."""

    claim: Claim
    replayed: ReplayedRun
    found: FoundHistory
    papers: Sequence[Exhibit]
    lost: Mapping[str, str]
    """Recorded papers that are unavailable, by attachment id."""
    archive: Mapping[str, bytes]


def gather(found: FoundHistory, replayed: ReplayedRun, holdings: Holdings, *, now: datetime) -> Material:
    """Collect the contents. The report omits phone numbers that are too old to be shown at `now` (R70).
    Raises NoSuchHistory, RecordsUnavailable, SourceUnavailable.
    """
    claim, sources = replayed.claim, holdings.sources
    if claim is None:
        raise NoSuchHistory(f"{replayed.run.workflow_id} 的历史中没有诉求工单")
    papers, lost = exhibits(holdings.records, holdings.contents, claim.number)
    try:
        kept = found if found.entry else sources.archived(found.history.workflow_id)
    except HistoryCorrupt as problem:
        kept, lost = None, {**lost, "archive": str(problem)}
    lines = _archive_files(sources.archive(), kept.entry) if kept is not None and kept.entry else {}
    shown = redact_claim(claim) if masks_phones(claim, now) else claim
    return Material(shown, replayed, kept or found, papers, lost, lines)


def _archive_files(archive: Archive, entry: ArchiveEntry) -> dict[str, bytes]:
    """Return the claim's line, its neighbours, and both ends of the chain."""
    try:
        near = [one for one in archive.entries() if abs(one.index - entry.index) <= 1]
        files = {name: archive.store.read_if_there(name) or b"" for name in (INSTALLATION_FILE, HEAD_FILE)}
    except ArchiveError as error:
        raise SourceUnavailable(f"归档不能读取：{error}") from error
    files["manifest.jsonl"] = "".join(f"{text_of(one)}\n" for one in near).encode()
    return {f"archive/{name}": data for name, data in files.items()}


def package(material: Material) -> bytes:
    """Return the zip archive."""
    files = _files(material)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name, data in sorted((files | {SUMS: sums.encode()}).items()):
            info = zipfile.ZipInfo(f"{material.claim.number}/{name}", date_time=_EPOCH)
            info.external_attr = 0o644 << 16
            target.writestr(info, data)
    return packed.getvalue()


def _files(material: Material) -> dict[str, bytes]:
    claim, replayed = material.claim, material.replayed
    papers = [(_paper_name(exhibit), exhibit) for exhibit in material.papers]
    lines, limits = timeline(replayed), _limits(replayed, claim)
    lost = "".join(f"\n不能附上 {id}：{why}" for id, why in sorted(material.lost.items()))
    return {
        "README.txt": _README.format(number=claim.number, lost=lost + "\n" if lost else "").encode(),
        "history.json": material.found.content or material.found.history.to_json().encode(),
        "claim.json": _json(claim),
        "timeline.json": _json(lines),
        "limits.json": _json(limits),
        "report.html": report(claim, replayed.run, lines, limits, papers).encode(),
        **{name: exhibit.data for name, exhibit in papers},
        **material.archive,
    }


def _limits(replayed: ReplayedRun, claim: Claim) -> list[LimitExplained]:
    found = []
    for limit in claim.limits:
        try:
            found.append(explain_limit(replayed, limit.id))
        except NoSuchLimit:
            continue
    return found


def _paper_name(exhibit: Exhibit) -> str:
    """Return an ASCII name, which every tool can unpack. The report shows the original name."""
    ending = PurePosixPath(exhibit.attachment.file_name).suffix
    plain = ending if ending.isascii() and ending[1:].isalnum() else ""
    return f"papers/{exhibit.attachment.id}{plain.lower()}"


def _json(value: object) -> bytes:
    plain: JsonValue = TypeAdapter(object).dump_python(value, mode="json")
    return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode()
