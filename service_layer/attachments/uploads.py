"""Keeping an uploaded file: its type detected from its content, its name made safe."""

import asyncio
import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import structlog

from claims.model.values import Actor
from claims.text.file_problems import os_problem
from claims.text.normalisation import one_line
from documents.uploads.active_content import active_content
from documents.uploads.media_types import ENDINGS, SCANNED, MediaType, media_type_of
from documents.uploads.pdf_metadata import without_author_data
from documents.uploads.picture_metadata import without_metadata
from documents.uploads.scanned_pages import page_problem
from records import attachments
from records.attachments import Attachment, upload_id
from records.contents import Content
from service_layer.attachments.malware_scan import refuse_malware
from service_layer.claims.claim_access import find_for_action
from service_layer.clock import now
from service_layer.errors import RETRY_SECONDS, ErrorKind, ServiceError
from service_layer.permissions import UPLOADERS, is_only_enterprise, require_role
from service_layer.services import Services
from service_layer.units.unit_measures import unit_of_scan

log = structlog.get_logger()

LONGEST_NAME: Final = 100
_NAMELESS: Final = "附件"
_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*%]')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and the claim or the measure that it is for; the other is empty."""

    claim: str
    measure: str
    file_name: str
    content: BinaryIO


def check_uploader(actor: Actor) -> None:
    """Raise a FORBIDDEN error for roles that upload nothing (§1)."""
    require_role(actor, *UPLOADERS, what="上传附件")


async def keep_upload(services: Services, upload: Upload, actor: Actor) -> tuple[Attachment, bool]:
    """Keep a file for its claim or measure; the second value: whether it is new.

    Raises FORBIDDEN, NOT_FOUND, NOT_NOW, UNSUPPORTED_FILE.
    """
    check_uploader(actor)
    if upload.measure:
        unit = await unit_of_scan(services, upload.measure, actor)
    else:
        await find_for_action(services, upload.claim, actor)
        unit = actor.unit.id if actor.unit else ""
    enterprise = actor.name if is_only_enterprise(actor) else ""
    belongs_to = upload.claim or upload.measure
    await _check_room(services, belongs_to, unit=unit, enterprise=enterprise)
    media_type = await _media_type(upload)
    await refuse_malware(services.settings.scanner, upload.content)
    harmless_content = await asyncio.to_thread(_anonymous, upload.content, media_type)
    content = await _stored(services, harmless_content)
    kept = Attachment(
        id=upload_id(belongs_to, content.sha256, enterprise=enterprise, unit=unit),
        claim=upload.claim,
        measure=upload.measure,
        unit=unit,
        file_name=safe_file_name(upload.file_name, media_type),
        media_type=media_type,
        size=content.size,
        sha256=content.sha256,
        uploaded_by=actor.sub,
        enterprise=enterprise,
        uploaded_at=now(),
    )
    return await services.records.run(attachments.keep, kept)


def _anonymous(file: BinaryIO, media_type: MediaType) -> BinaryIO:
    """Return the file without what it says of its maker."""
    if media_type is MediaType.PDF:
        file.seek(0)
        return io.BytesIO(without_author_data(file.read()))
    return without_metadata(file, media_type)


async def _stored(services: Services, file: BinaryIO) -> Content:
    """Raises UNAVAILABLE where the disk is full or cannot be written."""
    try:
        return await asyncio.to_thread(services.contents.put, file)
    except OSError as error:
        reason = os_problem(error)
        log.error("attachment-not-kept", reason=reason)
        raise ServiceError(
            ErrorKind.UNAVAILABLE,
            f"文件没有保存：服务器存不下（{reason}）",
            instead="请稍后重试；仍不能上传请告知系统管理员",
            retry_after=RETRY_SECONDS,
        ) from error


async def _check_room(services: Services, belongs_to: str, *, unit: str, enterprise: str) -> None:
    """Each sender has a quota of their own, so that nobody can use up another's. A file that is sent again counts again."""
    quota = services.settings.attachment_count
    sent = await services.records.run(attachments.count_uploads, belongs_to, unit=unit, enterprise=enterprise)
    if sent >= quota:
        detail = f"本单位（企业）在此已上传{sent}个文件，达到上限"
        raise ServiceError(ErrorKind.NOT_NOW, detail, rule="R46", instead="请将材料合并为一个文件上传")


async def _media_type(upload: Upload) -> MediaType:
    media_type = await asyncio.to_thread(media_type_of, upload.content)
    if media_type is None:
        detail = "文件不是 PDF、PNG、JPEG 或 Word（docx）"
        raise ServiceError(ErrorKind.UNSUPPORTED_FILE, detail, instead="请另存为其中一种")
    if upload.measure and media_type not in SCANNED:
        detail = "约谈、问责的签字件须为 PDF、PNG 或 JPEG 扫描件"
        raise ServiceError(ErrorKind.UNSUPPORTED_FILE, detail, instead="请打印、签字、扫描后上传")
    if found := await asyncio.to_thread(active_content, upload.content, media_type):
        detail = f"文件含有{found}，没有保存"
        instead = "请打印后扫描，或另存为不含此项的 PDF"
        raise ServiceError(ErrorKind.UNSUPPORTED_FILE, detail, instead=instead)
    if upload.measure:
        await _check_page(upload.content, media_type)
    return media_type


async def _check_page(content: BinaryIO, media_type: MediaType) -> None:
    """Check that the upload for an interview or an accountability file can be its signed paper (R35, R36)."""
    if problem := await asyncio.to_thread(page_problem, await asyncio.to_thread(content.read), media_type):
        detail = f"约谈、问责的签字件须为扫描件：{problem}"
        raise ServiceError(ErrorKind.UNSUPPORTED_FILE, detail, instead="请打印、签字，扫描或拍摄整页后上传")
    content.seek(0)


def safe_file_name(name: str, media_type: MediaType) -> str:
    """Return a file name without path or invisible characters, not too long, with an ending that fits its type."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = _NOT_IN_NAMES.sub("_", one_line(last)).strip().rstrip(" .")
    endings = ENDINGS[media_type]
    stem, dot, ending = plain.rpartition(".")
    if not (dot and f".{ending.lower()}" in endings):
        stem, ending = plain, endings[0].removeprefix(".")
    return f"{stem[:LONGEST_NAME].strip(' .') or _NAMELESS}.{ending.lower()}"
