"""An auditor's view of a claim, from its history. Every reading is recorded before the data are returned; nothing
else is written (R70)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import WorkflowHistory

from audit.histories.sources import Fetch, FoundHistory, Sources
from audit.problems import AuditProblem, NoSuchHistory, NoSuchLimit, NotYetRegistered, SourceUnavailable
from audit.replay.later_revocations import account_unavailable, add_later_revocations
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_run
from audit.replay.time_travel import claim_at
from audit.reports.deadlines import LimitExplained, explain_limit
from audit.reports.package import gather, package
from audit.reports.timeline import timeline
from audit.verification.verify import Finding, FindingKind, Holdings, verify_claims
from claims.model.terms import Role
from claims.model.values import Actor
from claims.papers.redaction import masks_phones, redact_claim
from records.contact_readings import Reading
from service_layer.claims.claim_access import recorded
from service_layer.claims.contact_access import record_reading
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError, no_such_claim, unavailable
from service_layer.permissions import CLAIM_AUDITORS, require_role
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from service_layer.views.audit import AuditView, TimelineView, VerifiedView
from service_layer.views.serializers import claim_view


@dataclass(frozen=True, slots=True)
class AuditedClaim:
    """A claim's history, and what replaying it gave, with the lights that were revoked after its end."""

    number: str
    found: FoundHistory
    replayed: ReplayedRun
    unavailable: tuple[str, ...] = ()
    """R37: the units whose accounts could not be asked whether they revoked a light since."""


def require_auditor(actor: Actor) -> None:
    """Raise FORBIDDEN for who audits no claims (§1)."""
    require_role(actor, *CLAIM_AUDITORS, what="查看工单的审计信息")


def require_history_reader(actor: Actor) -> None:
    """Raise FORBIDDEN for all but auditors (§1, R70): a history holds contact data."""
    require_role(actor, Role.AUDITOR, what="调取工单的完整历史")


async def audited_claim(services: Services, number: str, actor: Actor) -> AuditedClaim:
    """Return a claim's history, replayed; the reading is on record before. Raises NOT_FOUND, NOT_SOUND,
    UNAVAILABLE.
    """
    try:
        sources, data_converter = _sources(services), services.settings.data_converter
        found = await sources.claim(number)
        replayed = await replay_run(found.history, data_converter)
        unavailable = await add_later_revocations(replayed, sources, data_converter)
    except SourceUnavailable as problem:
        await _must_be_known(services, number)
        raise _error(number, problem) from problem
    except AuditProblem as problem:
        raise _error(number, problem) from problem
    await record_reading(services, actor, number, Reading.HISTORY)
    return AuditedClaim(number, found, replayed, tuple(unavailable))


def state_at(audited: AuditedClaim, actor: Actor, at: datetime | None) -> AuditView:
    """Return the claim as it was at an instant; None: as it was last. Raises NOT_FOUND before its registration."""
    replayed, number = audited.replayed, audited.number
    try:
        then = claim_at(replayed, at)
    except NotYetRegistered as problem:
        raise _error(number, problem) from problem
    run, claim = replayed.run, then.claim
    if replayed.claim is not None and masks_phones(replayed.claim, max(now(), run.last_event_at)):
        claim = redact_claim(claim)
    return AuditView(
        number=number,
        at=then.at,
        since=then.since,
        note="；".join(filter(None, (then.note, *map(account_unavailable, audited.unavailable)))),
        origin=audited.found.origin,
        events=run.events,
        run_id=run.run_id,
        started_at=run.started_at,
        last_event_at=run.last_event_at,
        ended=run.end,
        archived=audited.found.entry,
        claim=claim_view(claim, actor, now=then.at).model_copy(
            update={"allowed_actions": [], "allowed_action_names": []}
        ),
    )


def timeline_of(audited: AuditedClaim, actor: Actor) -> TimelineView:
    """Everything that happened, in order; whose claim it is, for auditors alone."""
    lines = timeline(audited.replayed, names_owner=actor.has(Role.AUDITOR))
    return TimelineView(number=audited.number, lines=lines)


def limit_explained(audited: AuditedClaim, limit: str) -> LimitExplained:
    """Return a limit, day by day (R6). Raises NOT_FOUND."""
    try:
        return explain_limit(audited.replayed, limit)
    except NoSuchLimit as problem:
        raise _error(audited.number, problem) from problem


async def verify_claim(services: Services, number: str, actor: Actor) -> VerifiedView:
    """Hold archive, history, records and papers against each other. Raises NOT_FOUND, UNAVAILABLE."""
    await record_reading(services, actor, number, Reading.HISTORY)
    holdings = await _holdings(services)
    try:
        verified = await verify_claims(holdings, [number])
    except SourceUnavailable as problem:
        await _must_be_known(services, number)
        raise _error(number, problem) from problem
    if FindingKind.NO_HISTORY in {finding.kind for finding in verified.findings}:
        await _must_be_known(services, number)
    findings = [_shown(finding, actor) for finding in verified.findings]
    return VerifiedView(number=number, ok=verified.ok, findings=findings)


async def audit_package(services: Services, audited: AuditedClaim) -> bytes:
    """Return the audit material as a ZIP file that needs none of our programs. Raises UNAVAILABLE."""
    holdings = await _holdings(services)
    try:
        material = await asyncio.to_thread(gather, audited.found, audited.replayed, holdings, now=now())
    except SourceUnavailable as problem:
        raise _error(audited.number, problem) from problem
    return await asyncio.to_thread(package, material)


def _sources(services: Services) -> Sources:
    return Sources(_fetch(services), services.settings.archive)


def _fetch(services: Services) -> Fetch:
    async def fetch(name: str) -> WorkflowHistory | None:
        try:
            return await services.temporal.history(name)
        except NotRunning:
            return None
        except (TemporalUnavailable, NoAnswer) as error:
            raise SourceUnavailable("Temporal 服务器没有应答，归档中也没有；请稍后再试") from error

    return fetch


async def _holdings(services: Services) -> Holdings:
    return Holdings(
        _sources(services),
        await services.records.opened(),
        services.contents,
        services.settings.data_converter,
    )


def _error(number: str, problem: AuditProblem) -> ServiceError:
    if isinstance(problem, NoSuchHistory):
        return no_such_claim(number)
    if isinstance(problem, SourceUnavailable):
        return unavailable(str(problem))
    if isinstance(problem, NotYetRegistered | NoSuchLimit):
        return ServiceError(ErrorKind.NOT_FOUND, str(problem), rule="R70")
    instead = "请用 /verify 查明何处不符，并以归档的备份比对"
    return ServiceError(ErrorKind.NOT_SOUND, str(problem), rule="R70", instead=instead)


def _shown(finding: Finding, actor: Actor) -> Finding:
    """Return the finding without contact data, which only auditors get: the row is named, not its content."""
    if finding.kind is not FindingKind.RECORDS_DIFFER or actor.has(Role.AUDITOR):
        return finding
    return finding.model_copy(update={"message": finding.message.partition("：")[0]})


async def _must_be_known(services: Services, number: str) -> None:
    """Raise NOT_FOUND for a number that was never given out; one without a history is a finding."""
    if await recorded(services, number) is None:
        raise no_such_claim(number)
