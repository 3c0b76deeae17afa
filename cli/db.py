"""`zaoying db`: the records' database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from cli.console import wait
from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from audit.verification.read_model import ComparisonReport
    from records.database.clue_cipher import ClueCipher

app = typer.Typer(help="记录库", no_args_is_help=True)

ArchiveOnly = Annotated[bool, typer.Option("--archive-only", help="只用归档，不问服务器")]
_SHOWN = 120
"""Longest value shown, in characters."""


@app.command()
def upgrade(as_json: JsonFlag = False) -> None:
    """把记录库升级到本程序的版本（可重复执行；请先备份）。"""
    from records.database import migration

    with _errors_as_refusals():
        settings = load_settings()
        before, after = migration.upgrade(settings.records_url, _clue_cipher(settings))
    _print_result(before, after, as_json=as_json)


@app.command()
def downgrade(
    target: Annotated[str, typer.Argument(help="退回的版本，如 records_0001")], as_json: JsonFlag = False
) -> None:
    """把记录库退回较早的版本。较新版本才有的数据会丢失，请先备份，并先停止各程序。"""
    from records.database import migration

    with _errors_as_refusals():
        settings = load_settings()
        before, after = migration.downgrade(settings.records_url, target, _clue_cipher(settings))
    _print_result(before, after, as_json=as_json)


@app.command()
def current(as_json: JsonFlag = False) -> None:
    """记录库现在的版本，和本程序的版本。"""
    from records.database import migration

    with _errors_as_refusals():
        found, own = migration.current(load_settings().records_url)
    if as_json:
        typer.echo(json.dumps({"current": found, "head": own}))
    else:
        typer.echo(f"记录库 {found or '为空'}，本程序 {own}{'' if found == own else '：须升级'}")


@app.command()
def check(archive_only: ArchiveOnly = False, as_json: JsonFlag = False) -> None:
    """逐行核对记录库与工作流历史（服务器和归档），指出每一处不同。只读。一致 0，有不同 1。"""
    found = _compare_with_histories(archive_only=archive_only)
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        _print_differences(found)
        differ = f"发现 {len(found.differences)} 处不同" if found.differences else "逐行一致"
        typer.echo(f"核对工单 {found.claims} 件、单位台账 {found.units} 份：{differ}")
    if found.differences or not found.is_sound:
        raise typer.Exit(1)


@app.command()
def rebuild(
    archive_only: ArchiveOnly = False,
    forget: Annotated[bool, typer.Option("--forget", help="删去没有任何历史的工单")] = False,
    as_json: JsonFlag = False,
) -> None:
    """按工作流历史（服务器和归档）重建记录库；系统可同时运行，可重复执行。全部重建 0，有遗留 1。"""
    found = _compare_with_histories(archive_only=archive_only, rewrite=True, forget=forget)
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        _print_problems(found)
        typer.echo(f"核对工单 {found.claims} 件、单位台账 {found.units} 份，重建 {found.rewritten} 份")
    if not found.is_sound:
        raise typer.Exit(1)


def _compare_with_histories(
    *, archive_only: bool, rewrite: bool = False, forget: bool = False
) -> "ComparisonReport":
    from temporalio.service import RPCError

    from archive.errors import ArchiveError

    with _errors_as_refusals():
        try:
            return wait(_compare(load_settings(), archive_only=archive_only, rewrite=rewrite, forget=forget))
        except ArchiveError as error:
            raise CommandRefused(f"归档不能读取：{error}") from error
        except (RPCError, RuntimeError) as error:
            raise CommandRefused(f"Temporal 服务器没有应答：{error}") from error


async def _compare(
    settings: Settings, *, archive_only: bool, rewrite: bool, forget: bool
) -> "ComparisonReport":
    from archive.reader import Archive
    from audit.histories.collector import HistoryCollector
    from audit.verification.read_model import Comparison
    from records.contents import ContentStore
    from records.database.engine import open_records
    from runtime.connection import connect
    from runtime.telemetry import core_runtime

    client = None if archive_only else await connect(settings, runtime=core_runtime())
    collector = HistoryCollector(Archive.at(settings.archive), client)
    with open_records(settings.records_url, settings.clue_cipher) as records:
        comparison = Comparison(
            records,
            ContentStore(settings.attachments),
            collector,
            data_converter=settings.data_converter,
        )
        return await (comparison.rebuild(forget=forget) if rewrite else comparison.check())


def _as_json(found: "ComparisonReport") -> dict[str, JsonValue]:
    return {
        "claims": found.claims,
        "units": found.units,
        "mended": found.rewritten,
        "differences": [difference.model_dump(mode="json") for difference in found.differences],
        "problems": [{"workflow": name, "problem": str(problem)} for name, problem in found.problems],
        "unproven": list(found.unproven),
        "broken_units": list(found.broken_units),
        "left": list(found.left),
    }


def _clue_cipher(settings: Settings) -> "ClueCipher":
    """Return the cipher of clues. Without a key file, as in a database's container, only operations without
    keys are possible.
    """
    from records.database.clue_cipher import NO_KEYS

    return settings.clue_cipher if settings.payload_keys.is_file() else NO_KEYS


_WRONG = {"missing": "缺少", "surplus": "多出", "changed": "不同"}


def _print_differences(found: "ComparisonReport") -> None:
    for difference in found.differences:
        row = f"{difference.table} {'/'.join(difference.key)}"
        typer.echo(f"{_WRONG[difference.kind]}\t{row}")
        for column, (recorded, expected) in difference.columns.items():
            typer.echo(f"\t{column}：记录为 {_short(recorded)}，应为 {_short(expected)}")
    _print_problems(found)


def _print_problems(found: "ComparisonReport") -> None:
    for name, problem in found.problems:
        typer.echo(f"历史有问题\t{name}：{problem}", err=True)
    for subject in found.unproven:
        typer.echo(f"没有历史\t{subject}：记录库中有，服务器和归档中都没有", err=True)
    for unit in found.broken_units:
        typer.echo(f"历史不全\t单位台账 {unit}：缺少较早的运行，未作核对", err=True)
    for subject in found.left:
        typer.echo(f"仍在变化\t{subject}：请再执行一次", err=True)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _print_result(before: str | None, after: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"before": before, "after": after}))
    elif before == after:
        typer.echo(f"记录库已是 {after}")
    else:
        typer.echo(f"记录库由{before or '空库'}变为 {after}")


@contextmanager
def _errors_as_refusals() -> Iterator[None]:
    from records.database.migration import NoSuchRevision
    from records.errors import NotOurRecords, RecordsUnavailable

    try:
        yield
    except (NotOurRecords, RecordsUnavailable, NoSuchRevision) as error:
        raise CommandRefused(str(error)) from error
