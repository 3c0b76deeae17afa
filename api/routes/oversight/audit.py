"""`/audit/claims`: an auditor's view of a claim, from its history (R70)."""

from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import Response

from api.http.dependencies import Caller, Number, Used
from api.http.downloads import saved_as
from api.http.problems import documented
from api.http.routing import guarded_router
from audit.reports.deadlines import LimitExplained
from claims.model.messages.field_types import Instant
from service_layer.audits import claim_audit
from service_layer.audits.claim_audit import AuditedClaim
from service_layer.views.audit import AuditView, TimelineView, VerifiedView

router = guarded_router("审计")


async def may_audit(actor: Caller) -> None:
    """Checks the role (§1)."""
    claim_audit.require_auditor(actor)


async def may_have_histories(actor: Caller) -> None:
    """Checks the role (§1, R70): a history holds contact data; only auditors get it."""
    claim_audit.require_history_reader(actor)


async def audited_claim(number: Number, services: Used, actor: Caller) -> AuditedClaim:
    """Return a claim's history, replayed; the reading is on record before."""
    return await claim_audit.audited_claim(services, number, actor)


Audited = Annotated[AuditedClaim, Depends(audited_claim)]


@router.get(
    "/audit/claims/{number}",
    summary="某一时刻的工单",
    dependencies=[Depends(may_audit)],
    responses={status: documented(status) for status in (404, 409)},
)
async def read_claim_at(
    audited: Audited,
    actor: Caller,
    at: Annotated[Instant | None, Query(description="时刻，带时区；不填为最后状态")] = None,
) -> AuditView:
    """由完整历史重演得出：当时的阶段、派单、时限、亮牌及逐日说明。调阅留痕。"""
    return claim_audit.state_at(audited, actor, at)


@router.get(
    "/audit/claims/{number}/history",
    summary="完整历史",
    dependencies=[Depends(may_have_histories)],
    responses={404: documented(404), 200: {"content": {"application/json": {}}}},
    response_class=Response,
)
async def read_history(audited: Audited) -> Response:
    """流程引擎的完整历史（JSON），可用 Temporal 的工具独立重演。归档的按归档原样给出。"""
    found = audited.found
    content = found.content or found.history.to_json().encode()
    return Response(content, media_type="application/json")


@router.get(
    "/audit/claims/{number}/timeline",
    summary="全过程",
    dependencies=[Depends(may_audit)],
    responses={404: documented(404)},
)
async def read_timeline(audited: Audited, actor: Caller) -> TimelineView:
    """每一事项的时刻、经办人、规则和说明。"""
    return claim_audit.timeline_of(audited, actor)


@router.get(
    "/audit/claims/{number}/explain/{limit:path}",
    summary="逐日说明一个时限",
    dependencies=[Depends(may_audit)],
    responses={404: documented(404)},
)
async def explain_claim(limit: str, audited: Audited) -> LimitExplained:
    """时限的编号（1/0/resolve）、种类（resolve）或名称；每次确定的日历版本、是否暂定和逐日说明（R6）。"""
    return claim_audit.limit_explained(audited, limit)


@router.get(
    "/audit/claims/{number}/verify",
    summary="核对",
    dependencies=[Depends(may_audit)],
    responses={404: documented(404)},
)
async def verify_claim(number: Number, services: Used, actor: Caller) -> VerifiedView:
    """归档的哈希链、历史是否完整、重演是否与台账一致、文书和签字盖章件是否原样。"""
    return await claim_audit.verify_claim(services, number, actor)


@router.get(
    "/audit/claims/{number}/export",
    summary="审计材料",
    dependencies=[Depends(may_have_histories)],
    responses={404: documented(404), 200: {"content": {"application/zip": {}}}},
    response_class=Response,
)
async def export(services: Used, audited: Audited) -> Response:
    """一个压缩包：审计报告、完整历史、文书、归档条目，以及 sha256sum -c 可核验的清单；不依赖本系统。"""
    content = await claim_audit.audit_package(services, audited)
    return saved_as(f"audit-{audited.number}.zip", content, "application/zip")
