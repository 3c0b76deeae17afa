"""`/attachments`: signed and sealed papers, uploaded or made by the procedure."""

import asyncio
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

import structlog
from fastapi import Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from api.http.problems import Kind, Problem, documented
from api.http.routing import Caller, Number, StreamingRoute, claim_number, guarded_router, require
from api.routes.units import unit_or_404
from api.schemas.serializers import reads_contacts
from claims.model.claim import Claim
from claims.model.terms import Role
from claims.model.values import Actor
from claims.papers.redaction import masks_phones
from claims.papers.requests import FORMS, PaperKind
from documents.media_types import ENDINGS, MediaType
from records import attachments
from records.attachments import Attachment
from records.contact_readings import Reading
from records.contents import ContentLost
from service_layer.claim_access import find, find_for_action, sees_unit
from service_layer.clock import now
from service_layer.contact_access import note_reading
from service_layer.services import Services, Used
from service_layer.unit_measures import DECIDE_ON_FILES, reads_measure, unit_of_scan
from service_layer.uploads import keep, received

router = guarded_router("附件", StreamingRoute)
log = structlog.get_logger()

UPLOADERS: Final = tuple(role for role in Role if role not in (Role.AUDITOR, Role.ADMIN, Role.CONSOLE))
"""§1: auditors change nothing, administrators do not decide claims."""

_FORM: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "PDF、PNG、JPEG 或 Word（docx）"},
        "claim": {"type": "string", "description": "工单编号", "examples": ["QH202611240001"]},
        "measure": {"type": "string", "description": "约谈、问责编号；与 claim 只填其一"},
    },
}


class AttachmentView(BaseModel):
    """A paper or an uploaded file."""

    id: str
    claim: str = Field(description="工单编号；空为不属于某一工单")
    measure: str = Field(description="签字扫描件所属的约谈、问责编号；其他附件为空")
    kind: PaperKind | None = Field(description="文书种类；null 为上传的文件")
    kind_name: str
    file_name: str
    document_number: str = Field(description="发文字号；上传的文件没有")
    media_type: str
    size: int = Field(description="字节数")
    sha256: str
    at: datetime


class AttachmentList(BaseModel):
    """What belongs to a claim."""

    number: str
    attachments: list[AttachmentView]


class UnitPapers(BaseModel):
    """What is about a unit and belongs to no claim."""

    unit: str
    attachments: list[AttachmentView]


def _view(attachment: Attachment) -> AttachmentView:
    kind = attachment.kind
    return AttachmentView(
        **attachment.model_dump(include=set(AttachmentView.model_fields)),
        kind_name=FORMS[kind].name if kind else "上传文件",
        at=attachment.uploaded_at,
    )


@router.post(
    "/attachments",
    status_code=201,
    response_model=AttachmentView,
    summary="上传附件",
    responses={
        200: {"description": "已有同一文件，返回已有的附件", "model": AttachmentView},
        **{status: documented(status) for status in (404, 409, 413, 415)},
    },
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def upload_attachment(request: Request, services: Used, actor: Caller) -> Response:
    """签字、盖章的扫描件等，属于某一工单，或某一次约谈（问责）。类型以文件内容为准；同一单位为同一工单重复上传
    同一文件，附件编号不变。"""
    require(actor, *UPLOADERS, what="上传附件")
    async with received(request, services.settings.attachment_limit) as upload:
        if upload.measure:
            unit = await unit_of_scan(services, upload.measure, actor)
        else:
            await find_for_action(services, await claim_number(upload.claim), actor)
            unit = actor.unit.id if actor.unit else ""
        kept, first = await keep(services, upload, actor, unit=unit)
    headers = {"Location": f"/attachments/{kept.id}"}
    return JSONResponse(_view(kept).model_dump(mode="json"), 201 if first else 200, headers=headers)


@router.get("/claims/{number}/attachments", summary="工单的附件", responses={404: documented(404)})
async def list_attachments(number: Number, services: Used, actor: Caller) -> AttachmentList:
    """制发的文书和上传的文件，按时间先后。企业只见自己上传的文件。"""
    claim = (await find(services, number, actor)).claim
    found = await services.book.ask(attachments.attachments_of, number)
    return AttachmentList(
        number=number, attachments=[_view(one) for one in found if _shows(one, claim, actor)]
    )


@router.get(
    "/units/{unit_id}/attachments", summary="单位的约谈记录和问责材料", responses={404: documented(404)}
)
async def list_unit_papers(
    unit_id: Annotated[str, Path(description="单位编号", examples=["ZZ-GD"])], services: Used, actor: Caller
) -> UnitPapers:
    """不属于某一工单的文书及其签字扫描件，按时间先后；单位只见本单位及下级的约谈记录，问责材料由有权处理的人员查看。"""
    unit = unit_or_404(services, unit_id)
    found = await services.book.ask(attachments.attachments_of_unit, unit.id)
    shown = [_view(one) for one in found if _shows(one, None, actor) and sees_unit(services, one.unit, actor)]
    return UnitPapers(unit=unit.id, attachments=shown)


@router.get(
    "/attachments/{id}",
    summary="下载附件",
    response_class=Response,
    responses={404: documented(404), 500: documented(500)},
)
async def read_attachment(
    id: Annotated[str, Path(description="附件编号", max_length=200)], services: Used, actor: Caller
) -> Response:
    """文件本身，总是作为附件下载。"""
    found = await services.book.ask(attachments.attachment, id)
    if found is None or not await _may_read(services, found, actor):
        raise Problem(Kind.NOT_FOUND, "没有这个附件", rule="§1", instead="请核对附件编号")
    try:
        data = await asyncio.to_thread(services.contents.get, found.sha256)
    except ContentLost as error:
        log.error("attachment-damaged", attachment=id, error=str(error))
        detail = "附件的内容已损坏或缺失，没有发出"
        raise Problem(Kind.INTERNAL, detail, instead="请告知系统管理员，从备份恢复") from error
    return Response(data, media_type=found.media_type, headers=_as_download(found))


async def _may_read(services: Services, found: Attachment, actor: Actor) -> bool:
    if not found.claim:
        return _shows(found, None, actor) and sees_unit(services, found.unit, actor)
    try:
        claim = (await find(services, found.claim, actor)).claim
    except Problem as problem:
        if problem.kind is Kind.NOT_FOUND:
            return False
        raise
    if not _shows(found, claim, actor):
        return False
    if (what := _holding_contacts(found)) is not None:
        await note_reading(services, actor, claim.number, what, attachment=found.id)
    return True


def _holding_contacts(found: Attachment) -> Reading | None:
    """Which papers hold contact data, or may: the dispatch order, and what people sent in."""
    if found.kind is None:
        return Reading.UPLOAD
    return Reading.DISPATCH_ORDER if found.kind is PaperKind.DISPATCH_ORDER else None


def _shows(found: Attachment, claim: Claim | None, actor: Actor) -> bool:
    """Of what belongs to a claim that the actor may see: enterprises get only what they sent in themselves,
    contact data goes to those who need it (R70)."""
    if set(actor.roles) == {Role.ENTERPRISE}:
        return bool(found.enterprise) and found.enterprise == actor.name
    if found.measure:
        return reads_measure(found.measure, actor)
    if found.kind is PaperKind.ACCOUNTABILITY_FILE:
        return actor.has(*DECIDE_ON_FILES)
    if found.kind is PaperKind.DISPATCH_ORDER:
        if claim is None or not reads_contacts(actor, claim.order.enterprise):
            return False
        return actor.has(Role.AUDITOR) or not masks_phones(claim, now())
    return True


def _as_download(found: Attachment) -> dict[str, str]:
    """RFC 6266: a plain name for old programs, the Chinese one by RFC 5987."""
    ending = ENDINGS[MediaType(found.media_type)][0]
    return {
        "Content-Disposition": f'attachment; filename="{found.id}{ending}"; '
        f"filename*=UTF-8''{quote(found.file_name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
