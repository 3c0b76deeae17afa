"""Running the demonstration: the whole system, 25 claims side by side, a progress bar and a table."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from claims.model.terms import Role
from data import load_organisation, load_sample_claims
from demo.case import Case, Json, StoryBroken
from demo.stories import STORIES, Story
from demo.table import end_of_story, lights_of, table
from runtime.connection import connect
from runtime.local_stack import Embedded
from runtime.settings import Settings
from service_layer.identity.tokens import issue_token, load_or_make_key

Told = tuple[Case, Story, list[Json]]


async def run_demo(settings: Settings, console: Console, *, keep: bool) -> bool:
    """Tell all stories; True if every claim ended as its story says."""
    async with Embedded(settings, say=console.print) as city:
        told, broken = await tell_all(city, console)
        console.print(table(sorted(told, key=lambda item: item[0].sample.no)))
        for line in broken:
            console.print(f"[red]✗ {line}[/red]")
        if not broken:
            console.print(f"[green]✓ {len(told)} 件诉求全部按预期走完。[/green]")
        console.print(f"Temporal UI：{city.ui_url}　接口文档：{city.api_url}/docs", soft_wrap=True)
        if keep:
            console.print(
                f"系统保持运行，ZAOYING_HOME={city.settings.home}；按 Ctrl-C 结束。", soft_wrap=True
            )
            with suppress(asyncio.CancelledError):
                await city.keep_up()
        else:
            console.print("演示已结束，以上地址随之关闭；加 --keep 可保留系统继续查看。")
    return not broken


async def tell_all(city: Embedded, console: Console) -> tuple[list[Told], list[str]]:
    client = await connect(city.settings)
    skipper = TimeSkipper(client)
    key = load_or_make_key(city.settings.token_key)
    units = {unit.short: unit.id for unit in load_organisation().units}

    async def forward(number: str, duration: timedelta) -> None:
        await skipper.fast_forward(client.get_workflow_handle(workflow_id(number)), duration)

    def token(role: Role, unit: str | None) -> str:
        name = f"演示{role.value}"
        return issue_token(key, roles=[role], unit=unit or "", name=name)

    told: list[Told] = []
    broken: list[str] = []
    limits = httpx.Limits(max_connections=50)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    async with httpx.AsyncClient(base_url=city.api_url, trust_env=False, timeout=60, limits=limits) as http:
        cases = [
            Case(sample, http, tokens=token, forward=forward, unit_ids=units)
            for sample in load_sample_claims()
        ]
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("诉求办理中", total=len(cases))

            async def tell(case: Case) -> None:
                story = STORIES[case.sample.no]
                try:
                    told.append(await _tell(case, story))
                except (StoryBroken, RPCError) as error:
                    broken.append(f"第{case.sample.no}件（{story.name}，{case.step}）：{error!s}")
                progress.advance(task)

            await asyncio.gather(*(tell(case) for case in cases))
    return told, broken


async def _tell(case: Case, story: Story) -> Told:
    await case.register()
    await story.tell(case)
    await case.look()
    journal = await case.journal()
    dispatches = case.view["dispatches"]
    found = (end_of_story(case), lights_of(case), len(dispatches) if isinstance(dispatches, list) else -1)
    if found != (wanted := (story.ends, story.lights, story.dispatches)):
        raise StoryBroken(f"{case.number} 应为 {wanted}，实为 {found}")
    return case, story, journal
