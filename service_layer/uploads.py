"""Taking a file in: a form read as it comes, the file's type told by what it holds, its name made harmless."""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.http.problems import Kind, Problem, invalid
from api.http.request_limits import too_large
from api.http.validation_messages import FieldProblem
from claims.model.terms import Role
from claims.model.values import Actor
from documents.media_types import ENDINGS, SCANNED, MediaType, media_type_of
from records import attachments
from records.attachments import Attachment, upload_id
from service_layer.clock import now
from service_layer.services import Services

LONGEST_NAME: Final = 100
_NAMELESS: Final = "附件"
_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*%]')
_LONGEST_FIELD: Final = 1000


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form holds: the file, and the claim or the measure that it is for; the other is empty."""

    claim: str
    measure: str
    file: UploadFile


@asynccontextmanager
async def received(request: Request, limit: int) -> AsyncIterator[Upload]:
    """The form of a request. Its file lies in a nameless place on disk, gone at the end whatever happens.

    Raises a 413, 415 or 422 problem.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        raise Problem(
            Kind.NOT_A_FORM,
            "上传附件须为 multipart/form-data",
            instead="请以表单提交 file 和 claim（或 measure）",
        )
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=2, max_part_size=_LONGEST_FIELD
    )
    try:
        yield _upload(await parser.parse(), limit)
    except ClientDisconnect as error:
        raise Problem(Kind.MALFORMED, "上传中断，没有保存", instead="请重新上传") from error
    except MultiPartException as error:
        instead = "请以表单提交 file 和 claim（或 measure）两项"
        raise Problem(Kind.MALFORMED, "表单无法解析，没有保存", instead=instead) from error
    finally:
        # The parser itself forgets a file whose part never ends.
        for file in parser._files_to_close_on_error:
            file.close()


def _upload(form: FormData, limit: int) -> Upload:
    file = form.get("file")
    claim, measure = _words(form, "claim"), _words(form, "measure")
    lacking = [] if isinstance(file, UploadFile) else [FieldProblem(field="file", problem="缺少此项")]
    if not (claim or measure):
        lacking.append(FieldProblem(field="claim", problem="缺少此项；约谈、问责的扫描件填写 measure"))
    elif claim and measure:
        lacking.append(FieldProblem(field="measure", problem="与 claim 只填其一"))
    if lacking or not isinstance(file, UploadFile):
        raise invalid(lacking)
    if not file.size:
        raise invalid([FieldProblem(field="file", problem="文件是空的")])
    if file.size > limit:
        raise too_large(limit)
    return Upload(claim=claim, measure=measure, file=file)


def _words(form: FormData, name: str) -> str:
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""


async def keep(services: Services, upload: Upload, actor: Actor, *, unit: str) -> tuple[Attachment, bool]:
    """Keep a file for its claim or measure, and for the unit whose it is; what is kept, and whether it is new. Raises
    a 415 problem."""
    media_type = await asyncio.to_thread(media_type_of, upload.file.file)
    if media_type is None:
        raise Problem(Kind.NOT_A_PAPER, "文件不是 PDF、PNG、JPEG 或 Word（docx）", instead="请另存为其中一种")
    if upload.measure and media_type not in SCANNED:
        detail = "约谈、问责的签字件须为 PDF、PNG 或 JPEG 扫描件"
        raise Problem(Kind.NOT_A_PAPER, detail, instead="请打印、签字、扫描后上传")
    content = await asyncio.to_thread(services.contents.put, upload.file.file)
    enterprise = actor.name if set(actor.roles) == {Role.ENTERPRISE} else ""
    belongs_to = upload.claim or upload.measure
    kept = Attachment(
        id=upload_id(belongs_to, content.sha256, enterprise=enterprise, unit=unit),
        claim=upload.claim,
        measure=upload.measure,
        unit=unit,
        file_name=harmless(upload.file.filename or "", media_type),
        media_type=media_type,
        size=content.size,
        sha256=content.sha256,
        uploaded_by=actor.sub,
        enterprise=enterprise,
        uploaded_at=now(),
    )
    return await services.book.ask(attachments.keep, kept)


def harmless(name: str, media_type: MediaType) -> str:
    """A name of this type: no path, nothing unseen, not too long, an ending that says what it is."""
    last = PurePosixPath(name.replace("\\", "/")).name
    seen = "".join(
        char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C"
    )
    plain = _NOT_IN_NAMES.sub("_", seen).strip().rstrip(" .")
    endings = ENDINGS[media_type]
    stem, dot, ending = plain.rpartition(".")
    if not (dot and f".{ending.lower()}" in endings):
        stem, ending = plain, endings[0].removeprefix(".")
    return f"{stem[:LONGEST_NAME].strip(' .') or _NAMELESS}.{ending.lower()}"
