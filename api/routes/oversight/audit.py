"""`/audit/claims`: an auditor's view of a claim, from its history. Every reading is recorded before anything is given
out, and nothing else is written (R70)."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field
from temporalio.client import WorkflowHistory

from api.http.dependencies import Caller, Number, Used
from api.http.problems import Kind, Problem, documented, problem_of
from api.http.routing import guarded_router
from archive.entries import ArchiveEntry
from audit.histories.sources import Fetch, FoundHistory, Origin, Sources
from audit.problems import AuditProblem, NoSuchHistory, NoSuchLimit, NotYetRegistered, SourceUnavailable
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_run
from audit.replay.time_travel import claim_at
from audit.reports.deadlines import LimitExplained, explain_limit
from audit.reports.package import gather, package
from audit.reports.timeline import Line, timeline
from audit.verification.verify import Finding, FindingKind, Holdings, verify_claims
from claims.model.action_bodies import Instant
from claims.model.terms import Role
from claims.model.values import Actor
from claims.papers.redaction import masks_phones, redact_claim
from records.contact_readings import Reading
from records.database.engine import Records
from service_layer.claims.claim_access import recorded
from service_layer.claims.contact_access import record_reading
from service_layer.clock import now
from service_layer.errors import no_such_claim, unavailable
from service_layer.permissions import CLAIM_AUDITORS, require_role
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalUnavailable
from service_layer.views.claim import ClaimView
from service_layer.views.serializers import claim_view

router = guarded_router("审计")


class AuditView(BaseModel):
    """A claim as it was at an instant, and the history that shows it."""

    number: str
    at: datetime
    since: datetime = Field(description="此后直到 at 没有变化")
    note: str = Field(description="须注意之处；如 at 晚于流程结束")
    origin: Origin = Field(description="历史来自 server 服务器、archive 归档")
    events: int = Field(description="历史的事件数")
    run_id: str
    started_at: datetime
    last_event_at: datetime
    ended: str = Field(description="流程如何结束；空为尚未结束")
    archived: ArchiveEntry | None = Field(description="归档清单中的条目")
    claim: ClaimView


class TimelineView(BaseModel):
    """Every line in order."""

    number: str
    lines: list[Line]


class VerifiedView(BaseModel):
    """What is wrong; nothing: `ok`."""

    number: str
    ok: bool
    findings: list[Finding]


async def may_audit(actor: Caller) -> None:
    """Checks the role (§1)."""
    require_role(actor, *CLAIM_AUDITORS, what="查看工单的审计信息")


async def may_have_histories(actor: Caller) -> None:
    """Checks the role (§1, R70): a history holds contact data; only auditors get it."""
    require_role(actor, Role.AUDITOR, what="调取工单的完整历史")


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
        await services.records.run(_itself),
        services.contents,
        services.settings.data_converter,
    )


def _itself(records: Records) -> Records:
    return records


async def audited(number: Number, services: Used, actor: Caller) -> "tuple[FoundHistory, ReplayedRun]":
    """A claim's history, replayed; the reading is on record before."""
    try:
        found = await _sources(services).claim(number)
        life = await replay_run(found.history, services.settings.data_converter)
    except SourceUnavailable as problem:
        await _must_be_known(services, number)
        raise _problem(number, problem) from problem
    except AuditProblem as problem:
        raise _problem(number, problem) from problem
    await record_reading(services, actor, number, Reading.HISTORY)
    return found, life


Audited = Annotated[tuple[FoundHistory, ReplayedRun], Depends(audited)]


def _problem(number: str, problem: AuditProblem) -> Problem:
    if isinstance(problem, NoSuchHistory):
        return problem_of(no_such_claim(number))
    if isinstance(problem, SourceUnavailable):
        return problem_of(unavailable(str(problem)))
    if isinstance(problem, NotYetRegistered | NoSuchLimit):
        return Problem(Kind.NOT_FOUND, str(problem), rule="R70")
    return Problem(
        Kind.NOT_SOUND, str(problem), rule="R70", instead="请用 /verify 查明何处不符，并以归档的备份比对"
    )


@router.get(
    "/audit/claims/{number}",
    summary="某一时刻的工单",
    dependencies=[Depends(may_audit)],
    responses={status: documented(status) for status in (404, 409)},
)
async def read_then(
    number: Number,
    audited: Audited,
    actor: Caller,
    at: Annotated[Instant | None, Query(description="时刻，带时区；不填为最后状态")] = None,
) -> AuditView:
    """由完整历史重演得出：当时的阶段、派单、时限、亮牌及逐日说明。调阅留痕。"""
    found, life = audited
    try:
        then = claim_at(life, at)
    except NotYetRegistered as problem:
        raise _problem(number, problem) from problem
    run, claim = life.run, then.claim
    if life.claim is not None and masks_phones(life.claim, max(now(), run.last_event_at)):
        claim = redact_claim(claim)
    return AuditView(
        number=number,
        at=then.at,
        since=then.since,
        note=then.note,
        origin=found.origin,
        events=run.events,
        run_id=run.run_id,
        started_at=run.started_at,
        last_event_at=run.last_event_at,
        ended=run.end,
        archived=found.entry,
        claim=claim_view(claim, actor, now=then.at).model_copy(update={"allowed_actions": []}),
    )


@router.get(
    "/audit/claims/{number}/history",
    summary="完整历史",
    dependencies=[Depends(may_have_histories)],
    responses={404: documented(404), 200: {"content": {"application/json": {}}}},
    response_class=Response,
)
async def read_history(audited: Audited) -> Response:
    """流程引擎的完整历史（JSON），可用 Temporal 的工具独立重演。归档的按归档原样给出。"""
    found, _ = audited
    content = found.content or found.history.to_json().encode()
    return Response(content, media_type="application/json")


@router.get(
    "/audit/claims/{number}/timeline",
    summary="全过程",
    dependencies=[Depends(may_audit)],
    responses={404: documented(404)},
)
async def read_timeline(number: Number, audited: Audited, actor: Caller) -> TimelineView:
    """每一事项的时刻、经办人、规则和说明。"""
    return TimelineView(number=number, lines=timeline(audited[1], names_owner=actor.has(Role.AUDITOR)))


@router.get(
    "/audit/claims/{number}/explain/{limit:path}",
    summary="逐日说明一个时限",
    dependencies=[Depends(may_audit)],
    responses={404: documented(404)},
)
async def explain(number: Number, limit: str, audited: Audited) -> LimitExplained:
    """时限的编号（1/0/resolve）、种类（resolve）或名称；每次确定的日历版本、是否暂定和逐日说明（R6）。"""
    try:
        return explain_limit(audited[1], limit)
    except NoSuchLimit as problem:
        raise _problem(number, problem) from problem


@router.get(
    "/audit/claims/{number}/verify",
    summary="核对",
    dependencies=[Depends(may_audit)],
    responses={404: documented(404)},
)
async def verify(number: Number, services: Used, actor: Caller) -> VerifiedView:
    """归档的哈希链、历史是否完整、重演是否与台账一致、文书和签字盖章件是否原样。"""
    await record_reading(services, actor, number, Reading.HISTORY)
    holdings = await _holdings(services)
    try:
        verified = await verify_claims(holdings, [number])
    except SourceUnavailable as problem:
        await _must_be_known(services, number)
        raise _problem(number, problem) from problem
    if FindingKind.NO_HISTORY in {finding.kind for finding in verified.findings}:
        await _must_be_known(services, number)
    findings = [_shown(finding, actor) for finding in verified.findings]
    return VerifiedView(number=number, ok=verified.ok, findings=findings)


def _shown(finding: Finding, actor: Actor) -> Finding:
    """The finding without contact data, which only auditors get: the row is named, not its content."""
    if finding.kind is not FindingKind.RECORDS_DIFFER or actor.has(Role.AUDITOR):
        return finding
    return finding.model_copy(update={"message": finding.message.partition("：")[0]})


async def _must_be_known(services: Services, number: str) -> None:
    """Raise NOT_FOUND for a number that was never given out; one without a history is a finding."""
    if await recorded(services, number) is None:
        raise no_such_claim(number)


@router.get(
    "/audit/claims/{number}/export",
    summary="审计材料",
    dependencies=[Depends(may_have_histories)],
    responses={404: documented(404), 200: {"content": {"application/zip": {}}}},
    response_class=Response,
)
async def export(number: Number, services: Used, audited: Audited) -> Response:
    """一个压缩包：审计报告、完整历史、文书、归档条目，以及 sha256sum -c 可核验的清单；不依赖本系统。"""
    found, life = audited
    holdings = await _holdings(services)
    try:
        material = await asyncio.to_thread(gather, found, life, holdings, now=now())
    except SourceUnavailable as problem:
        raise _problem(number, problem) from problem
    headers = {"Content-Disposition": f'attachment; filename="audit-{number}.zip"'}
    return Response(await asyncio.to_thread(package, material), media_type="application/zip", headers=headers)
