"""`zaoying archive`: the archive of closed workflows' histories."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import wait
from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import Settings, load_settings
from service_layer import clock

if TYPE_CHECKING:
    from activities.archive.closed_executions import VisibleRun
    from activities.archive.erasure import Erased
    from activities.archive.sweep import SweepResult
    from archive.entries import ArchiveHead
    from archive.problems import Problem
    from archive.reader import Archive

app = typer.Typer(help="归档：已结束工单的完整历史", no_args_is_help=True)

_LISTED = 20


@app.command()
def sweep(as_json: JsonFlag = False) -> None:
    """现在归档一遍：已结束而尚未归档的历史全部写入（可重复执行，中断后再执行即可）。"""
    with _errors_as_refusals():
        result = wait(_sweep(load_settings()))
    if as_json:
        typer.echo(result.model_dump_json(indent=2))
        return
    typer.echo(f"归档 {result.archived} 份，共 {result.count} 份，头记录 {result.hash}")
    if result.waiting:
        typer.echo(f"{result.waiting} 份尚不能归档，下次再试")
    if result.lost:
        typer.echo(f"{result.lost} 份服务器已不再保留，未能归档", err=True)


async def _sweep(settings: Settings) -> "SweepResult":
    from records.database.engine import open_records
    from runtime import logs
    from runtime.connection import connect
    from runtime.telemetry import core_runtime
    from worker import build_sweeper

    logs.configure("WARNING")  # success is reported on standard output
    client = await connect(settings, runtime=core_runtime())
    archived = 0
    with open_records(settings.records_url) as records:
        sweeper = build_sweeper(client, settings, records)
        while True:
            result = await sweeper.sweep()
            archived += result.archived
            if not result.more:
                return result.model_copy(update={"archived": archived})


@app.command()
def status(as_json: JsonFlag = False) -> None:
    """归档有多少份、头记录、做到何时，以及服务器上还有哪些没有归档。"""
    from archive.reader import Archive

    settings = load_settings()
    with _errors_as_refusals():
        archive = Archive.at(settings.archive)
        head, runs = archive.head(), {entry.run_id for entry in archive.entries()}
        waiting = [run for run in wait(_closed(settings)) if run.run_id not in runs]
    found = {
        "archive": str(archive.store),
        "entries": len(runs),
        "head": head.hash if head else None,
        **_swept(settings),
        "not_archived": [run.workflow_id for run in waiting],
    }
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    typer.echo(f"归档 {found['archive']}：{found['entries']} 份，头记录 {found['head'] or '无'}")
    typer.echo(f"上次归档 {found['swept_at'] or '从未'}，已做到 {found['watermark'] or '无'}")
    typer.echo(f"服务器上已结束而未归档 {len(waiting)} 份")
    for run in waiting[:_LISTED]:
        typer.echo(f"  {run.workflow_id}\t{run.closed_at:%Y-%m-%dT%H:%M:%SZ}")


async def _closed(settings: Settings) -> "Sequence[VisibleRun]":
    from activities.archive.closed_executions import closed_runs_query, list_runs
    from runtime.connection import connect
    from runtime.telemetry import core_runtime

    return sorted(await list_runs(await connect(settings, runtime=core_runtime()), closed_runs_query()))


def _swept(settings: Settings) -> dict[str, str | None]:
    from records.archive_heads import last_sweep
    from records.database.engine import open_records

    with open_records(settings.records_url) as records:
        last = last_sweep(records).model_dump(mode="json")
    return {"watermark": last["watermark"], "swept_at": last["swept_at"]}


@app.command()
def verify(
    head: Annotated[
        list[str] | None, typer.Option("--head", help="另行保存的头记录的哈希，可重复；清单中须有此条")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """逐份核对全部归档：清单、次序、哈希、文件，以及记录库中保存的头记录和附件。只读。完好或从未归档 0，有问题 1。"""
    from archive.reader import Archive

    hashes = [_hash(text) for text in head or []]
    settings = load_settings()
    with _errors_as_refusals():
        if not hashes and _has_never_archived(settings):
            _say_never_archived(as_json=as_json)
            return
        known = _known_heads(settings)
        archive = Archive.at(settings.archive)
        problems = [*archive.check(known, hashes=hashes), *_wrong_attachments(settings, archive)]
        entries = sum(len(segment.lines()) for segment in archive.segments())
    if as_json:
        listed = [found.model_dump(mode="json") for found in problems]
        found = {"ok": not problems, "entries": entries, "known_heads": len(known), "problems": listed}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for found_one in problems:
            typer.echo(f"{found_one.kind}\t{found_one.message}")
        typer.echo(f"共 {entries} 份，{f'发现 {len(problems)} 处问题' if problems else '完好'}")
    if problems:
        raise typer.Exit(1)


def _has_never_archived(settings: Settings) -> bool:
    """Return whether neither the records nor the folder know of an archive. Without records nothing is known:
    an archive may be lost.
    """
    from archive.reader import Archive
    from records.archive_heads import last_sweep, noted_heads
    from records.database.engine import open_records

    if not _has_records(settings) or Archive.at(settings.archive).store.names(""):
        return False
    with open_records(settings.records_url) as records:
        return last_sweep(records).swept_at is None and not noted_heads(records)


def _say_never_archived(*, as_json: bool) -> None:
    if as_json:
        found = {"ok": True, "entries": 0, "known_heads": 0, "problems": []}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        typer.echo("还没有归档过，没有可核对的")


def _has_records(settings: Settings) -> bool:
    return bool(settings.database_url) or (settings.home / "records.db").exists()


def _hash(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise typer.BadParameter(f"{text!r} 不是 64 位小写十六进制的哈希", param_hint="--head")
    return text


def _wrong_attachments(settings: Settings, archive: "Archive") -> "Sequence[Problem]":
    """None where there are no records that would know of attachments, nor where the archive cannot be read."""
    from archive.errors import ArchiveDamaged
    from audit.verification.attachments import wrong_attachments
    from records.contents import ContentStore
    from records.database.engine import open_records

    if not _has_records(settings):
        return []
    try:
        with open_records(settings.records_url) as records:
            return list(wrong_attachments(records, ContentStore(settings.attachments), archive))
    except ArchiveDamaged:
        return []  # the check of the archive itself has named it


def _known_heads(settings: Settings) -> "Sequence[ArchiveHead]":
    """Return the heads that the records keep. Does not create records where there are none."""
    from archive.entries import ArchiveHead
    from records.archive_heads import noted_heads
    from records.database.engine import open_records

    if not _has_records(settings):
        typer.echo("此处没有记录库：只与归档自身的头记录核对", err=True)
        return []
    with open_records(settings.records_url) as records:
        return [ArchiveHead(**noted.model_dump()) for noted in noted_heads(records)]


@app.command()
def erase(
    by: Annotated[str, typer.Option("--by", help="由谁决定抹去，记入归档")],
    yes: Annotated[bool, typer.Option("--yes", help="确认抹去；否则只列出")] = False,
) -> None:
    """抹去结束已满十年的历史和附件（R70），并在归档清单中记下；清单本身保留。抹去后不能恢复。"""
    settings = load_settings()
    with _errors_as_refusals():
        if not yes:
            typer.echo(f"满十年的历史 {_due(settings)} 份；加 --yes 抹去，连同其附件")
            return
        erased = _erase(settings, by)
    typer.echo(
        f"已抹去历史 {erased.histories} 份、附件 {erased.files} 个。"
        "请再运行 zaoying db rebuild --forget，并处理备份"
    )


def _due(settings: Settings) -> int:
    from archive.eraser import due
    from archive.reader import Archive

    archive = Archive.at(settings.archive)
    return len(due(archive.entries(), archive.erased, clock.now()))


def _erase(settings: Settings, by: str) -> "Erased":
    from activities.archive.erasure import erase_due
    from records.contents import ContentStore
    from records.database.engine import open_records

    with open_records(settings.records_url) as records:
        return erase_due(settings.archive, records, ContentStore(settings.attachments), by=by, at=clock.now())


@app.command()
def schedule() -> None:
    """在 Temporal 服务器上备好归档日程（可重复执行；工作进程启动时也会备好）。"""
    with _errors_as_refusals():
        wait(_schedule(load_settings()))
    typer.echo("归档日程 archive-sweep 已备好")


async def _schedule(settings: Settings) -> None:
    from runtime.connection import connect
    from runtime.telemetry import core_runtime
    from workflows.archive import keep_schedule

    await keep_schedule(await connect(settings, runtime=core_runtime()), settings.task_queue)


@contextmanager
def _errors_as_refusals() -> Iterator[None]:
    from temporalio.service import RPCError

    from archive.errors import ArchiveError
    from records.errors import NotOurRecords, RecordsUnavailable

    try:
        yield
    except (ArchiveError, RecordsUnavailable, NotOurRecords) as error:
        raise CommandRefused(str(error)) from error
    except RPCError as error:
        raise CommandRefused(f"Temporal 服务器没有照办：{error.message}") from error
    except RuntimeError as error:
        if "client connect" not in str(error):
            raise
        raise CommandRefused("Temporal 服务器没有应答，请检查地址，或稍后再试") from error
