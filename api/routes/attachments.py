"""`/attachments`: papers, uploaded or made by the procedure."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from api.http.dependencies import Caller, Number, Used, claim_number
from api.http.downloads import attachment_response
from api.http.problems import documented
from api.http.requests.multipart import multipart_upload
from api.http.routing import StreamingRoute, guarded_router
from claims.papers.requests import FORMS, PaperKind
from records.attachments import Attachment
from service_layer.attachments.attachment_access import attachments_of_claim, open_attachment, papers_of_unit
from service_layer.attachments.uploads import check_uploader, keep_upload
from service_layer.units.unit_reading import find_unit

router = guarded_router("附件", StreamingRoute)

_NOT_SHOWN: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"

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
    check_uploader(actor)
    async with multipart_upload(request, services.settings.attachment_limit) as upload:
        if upload.claim:
            await claim_number(upload.claim)
        kept, is_new = await keep_upload(services, upload, actor)
    headers = {"Location": f"/attachments/{kept.id}"}
    return JSONResponse(_view(kept).model_dump(mode="json"), 201 if is_new else 200, headers=headers)


@router.get("/claims/{number}/attachments", summary="工单的附件", responses={404: documented(404)})
async def list_attachments(number: Number, services: Used, actor: Caller) -> AttachmentList:
    """制发的文书和上传的文件，按时间先后。企业只见自己上传的文件。"""
    found = await attachments_of_claim(services, number, actor)
    return AttachmentList(number=number, attachments=[_view(one) for one in found])


@router.get(
    "/units/{unit_id}/attachments", summary="单位的约谈记录和问责材料", responses={404: documented(404)}
)
async def list_unit_papers(
    unit_id: Annotated[str, Path(description="单位编号", examples=["ZZ-GD"])], services: Used, actor: Caller
) -> UnitPapers:
    """不属于某一工单的文书及其签字扫描件，按时间先后；单位只见本单位及下级的约谈记录，问责材料由有权处理的人员查看。"""
    unit = find_unit(services, unit_id)
    found = await papers_of_unit(services, unit, actor)
    return UnitPapers(unit=unit.id, attachments=[_view(one) for one in found])


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
    found, content = await open_attachment(services, id, actor)
    return attachment_response(found, content, policy=_NOT_SHOWN)
