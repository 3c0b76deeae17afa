"""Verifies that archive, histories, records and papers are complete, unaltered and consistent."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from archive.chain import ChainCheck, read_line
from archive.entries import ArchiveEntry, ArchiveHead
from archive.erasure import ERASURE
from archive.errors import ArchiveDamaged, ArchiveError
from archive.problems import Problem
from archive.reader import INSTALLATION_FILE, Archive
from audit.histories.parsing import Run, read_history, run_of
from audit.histories.run_chains import gaps
from audit.histories.sources import FoundHistory, Origin, Sources
from audit.problems import AuditProblem, DoesNotReplay, HistoryCorrupt, NoSuchHistory, SourceUnavailable
from audit.release.comparison import compare_with_history
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import ReplayResult, replay_run, replay_runs
from audit.verification.comparison import compare, read_recorded
from audit.verification.evidence import missing_papers
from claims.model.values import Value
from records.archive_heads import noted_heads
from records.contents import ContentStore
from records.database.engine import Records
from records.reconciliation.claim_rows import closed_claims
from runtime.data_converter import DATA_CONVERTER


class FindingKind(StrEnum):
    """The kinds of findings."""

    ARCHIVE = "archive"
    NO_HISTORY = "no-history"
    UNREACHABLE = "unreachable"
    """Closed, not archived yet, and the server does not answer."""
    CORRUPT = "corrupt"
    INCOMPLETE = "incomplete"
    DOES_NOT_REPLAY = "does-not-replay"
    CONTRADICTORY = "contradictory"
    """The history differs from what this code decides for the same actions and times."""
    RECORDS_DIFFER = "records-differ"
    PAPER_MISSING = "paper-missing"
    PAPER_CHANGED = "paper-changed"


class Finding(Value):
    """One problem. `subject` is the claim's number, the workflow's id, or a file of the archive."""

    kind: FindingKind
    subject: str
    message: str


class Verified(Value):
    """The result of a verification."""

    histories: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Holdings:
    """The histories, records and papers of one installation."""

    sources: Sources
    records: Records
    contents: ContentStore
    data_converter: DataConverter = DATA_CONVERTER


async def verify_claims(holdings: Holdings, numbers: Sequence[str]) -> Verified:
    """Verify some claims: the manifest's chain, each history and its replay, the records, the papers."""
    findings = await asyncio.to_thread(lambda: list(_chain(holdings)))
    for number in dict.fromkeys(numbers):
        findings += await _verify_claim(holdings, number)
    return Verified(histories=len(numbers), findings=tuple(findings))


async def _verify_claim(holdings: Holdings, number: str) -> list[Finding]:
    try:
        found = await holdings.sources.claim(number)
        replayed = await replay_run(found.history, holdings.data_converter)
    except (NoSuchHistory, HistoryCorrupt, DoesNotReplay) as problem:
        return [_of_problem(number, problem)]
    findings = await _contradictions(holdings, found.history, replayed)
    return findings + await asyncio.to_thread(lambda: list(compare_with_records(holdings, found, replayed)))


async def _contradictions(
    holdings: Holdings, history: WorkflowHistory, replayed: ReplayedRun
) -> list[Finding]:
    subject = replayed.claim.number if replayed.claim else replayed.run.workflow_id
    differences = await compare_with_history(history, replayed, holdings.data_converter)
    return [
        Finding(kind=FindingKind.CONTRADICTORY, subject=subject, message=f"历史前后不符：{one.message}")
        for one in differences
    ]


async def _verify_or_report(holdings: Holdings, number: str) -> list[Finding]:
    """Report a claim whose history is unavailable as a finding, and continue with the others."""
    try:
        return await _verify_claim(holdings, number)
    except SourceUnavailable as problem:
        return [Finding(kind=FindingKind.UNREACHABLE, subject=number, message=str(problem))]


def _of_problem(subject: str, problem: AuditProblem) -> Finding:
    kinds: dict[type[AuditProblem], FindingKind] = {
        NoSuchHistory: FindingKind.NO_HISTORY,
        HistoryCorrupt: FindingKind.CORRUPT,
    }
    kind = kinds.get(type(problem), FindingKind.DOES_NOT_REPLAY)
    return Finding(kind=kind, subject=subject, message=str(problem))


def compare_with_records(holdings: Holdings, found: FoundHistory, replayed: ReplayedRun) -> Iterator[Finding]:
    """Compare a replayed run with the records and its papers."""
    subject = replayed.claim.number if replayed.claim else replayed.run.workflow_id
    if found.entry is not None:
        yield from _as_the_entry_says(found.entry, replayed)
    if replayed.claim is not None:
        recorded = read_recorded(holdings.records, replayed)
        seq = recorded.rows.claim["seq"] if recorded.rows else 0
        # An open claim may have been recorded beyond the fetched history.
        if replayed.run.is_over or not isinstance(seq, int) or seq <= replayed.claim.seq:
            for row in compare(replayed, recorded):
                yield Finding(kind=FindingKind.RECORDS_DIFFER, subject=subject, message=row.message)
    for paper in missing_papers(holdings.records, holdings.contents, replayed):
        kind = FindingKind.PAPER_CHANGED if paper.changed else FindingKind.PAPER_MISSING
        yield Finding(kind=kind, subject=subject, message=paper.message)


def _as_the_entry_says(entry: ArchiveEntry, replayed: ReplayedRun) -> Iterator[Finding]:
    """Yield findings if an archived history is incomplete or not the run of its manifest entry."""
    run, name = replayed.run, entry.number or entry.workflow_id
    if not run.is_over or run.events != entry.events:
        message = f"归档的历史不完整：应有{entry.events}条事件并有结束事件，现有{run.events}条"
        yield Finding(kind=FindingKind.INCOMPLETE, subject=name, message=message)
    if run.run_id != entry.run_id or (replayed.claim is not None and replayed.claim.number != entry.number):
        message = "归档的历史属于另一件工单或另一次运行"
        yield Finding(kind=FindingKind.CORRUPT, subject=name, message=message)


async def verify_all(holdings: Holdings) -> Verified:
    """Verify the whole archive, every history in it, and every closed claim on record."""
    findings = await asyncio.to_thread(lambda: list(_whole_archive(holdings)))
    entries = await asyncio.to_thread(_entries, holdings.sources.archive())
    count, continued = 0, list[Run]()
    by_run = {entry.run_id: entry for entry in entries}
    async with aclosing(
        replay_runs(_archived(holdings, entries, findings), holdings.data_converter)
    ) as results:
        async for result in results:
            count += 1
            if result.replayed is not None and (
                result.replayed.run.next_run or result.replayed.run.continued_from
            ):
                continued.append(result.replayed.run)
            if result.replayed is not None:
                findings += await _contradictions(holdings, result.history, result.replayed)
            judged = await asyncio.to_thread(_judge, holdings, result, by_run)
            findings += await _unless_it_went_on(holdings.sources, result, judged)
    findings += [
        Finding(kind=FindingKind.INCOMPLETE, subject=name, message=message)
        for name, message in await gaps(holdings.sources, continued, by_run.keys())
    ]
    missing = await asyncio.to_thread(_not_in, holdings.records, {entry.number for entry in entries})
    for number in missing:
        findings += await _verify_or_report(holdings, number)
    return Verified(histories=count + len(missing), findings=tuple(findings))


def _entries(archive: Archive) -> list[ArchiveEntry]:
    """Return the readable entries of a history; the archive check has already reported the others."""
    found = (read_line(line) for segment in archive.segments() for line in segment.lines())
    return [entry for entry in found if entry is not None and entry.workflow_type != ERASURE]


async def _archived(
    holdings: Holdings, entries: Sequence[ArchiveEntry], findings: list[Finding]
) -> AsyncIterator[WorkflowHistory]:
    """Yield the intact histories, and report the others as findings."""
    archive = holdings.sources.archive()
    for entry in entries:
        try:
            content = await asyncio.to_thread(archive.read, entry)
            yield read_history(entry.workflow_id, content)
        except ArchiveError:
            continue
        except HistoryCorrupt as problem:
            findings.append(_of_problem(entry.number or entry.workflow_id, problem))


def _judge(holdings: Holdings, result: ReplayResult, entries: Mapping[str, ArchiveEntry]) -> list[Finding]:
    history = result.history
    if result.replayed is None:
        problem = result.problem or DoesNotReplay(f"{history.workflow_id} 的历史没有重演")
        return [_of_problem(history.workflow_id.removeprefix("claim-"), problem)]
    entry = entries.get(result.replayed.run.run_id)
    return list(compare_with_records(holdings, FoundHistory(history, Origin.ARCHIVE, entry), result.replayed))


async def _unless_it_went_on(
    sources: Sources, result: ReplayResult, judged: Sequence[Finding]
) -> list[Finding]:
    """Drop differences of a reset run: the records follow the last run."""
    differs = any(found.kind is FindingKind.RECORDS_DIFFER for found in judged)
    if result.replayed is None or not differs:
        return list(judged)
    run = result.replayed.run
    try:
        last = run_of((await sources.workflow(run.workflow_id, run.workflow_id)).history)
    except AuditProblem:
        return list(judged)
    if last.run_id == run.run_id:
        return list(judged)
    return [found for found in judged if found.kind is not FindingKind.RECORDS_DIFFER]


def _not_in(records: Records, archived: set[str]) -> list[str]:
    """Return closed claims that are not in the archive (yet)."""
    found: list[str] = []
    after = ""
    while page := closed_claims(records, after):
        found += [number for number in page if number not in archived]
        after = page[-1]
    return found


def _whole_archive(holdings: Holdings) -> Iterator[Finding]:
    known = _known_heads(holdings.records)
    archive = holdings.sources.archive()
    if known or archive.store.read_if_there(INSTALLATION_FILE) is not None:
        yield from (_of_archive(found) for found in archive.check(known))


def _chain(holdings: Holdings) -> Iterator[Finding]:
    """Check only the manifest; a claim's file is checked against its hash on reading."""
    archive = holdings.sources.archive()
    try:
        installation, head = archive.installation(), archive.head()
    except ArchiveDamaged as damaged:
        yield _of_archive(damaged.problem)
        return
    known = _known_heads(holdings.records)
    if installation is None:
        if known:
            yield from _whole_archive(holdings)
        return
    check = ChainCheck(installation, known)
    if head is not None:
        check.expect(head)
    for _ in check.entries(archive.segments()):
        pass
    check.finish(head)
    yield from (_of_archive(found) for found in check.problems)


def _known_heads(records: Records) -> list[ArchiveHead]:
    return [ArchiveHead(**noted.model_dump()) for noted in noted_heads(records)]


def _of_archive(found: Problem) -> Finding:
    subject = found.workflow_id.removeprefix("claim-") or found.file or "manifest"
    return Finding(kind=FindingKind.ARCHIVE, subject=subject, message=f"归档：{found.message}")


def verified_text(verified: Verified) -> str:
    """Return the findings as text."""
    lines = [f"{found.subject}　{found.message}" for found in verified.findings]
    end = f"发现 {len(verified.findings)} 处问题" if verified.findings else "完好"
    return "\n".join([*lines, f"核对历史 {verified.histories} 份，{end}"])
