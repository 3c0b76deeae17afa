"""`zaoying audit`: what happened to a claim, when, by whom and under which rule. Read-only."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claims.text.file_problems import os_problem
from cli.auditing.inputs import (
    calendar_in_force,
    errors_as_refusals,
    existing_records,
    holdings_of,
    parse_instant,
    parse_pair,
    replayed_claim,
    silence_logs,
    sources_of,
)
from cli.console import print_result, wait
from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import Settings, load_settings
from service_layer import clock

if TYPE_CHECKING:
    from audit.assessments.reproduction import Reproduced
    from audit.replay.replayed_run import ReplayedRun
    from audit.verification.verify import Holdings, Verified
    from records.database.engine import Records

app = typer.Typer(help="审计：由工单编号核查全过程（只读）", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="工单编号，如 QH202611240001", metavar="NUMBER")]
File = Annotated[
    Path | None, typer.Option("--file", help="历史文件（JSON，可为 gzip），不向服务器和归档查找")
]


@app.command()
def timeline(number: Number, file: File = None, as_json: JsonFlag = False) -> None:
    """全过程：每一事项的时刻、经办人、规则和说明。"""
    from audit.reports.timeline import line_text
    from audit.reports.timeline import timeline as told

    replayed, _ = replayed_claim(number, file)
    lines = told(replayed)
    print_result(lines, "\n".join(line_text(line) for line in lines), as_json=as_json)


@app.command()
def at(
    number: Number,
    instant: Annotated[
        str, typer.Argument(help="时刻，带时区，如 2026-11-25T09:00:00+08:00；不填为最后状态", metavar="AT")
    ] = "",
    file: File = None,
    as_json: JsonFlag = False,
) -> None:
    """某一时刻工单的完整状态。"""
    from audit.replay.time_travel import claim_at, then_text

    when = parse_instant(instant) if instant else None
    replayed, _ = replayed_claim(number, file)
    with errors_as_refusals():
        then = claim_at(replayed, when)
    print_result(then, then_text(then), as_json=as_json)


@app.command()
def explain(
    number: Number,
    limit: Annotated[
        str,
        typer.Argument(help="时限：编号（1/0/resolve）、种类（resolve）或名称（解决时限）", metavar="LIMIT"),
    ],
    file: File = None,
    as_json: JsonFlag = False,
) -> None:
    """逐日说明一个时限，以历史中固定的日历为准。"""
    from audit.reports.deadlines import explain_limit, explained_text

    replayed, _ = replayed_claim(number, file)
    with errors_as_refusals():
        explained = explain_limit(replayed, limit)
    print_result(explained, explained_text(explained), as_json=as_json)


@app.command()
def diff(
    number: Number,
    policy: Annotated[
        list[str] | None, typer.Option("--set", help="政策参数，如 cutoff=17:30、resolve_days=8，可重复")
    ] = None,
    arrangement: Annotated[
        list[Path] | None, typer.Option("--arrangement", help="另加的放假安排文件（JSON），可重复")
    ] = None,
    calendar_version: Annotated[str, typer.Option(help="曾经生效的日历版本；不填为现行日历")] = "",
    file: File = None,
    as_json: JsonFlag = False,
) -> None:
    """换一种日历或政策，哪些时限和亮牌会不同。只作推算。"""
    from audit.replay.calendars import BadCalendar
    from audit.replay.what_if import BadAlternative, difference, difference_text

    changes = dict(parse_pair(text, "--set") for text in policy or [])
    try:
        with errors_as_refusals():
            calendar = calendar_in_force(load_settings(), calendar_version, arrangement or [])
        replayed, _ = replayed_claim(number, file)
        found = difference(replayed, calendar, changes)
    except (BadAlternative, BadCalendar) as error:
        raise typer.BadParameter(str(error)) from error
    print_result(found, difference_text(found), as_json=as_json)


@app.command()
def replay(number: Number, file: File = None, as_json: JsonFlag = False) -> None:
    """以现行程序重演历史，与历史自身的记载和台账逐行比对。一致 0，有出入 1。"""
    from audit.release.comparison import compare_with_history
    from audit.verification.comparison import compare, read_recorded

    settings = load_settings()
    replayed, found = replayed_claim(number, file)
    contradictions = wait(compare_with_history(found.history, replayed, settings.data_converter))
    with errors_as_refusals(), existing_records(settings) as records:
        rows = compare(replayed, read_recorded(records, replayed))
    wrong = [*(f"历史前后不符：{one.message}" for one in contradictions), *(row.message for row in rows)]
    end = f"发现 {len(wrong)} 处出入" if wrong else "结果、时限、亮牌、日志均与台账一致"
    head = f"{number}　重演 {replayed.run.events} 条事件（来自{_ORIGINS[found.origin]}），{end}"
    told = {
        "number": number,
        "origin": found.origin,
        "events": replayed.run.events,
        "lost_completions": replayed.lost,
        "contradictions": contradictions,
        "differences": rows,
    }
    print_result(told, "\n".join([*_frozen_lines(replayed), *wrong, head]), as_json=as_json)
    if wrong:
        raise typer.Exit(1)


def _frozen_lines(replayed: "ReplayedRun") -> list[str]:
    return [
        f"第{event}条事件开始的任务执行时，工作进程曾冻结，服务器未收到其结果；已按当时的次序重演"
        for event in replayed.lost
    ]


@app.command()
def verify(
    numbers: Annotated[list[str] | None, typer.Argument(help="工单编号，可多个", metavar="NUMBER")] = None,
    every: Annotated[bool, typer.Option("--all", help="全部归档和全部已办结的工单")] = False,
    as_json: JsonFlag = False,
) -> None:
    """核对归档的哈希链、历史是否完整、重演是否与台账一致、签字盖章件和文书是否原样。完好 0，有问题 1。"""
    from audit.verification.verify import verified_text

    if every == bool(numbers):
        raise typer.BadParameter("请给出工单编号，或 --all（二者其一）")
    settings = load_settings()
    silence_logs()
    with errors_as_refusals(), existing_records(settings) as records:
        verified = wait(_verify(holdings_of(settings, records), numbers or []))
    told = {"ok": verified.ok, "histories": verified.histories, "findings": verified.findings}
    print_result(told, verified_text(verified), as_json=as_json)
    if not verified.ok:
        raise typer.Exit(1)


async def _verify(holdings: "Holdings", numbers: Sequence[str]) -> "Verified":
    from audit.verification.verify import verify_all, verify_claims

    return await (verify_claims(holdings, numbers) if numbers else verify_all(holdings))


@app.command()
def assessment(
    period: Annotated[
        str, typer.Argument(help="考核周期：2026-11、2026-Q4、2026-H2 或 2026", metavar="PERIOD")
    ],
    edition: Annotated[int | None, typer.Option(help="第几期；不填为最新一期")] = None,
    archive_only: Annotated[bool, typer.Option("--archive-only", help="只用归档，不问服务器")] = False,
    as_json: JsonFlag = False,
) -> None:
    """只凭历史（服务器和归档）重新形成已公布的通报，逐项比对。一致 0，有出入 1。"""
    from assessment.periods import parse_period
    from audit.assessments.reproduction import reproduced_text
    from claims.model.refusals import Refused

    try:
        parse_period(period)
    except Refused as refused:
        raise typer.BadParameter(f"{refused.reason}。{refused.instead}") from refused
    settings = load_settings()
    silence_logs()
    with errors_as_refusals(), existing_records(settings) as records:
        found = wait(_reproduce(settings, records, period, edition, archive_only=archive_only))
    told = {"ok": found.ok, "period": found.period, "edition": found.edition, "published": found.published}
    told |= {"made": found.made, "claims": found.claims, "findings": found.findings}
    print_result(told, reproduced_text(found), as_json=as_json)
    if not found.ok:
        raise typer.Exit(1)


async def _reproduce(
    settings: Settings, records: "Records", period: str, edition: int | None, *, archive_only: bool
) -> "Reproduced":
    from activities.organisation import organisation_on
    from audit.assessments.reproduction import AuditedInstallation, reproduce
    from audit.histories.collector import HistoryCollector
    from audit.histories.sources import Sources
    from records.contents import ContentStore
    from runtime.connection import connect
    from runtime.telemetry import core_runtime

    client = None if archive_only else await connect(settings, runtime=core_runtime())
    sources = Sources(None, settings.archive) if archive_only else sources_of(settings)
    installation = AuditedInstallation(
        sources=sources,
        collector=HistoryCollector(sources.archive(), client),
        records=records,
        contents=ContentStore(settings.attachments),
        organisation=lambda day: organisation_on(records, day),
        converter=settings.data_converter,
    )
    return await reproduce(installation, period, edition)


@app.command()
def export(
    number: Number,
    to: Annotated[
        Path | None, typer.Option("--to", help="写到哪个文件；不填为当前目录下 audit-编号.zip")
    ] = None,
    file: File = None,
) -> None:
    """审计材料压缩包：报告、历史、文书、归档条目和 sha256sum 清单，不依赖本系统。已有的文件不覆盖。"""
    from audit.reports.package import gather, package

    target = to or Path(f"audit-{number}.zip")
    replayed, found = replayed_claim(number, file)
    settings = load_settings()
    with errors_as_refusals(), existing_records(settings) as records:
        now = clock.now()
        data = package(gather(found, replayed, holdings_of(settings, records), now=now))
    try:
        with target.open("xb") as written:
            written.write(data)
    except OSError as error:
        raise CommandRefused(f"不能写入 {target}：{os_problem(error)}") from error
    typer.echo(f"{target}　{len(data)} 字节")


_ORIGINS = {"server": "服务器", "archive": "归档", "file": "文件"}
