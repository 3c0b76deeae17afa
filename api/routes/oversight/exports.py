"""`/exports`: whole lists as CSV or XLSX, under the same rules as the lists; no contact data."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import structlog
from fastapi import Depends, Query
from fastapi.responses import FileResponse, Response, StreamingResponse
from pydantic import Field, StringConstraints
from starlette.background import BackgroundTask

from api.http.dependencies import Caller, Used
from api.http.downloads import content_disposition
from api.http.problems import Kind, Problem
from api.http.requests.unknown_fields import StrictQuery
from api.http.routing import guarded_router
from api.routes.oversight import contact_reads, notices
from api.schemas import export_columns
from api.schemas.claim_search import ClaimQuery, filter_of
from api.schemas.export_columns import Line, Sheet
from calendar_rules import local_day
from claims.model.messages.field_types import Instant
from claims.model.values import Actor
from documents.spreadsheets import Row, TooManyRows, csv_chunks, write_workbook
from records.contact_readings import ReadFilter
from records.database.engine import Records
from records.outbox import OutboxFilter
from records.queries import export_rows
from records.queries.export_rows import UnitFilter
from service_layer.clock import now
from service_layer.permissions import refuse_enterprises, visible_claims
from service_layer.services import Services
from service_layer.views.claim_list import ClaimSummary
from service_layer.views.serializers import claim_summary, words_in_list

router = guarded_router("导出")
log = structlog.get_logger()


class Format(StrEnum):
    """The file's format."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILE_RESPONSES: Final[dict[int | str, dict[str, object]]] = {
    200: {
        "description": "CSV（UTF-8，带 BOM，可用 Excel 打开）或 XLSX 文件；全部结果，不分页；时间为北京时间",
        "content": {kind.split(";")[0]: {} for kind in MEDIA_TYPES.values()},
    }
}
FileFormat = Annotated[Format, Field(description="文件格式：csv 或 xlsx")]


class ClaimExport(ClaimQuery):
    """Which claims, in which order, as what."""

    format: FileFormat = Format.CSV


class UnitExport(StrictQuery):
    """Of which unit and those below it, since when, as what."""

    unit: Annotated[str, StringConstraints(max_length=64), Field(description="单位及其下级")] = ""
    since: Instant | None = None
    format: FileFormat = Format.CSV


class NoticeExport(notices.Ledger):
    """Which notices, as what."""

    format: FileFormat = Format.CSV


class ReadExport(contact_reads.Readings):
    """Which readings, as what."""

    format: FileFormat = Format.CSV


@router.get("/exports/claims", summary="导出工单", response_class=Response, responses=FILE_RESPONSES)
async def export_claims(wanted: Annotated[ClaimExport, Query()], services: Used, actor: Caller) -> Response:
    """查询条件和可见范围与 `GET /claims` 相同；不含联系人和电话。"""
    wanted_rows = filter_of(services, wanted, actor)

    def lines(records: Records) -> Iterator[ClaimSummary]:
        return (
            claim_summary(row, actor) for row in export_rows.every_claim(records, wanted_rows, wanted.sort)
        )

    return await _exported(services, export_columns.CLAIMS, lines, wanted.format)


@router.get("/exports/lights", summary="导出亮灯", response_class=Response, responses=FILE_RESPONSES)
async def export_lights(wanted: Annotated[UnitExport, Query()], services: Used, actor: Caller) -> Response:
    """各单位的黄灯、红灯，含已撤销的，按亮灯时间排列；单位只导出本单位及下级的。"""
    wanted_rows = _of_units(services, wanted, actor)
    return await _exported(
        services,
        export_columns.LIGHTS,
        lambda records: export_rows.every_light(records, wanted_rows),
        wanted.format,
    )


@router.get("/exports/letters", summary="导出督办函", response_class=Response, responses=FILE_RESPONSES)
async def export_letters(wanted: Annotated[UnitExport, Query()], services: Used, actor: Caller) -> Response:
    """各单位的督办函，按发函时间排列；单位只导出本单位及下级的。"""
    wanted_rows = _of_units(services, wanted, actor)
    return await _exported(
        services,
        export_columns.LETTERS,
        lambda records: export_rows.every_letter(records, wanted_rows),
        wanted.format,
    )


@router.get("/exports/co-units", summary="导出协办事项", response_class=Response, responses=FILE_RESPONSES)
async def export_parts(wanted: Annotated[UnitExport, Query()], services: Used, actor: Caller) -> Response:
    """各协办单位的协办事项及其报送情况（R22），按工单编号排列；since 为截止时间不早于；单位只导出本单位及下级的。"""
    wanted_rows = _of_units(services, wanted, actor)
    return await _exported(
        services,
        export_columns.PARTS,
        lambda records: export_rows.every_part(
            records, wanted_rows, lambda claim, text: words_in_list(claim, text, actor)
        ),
        wanted.format,
    )


@router.get(
    "/exports/notices",
    summary="导出通知台账",
    response_class=Response,
    responses=FILE_RESPONSES,
    dependencies=[Depends(notices.may_read)],
)
async def export_notices(wanted: Annotated[NoticeExport, Query()], services: Used) -> Response:
    """条件与 `GET /notices` 相同；不含通道地址和企业联系方式。"""
    unit = notices.addressee_of(services, wanted.unit)
    wanted_rows = OutboxFilter(state=wanted.state, addressee=unit, number=wanted.claim)
    sheet = export_columns.notices(notices.names_of(services))
    return await _exported(
        services, sheet, lambda records: export_rows.every_delivery(records, wanted_rows), wanted.format
    )


@router.get(
    "/exports/contact-reads",
    summary="导出联系信息读取记录",
    response_class=Response,
    responses=FILE_RESPONSES,
    dependencies=[Depends(contact_reads.may_read)],
)
async def export_contact_reads(wanted: Annotated[ReadExport, Query()], services: Used) -> Response:
    """条件与 `GET /audit/contact-reads` 相同（R70）。"""
    wanted_rows = ReadFilter(number=wanted.number, by=wanted.by, since=wanted.since)
    return await _exported(
        services,
        export_columns.READS,
        lambda records: export_rows.every_read(records, wanted_rows),
        wanted.format,
    )


def _of_units(services: Services, wanted: UnitExport, actor: Actor) -> UnitFilter:
    """A unit sees itself and those below it (`service_layer.permissions`). Raises FORBIDDEN for enterprises."""
    refuse_enterprises(actor, what="导出单位的亮灯、督办函和协办事项")
    organisation, sight = services.organisation, visible_claims(actor)
    tops = [organisation.find(wanted.unit).id] if wanted.unit else []
    tops += [sight.unit] if sight is not None else []
    if not tops:
        return UnitFilter(since=wanted.since)
    below = (unit.id for unit in organisation.units if all(top in organisation.path(unit.id) for top in tops))
    return UnitFilter(units=frozenset(below), since=wanted.since)


async def _exported(
    services: Services,
    sheet: Sheet[Line],
    lines: Callable[[Records], Iterator[Line]],
    format: Format,
) -> Response:
    """Return the file. An error before the first row is a problem; a later one breaks the download off."""
    log.info("list-exported", list=sheet.title, format=format.value)
    rows = await services.records.run(lambda records: _with_first_row(sheet.rows(lines(records))))
    name = f"{sheet.title}-{local_day(now()):%Y%m%d}.{format}"
    headers = {"Content-Disposition": content_disposition(name)}
    if format is Format.CSV:
        return StreamingResponse(
            csv_chunks(sheet.headings, rows), media_type=MEDIA_TYPES[format], headers=headers
        )
    return await _workbook(sheet.title, sheet.headings, rows, headers)


def _with_first_row(rows: Iterator[Row]) -> Iterator[Row]:
    """Return the same rows, the first of which has been read."""
    first = next(rows, None)
    return rows if first is None else chain([first], rows)


async def _workbook(
    title: str, headings: list[str], rows: Iterator[Row], headers: Mapping[str, str]
) -> Response:
    """Return the workbook, written to a temporary file: a zip's contents are listed at its end."""
    folder = tempfile.TemporaryDirectory(prefix="zaoying-export-")
    path = Path(folder.name) / "export.xlsx"
    try:
        await asyncio.to_thread(write_workbook, path, title, headings, rows)
    except TooManyRows as error:
        folder.cleanup()
        raise Problem(Kind.INVALID, str(error), instead="请缩小查询范围，或导出 CSV") from error
    except BaseException:
        folder.cleanup()
        raise
    done = BackgroundTask(folder.cleanup)
    return FileResponse(path, media_type=MEDIA_TYPES[Format.XLSX], headers=dict(headers), background=done)
