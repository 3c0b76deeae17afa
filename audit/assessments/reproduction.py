"""Reproduces a published edition from histories, and reports each figure that differs (R62)."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from temporalio.converter import DataConverter

from activities.assessment.contents import kept_basis, kept_edition
from activities.assessment.knowledge import article_versions
from activities.assessment.messages import EditionNote
from activities.assessment.month_facts import Basis, upkeep_of
from activities.workflow_ids import edition_workflow_id, exclusion_workflow_id
from assessment.cadence.model import PublishedEdition
from assessment.editions.composition import composed_edition
from assessment.editions.differences import differences
from assessment.editions.model import Edition, sha256
from assessment.editions.monthly import monthly_edition
from assessment.editions.sampling import seed
from assessment.exclusion_cases.model import ExclusionState
from assessment.facts.exclusions import Exclusion
from assessment.facts.knowledge import wrong_answers
from assessment.periods import Period, PeriodKind, parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from audit.assessments.replayed_claims import ReplayedClaims
from audit.assessments.row_differences import articles_that_differ, claims_that_differ, rows_that_differ
from audit.histories.collector import HistoryCollector
from audit.histories.sources import Sources
from audit.problems import AuditProblem, NoSuchHistory
from audit.replay.replayer import replay_run
from claims.lookup.unit_tree import Organisation
from claims.model.refusals import Refused
from records.cases.reader import period_state
from records.contents import ContentLost, ContentStore
from records.database.engine import Records


@dataclass(slots=True)
class Reproduced:
    """The reproduced edition, and everything that differs from the published one."""

    period: str
    edition: int
    published: str
    """The hash in the workflow's history."""
    made: str = ""
    """The hash of the reproduced edition; empty if it could not be reproduced."""
    claims: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every figure is as published."""
        return not self.findings and self.made == self.published

    @property
    def source(self) -> str:
        """What the edition was made from; for a month, also if no claim counts in it."""
        is_month = parse_period(self.period).kind is PeriodKind.MONTH
        return f"{self.claims}件工单的历史" if is_month else "各月通报"


@dataclass(frozen=True, slots=True)
class AuditedInstallation:
    """The histories, records and contents of one installation."""

    sources: Sources
    collector: HistoryCollector
    records: Records
    contents: ContentStore
    organisation: Callable[[date], Organisation]
    """The organisation and schemes as of a day."""
    converter: DataConverter


async def reproduce(installation: AuditedInstallation, period: str, edition: int | None = None) -> Reproduced:
    """Reproduce an edition from histories; the newest by default. Read-only.

    Raises NoSuchHistory, AuditProblem, Refused (no such period), RecordsUnavailable, RPCError, StoreFailed.
    """
    of = parse_period(period)
    recorded = _recorded(installation, of)
    notes = await _notes(installation, of, recorded)
    asked = edition or max((n for n, one in notes.items() if one is not None), default=1)
    note = notes.get(asked) or await _note(installation, of, asked)
    wanted = note.published
    found = Reproduced(period=str(of), edition=wanted.edition, published=wanted.hash)
    found.findings += _check_against_records(recorded, wanted)
    lost = sorted(n for n in recorded if notes.get(n) is None)
    found.findings += [f"台账中有第{n}期，但服务器和归档中都没有其历史" for n in lost]
    kept = _kept(installation.contents, wanted, found)
    made = await (_month if of.kind is PeriodKind.MONTH else _longer)(installation, of, note, found)
    if made is not None:
        found.made = sha256(made)
        if kept is not None:
            names = {unit.id: unit.short for unit in installation.organisation(of.last_day).units}
            found.findings += [f"与公布的不同：{line}" for line in differences(kept, made, names)]
        if found.made != found.published and not found.findings:
            found.findings.append(f"重新形成的哈希为{found.made}，公布的为{found.published}")
    return found


async def _note(installation: AuditedInstallation, period: Period, edition: int) -> EditionNote:
    """Return an edition's note in the history. Raises NoSuchHistory."""
    name = edition_workflow_id(str(period), edition)
    history = (await installation.sources.workflow(name, f"{period}第{edition}期通报")).history
    given = history.events[0].workflow_execution_started_event_attributes.input.payloads
    note: EditionNote
    (note,) = await installation.converter.decode(given, [EditionNote])
    return note


async def _notes(
    installation: AuditedInstallation, period: Period, recorded: Collection[int]
) -> dict[int, EditionNote | None]:
    """Return the note of each edition in the history; None for one that is missing there although it, or a
    later one, is on record.
    """
    found: dict[int, EditionNote | None] = {}
    for n in count(1):
        try:
            found[n] = await _note(installation, period, n)
        except NoSuchHistory:
            if n > max(recorded, default=0):
                break
            found[n] = None
    return found


def _recorded(installation: AuditedInstallation, period: Period) -> dict[int, str]:
    """Return the hashes of the editions on record."""
    recorded = period_state(installation.records, str(period))
    return {one.edition: one.hash for one in recorded.published} if recorded else {}


def _check_against_records(recorded: Mapping[int, str], wanted: PublishedEdition) -> Iterator[str]:
    if wanted.edition not in recorded:
        yield f"台账中没有第{wanted.edition}期"
    elif recorded[wanted.edition] != wanted.hash:
        yield f"台账登记的哈希为{recorded[wanted.edition]}，历史中为{wanted.hash}"


def _kept(contents: ContentStore, wanted: PublishedEdition, found: Reproduced) -> Edition | None:
    try:
        return kept_edition(contents, wanted.hash)
    except (ContentLost, Refused):
        found.findings.append("所存的通报内容缺失或已被改动")
        return None


async def _month(
    installation: AuditedInstallation,
    period: Period,
    note: EditionNote,
    found: Reproduced,
) -> Edition | None:
    wanted = note.published
    basis = _basis(installation.contents, wanted, found)
    replayed = ReplayedClaims(basis)
    await replayed.read(installation.collector.histories(), installation.converter)
    problems = [*replayed.problems, *installation.collector.problems]
    found.findings += [f"历史有问题：{name}：{problem}" for name, problem in problems]
    at = basis.until if basis else wanted.gathered_at
    facts = replayed.facts(period, at)
    if basis is not None:
        found.findings += claims_that_differ(basis, replayed, facts)
    organisation = installation.organisation(period.last_day)
    units = assessed_units(organisation)
    known = article_versions(installation.records, organisation, until=at)
    articles = basis.articles if basis else known
    found.findings += articles_that_differ(articles, known)
    upkeep = upkeep_of(articles, units, period, until=at)
    wrong = wrong_answers((row for own in facts.values() for row in own), articles, units)
    for row in wrong:
        facts[row.claim] = (*facts[row.claim], row)
    found.findings += rows_that_differ(installation.contents, wanted, {**facts, "": upkeep})
    found.findings += [line async for line in _exclusions_that_differ(installation, note)]
    found.claims = len(facts)
    rows = [*upkeep, *(row for own in facts.values() for row in own)]
    scheme = scheme_for(period, load_schemes(), wanted.scheme)
    return monthly_edition(period, rows, units, scheme, exclusions=wanted.exclusions, edition=wanted.edition)


def _basis(contents: ContentStore, wanted: PublishedEdition, found: Reproduced) -> Basis | None:
    try:
        return kept_basis(contents, wanted.basis)
    except (ContentLost, ValueError, OSError, EOFError):
        found.findings.append("归集依据（各工单取到第几行）缺失或已被改动，按工单现状核查")
        return None


async def _exclusions_that_differ(installation: AuditedInstallation, note: EditionNote) -> AsyncIterator[str]:
    upheld = set(map(_key, note.upheld))
    for one in note.published.exclusions:
        if _key(one) in upheld:
            continue
        try:
            name = exclusion_workflow_id(one.claim)
            found = await installation.sources.workflow(name, f"工单{one.claim}的剔除申请")
            replayed = await replay_run(found.history, installation.converter)
        except AuditProblem as problem:
            yield f"{one.unit}的{one.claim}被剔除，但没有依据：{problem}"
            continue
        decided = ExclusionState.model_validate(replayed.cases[-1].state) if replayed.cases else None
        if decided is None or _key(one) not in set(map(_key, decided.exclusions())):
            yield f"{one.unit}的{one.claim}被剔除，但其历史中没有这项决定"


def _key(one: Exclusion) -> tuple[str, str, str, str]:
    return one.claim, one.unit, one.measure or "", one.reason


async def _longer(
    installation: AuditedInstallation, period: Period, note: EditionNote, found: Reproduced
) -> Edition | None:
    wanted, months = note.published, []
    for month, hash in sorted(wanted.built_on.items()):
        if not await _was_published(installation, parse_period(month), hash):
            found.findings.append(f"所依据的{month}通报{hash[:12]}…不在其历史中")
        try:
            months.append(kept_edition(installation.contents, hash))
        except (ContentLost, Refused):
            found.findings.append(f"所依据的{month}通报内容缺失或已被改动")
    if found.findings:
        return None
    is_first = wanted.edition == 1 and note.drawn is not None
    if is_first and note.drawn and note.drawn.seed != seed(period, wanted.built_on.values()):
        found.findings.append("再回访样本的种子与所依据的各月通报不符")
    return composed_edition(
        period,
        months,
        assessed_units(installation.organisation(period.last_day)),
        scheme_for(period, load_schemes(), wanted.scheme),
        answers=note.answers,
        organisation=note.points,
        drawn=note.drawn,
        edition=wanted.edition,
    )


async def _was_published(installation: AuditedInstallation, month: Period, hash: str) -> bool:
    notes = await _notes(installation, month, _recorded(installation, month))
    return any(note is not None and note.published.hash == hash for note in notes.values())


def reproduced_text(found: Reproduced) -> str:
    """Return the result as text."""
    head = f"{found.period} 第{found.edition}期　公布的哈希 {found.published}"
    if found.ok:
        return f"{head}\n由{found.source}重新形成，逐项一致"
    return "\n".join([head, *found.findings, f"发现 {len(found.findings)} 处出入"])
