"""`zaoying db`: the records' database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from commands.refusing import CommandRefused, JsonFlag
from settings import load_settings

app = typer.Typer(help="记录库", no_args_is_help=True)


@app.command()
def upgrade(as_json: JsonFlag = False) -> None:
    """把记录库升级到本程序的版本（可重复执行；请先备份）。"""
    from records import migrating

    with _refusing():
        before, after = migrating.upgrade(load_settings().records_url)
    _tell(before, after, as_json=as_json)


@app.command()
def downgrade(
    target: Annotated[str, typer.Argument(help="退回的版本，如 records_0001")], as_json: JsonFlag = False
) -> None:
    """把记录库退回较早的版本。较新版本才有的数据会丢失，请先备份，并先停止各程序。"""
    from records import migrating

    with _refusing():
        before, after = migrating.downgrade(load_settings().records_url, target)
    _tell(before, after, as_json=as_json)


@app.command()
def current(as_json: JsonFlag = False) -> None:
    """记录库现在的版本，和本程序的版本。"""
    from records import migrating

    with _refusing():
        found, own = migrating.current(load_settings().records_url)
    if as_json:
        typer.echo(json.dumps({"current": found, "head": own}))
    else:
        typer.echo(f"记录库 {found or '为空'}，本程序 {own}{'' if found == own else '：须升级'}")


def _tell(before: str | None, after: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"before": before, "after": after}))
    elif before == after:
        typer.echo(f"记录库已是 {after}")
    else:
        typer.echo(f"记录库由{before or '空库'}变为 {after}")


@contextmanager
def _refusing() -> Iterator[None]:
    from records.errors import NotOurRecords, RecordsUnavailable
    from records.migrating import NoSuchRevision

    try:
        yield
    except (NotOurRecords, RecordsUnavailable, NoSuchRevision) as error:
        raise CommandRefused(str(error)) from error
