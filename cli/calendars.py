"""`zaoying calendar`: the working calendar and the deadlines that it gives."""

import json
from datetime import datetime
from typing import Annotated

import typer

from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import load_settings

app = typer.Typer(help="工作日历与时限", no_args_is_help=True)


@app.command()
def explain(
    start: Annotated[str, typer.Option(help="起算时间，带时区，如 2026-02-13T10:00:00+08:00")],
    days: Annotated[int, typer.Option(help="工作日数")],
    as_json: JsonFlag = False,
) -> None:
    """逐日说明一个时限。"""
    from calendar_rules import CalendarError, explain_text
    from records.calendars import calendar_at

    try:
        instant = datetime.fromisoformat(start)
    except ValueError as error:
        raise typer.BadParameter(f"看不懂的时间 {start!r}", param_hint="--start") from error
    try:
        deadline = calendar_at(load_settings().records_url).deadline(instant, days)
    except CalendarError as error:
        raise CommandRefused(str(error)) from error
    typer.echo(deadline.model_dump_json(indent=2) if as_json else explain_text(deadline))


@app.command()
def show(year: int, as_json: JsonFlag = False) -> None:
    """一年的放假与调休。"""
    from calendar_rules import CalendarError
    from records.calendars import calendar_at

    try:
        found = calendar_at(load_settings().records_url).year(year)
    except CalendarError as error:
        raise CommandRefused(str(error)) from error
    if as_json:
        typer.echo(json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    typer.echo(
        f"{year}年{'（暂定，尚未公布放假安排）' if found.provisional else ''}　日历版本 {found.version}"
    )
    for title, listed in (("放假", found.days_off), ("调休上班", found.make_up_days)):
        for day in listed:
            typer.echo(f"{title}\t{day.date}\t{day.name}")
