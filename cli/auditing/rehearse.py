"""`zaoying rehearse`: a period under another law, calendar or scheme. Read-only."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claims.text.file_problems import os_problem
from cli.auditing.inputs import (
    articles_on_record,
    calendar_in_force,
    organisation_of,
    parse_pair,
    silence_logs,
)
from cli.console import print_result, wait
from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import Settings, load_settings
from service_layer import clock

if TYPE_CHECKING:
    from assessment.periods import Period
    from assessment.schemes.model import Scheme
    from audit.rehearsal.comparison import Rehearsal
    from audit.rehearsal.law import Law
    from claims.model.terms import Channel

Files = Annotated[list[Path] | None, typer.Option("--calendar", help="另加的放假安排文件（JSON），可重复")]


def rehearse(
    period: Annotated[str, typer.Option("--period", help="月份，如 2026-10")],
    edition: Annotated[
        list[Path] | None, typer.Option("--edition", help="规定版本文件（JSON），可重复")
    ] = None,
    calendar: Files = None,
    scheme: Annotated[Path | None, typer.Option("--scheme", help="考核方案文件（JSON）")] = None,
    channel_days: Annotated[
        list[str] | None, typer.Option("--channel-days", help="渠道的解决时限，如 leaders-board=5，可重复")
    ] = None,
    numbers: Annotated[
        list[str] | None, typer.Option("--set", help="政策参数，如 contact_days=2，可重复")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="报告写到哪个文件（.html 或 .xlsx）；已有的不覆盖")
    ] = None,
    archive_only: Annotated[bool, typer.Option("--archive-only", help="只用归档，不问服务器")] = False,
    as_json: JsonFlag = False,
) -> None:
    """换一种规定、日历或考核方案，本月哪些时限、亮牌、指标、得分和名次会不同。只作推演，不改变任何数据。"""
    from audit.problems import AuditUsageError
    from audit.rehearsal.report import text
    from claims.model.refusals import Refused

    settings = load_settings()
    silence_logs()
    try:
        law = _law(settings, edition or [], calendar or [], channel_days or [], numbers or [])
        found = wait(_rehearse(settings, period, scheme, law, archive_only=archive_only))
    except AuditUsageError as error:
        raise typer.BadParameter(str(error)) from error
    except Refused as refused:
        raise CommandRefused(f"{refused.reason}。{refused.instead}") from refused
    if to is not None:
        _write(to, found)
    print_result(_as_json(found), text(found), as_json=as_json)
    if found.problems:
        raise typer.Exit(1)


def _as_json(found: "Rehearsal") -> dict[str, object]:
    return {
        "period": found.period,
        "law": found.law,
        "claims": found.claims,
        "changes": list(found.changes),
        "differing": [
            {"number": one.number, "limits": one.limits, "lights": one.lights, "facts": one.facts}
            for one in found.differing
        ],
        "outcomes": [{"number": one.number, "at": one.at, "told": one.text} for one in found.outcomes],
        "problems": found.problems,
    }


def _law(
    settings: Settings,
    editions: Sequence[Path],
    calendars: Sequence[Path],
    channel_days: Sequence[str],
    numbers: Sequence[str],
) -> "Law":
    from audit.rehearsal.law import Law, read_edition

    return Law(
        calendar=calendar_in_force(settings, "", calendars),
        editions=[read_edition(file) for file in editions],
        numbers=dict(parse_pair(text, "--set") for text in numbers),
        channel_days=dict(_channel_days(text) for text in channel_days),
    )


def _channel_days(text: str) -> "tuple[Channel, int]":
    from calendar_rules.policy import MAX_WORKING_DAYS
    from claims.model.terms import Channel

    name, days = parse_pair(text, "--channel-days")
    is_number = days.isascii() and days.isdecimal() and len(days) <= len(str(MAX_WORKING_DAYS))
    if name not in set(Channel) or not is_number or not 1 <= int(days) <= MAX_WORKING_DAYS:
        known = "、".join(Channel)
        wanted = f"应写成 渠道=天数，天数为1至{MAX_WORKING_DAYS}；渠道有：{known}"
        raise typer.BadParameter(f"{text!r} {wanted}", param_hint="--channel-days")
    return Channel(name), int(days)


async def _rehearse(
    settings: Settings, period: str, scheme: Path | None, law: "Law", *, archive_only: bool
) -> "Rehearsal":
    from temporalio.service import RPCError

    from archive.errors import ArchiveError
    from archive.reader import Archive
    from assessment.editions.monthly import require_month
    from assessment.periods import check_begun, parse_period
    from assessment.schemes import load_schemes, scheme_for
    from assessment.units import assessed_units
    from audit.histories.collector import HistoryCollector
    from audit.rehearsal.comparison import Ground, rehearse
    from runtime.connection import connect
    from runtime.telemetry import core_runtime

    of, now = parse_period(period), clock.now()
    require_month(of)
    if not settings.virtual_time:
        check_begun(of, now)
    usual = scheme_for(of, load_schemes())
    organisation = organisation_of(settings, of.last_day)
    ground = Ground(
        period=of,
        units=assessed_units(organisation),
        scheme=usual,
        other_scheme=_scheme(of, scheme) if scheme else usual,
        until=now,
        articles=articles_on_record(settings, organisation, until=now),
        names={unit.id: unit.short for unit in organisation.units},
    )
    try:
        client = None if archive_only else await connect(settings, runtime=core_runtime())
        collector = HistoryCollector(Archive.at(settings.archive), client)
        return await rehearse(collector, ground, law, settings.data_converter)
    except ArchiveError as error:
        raise CommandRefused(f"归档不能读取：{error}") from error
    except (RPCError, RuntimeError) as error:
        raise CommandRefused(f"Temporal 服务器没有应答：{error}") from error


def _scheme(period: "Period", file: Path) -> "Scheme":
    from assessment.schemes import read_scheme, scheme_for

    try:
        read = read_scheme(file.read_bytes())
    except OSError as error:
        raise CommandRefused(f"读不到考核方案文件 {file}：{os_problem(error)}") from error
    return scheme_for(period, [read], read.id)


def _write(to: Path, found: "Rehearsal") -> None:
    from audit.rehearsal.report import page, workbook

    make = {".html": page, ".xlsx": workbook}.get(to.suffix)
    if make is None:
        raise typer.BadParameter("报告文件应为 .html 或 .xlsx", param_hint="--to")
    try:
        with to.open("xb") as written:
            written.write(make(found))
    except OSError as error:
        raise CommandRefused(f"不能写入 {to}：{os_problem(error)}") from error
