"""Runs the demonstration: the whole system, 25 claims at once, a progress bar and a table."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from claims.model.labels import label
from claims.model.terms import Role
from data import load_organisation, load_sample_claims
from demo.bulletin import bulletin_table, publish
from demo.case import Case, Json, StoryBroken
from demo.stories import STORIES, Story
from demo.table import end_of_story, lights_of, table
from runtime.connection import connect
from runtime.local_stack import LocalStack
from runtime.settings import Settings
from runtime.telemetry import core_runtime
from service_layer.identity.tokens import issue_token, load_or_make_key

PlayedStory = tuple[Case, Story, list[Json]]
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


async def run_demo(
    settings: Settings, console: Console, stories: Collection[int] = (), *, keep: bool
) -> bool:
    """Run these stories, or all of them. Return whether every claim ended as its story expects."""
    async with LocalStack(settings, say=console.print) as stack:
        played, broken = await play_stories(stack, console, stories)
        console.print(table(sorted(played, key=lambda item: item[0].sample.no)))
        for line in broken:
            console.print(f"[red]✗ {line}[/red]")
        if not broken:
            console.print(f"[green]✓ {len(played)} 件诉求全部按预期走完。[/green]")
        broken += await _bulletin(stack, console)
        console.print(f"Temporal UI：{stack.ui_url}　接口文档：{stack.api_url}/docs", soft_wrap=True)
        if keep:
            console.print(f"系统保持运行，{_settings_of(stack)}；按 Ctrl-C 结束。", soft_wrap=True)
            with suppress(asyncio.CancelledError):
                await stack.supervise()
        else:
            console.print("演示已结束，以上地址随之关闭；加 --keep 可保留系统继续查看。")
    return not broken


def _settings_of(stack: LocalStack) -> str:
    """Return the settings that a command needs for this system."""
    return f"ZAOYING_HOME={stack.settings.home} ZAOYING_TEMPORAL_PORT={stack.settings.temporal_port}"


async def _bulletin(stack: LocalStack, console: Console) -> list[str]:
    """Return the month's bulletin of the claims, or an error message."""
    try:
        view = await publish(stack)
    except (StoryBroken, RPCError) as error:
        console.print(f"[red]✗ 月通报：{error!s}[/red]")
        return [str(error)]
    console.print(bulletin_table(view))
    folder = stack.settings.home / "bulletins"
    console.print(
        f"[green]✓ {view['period']} 月通报已公布。[/green]　校验码 {view['hash']}\n"
        f"Word、Excel 和网页在 {folder}（加 --keep 可在系统运行时查看）",
        soft_wrap=True,
    )
    return []


async def play_stories(
    stack: LocalStack, console: Console, stories: Collection[int] = ()
) -> tuple[list[PlayedStory], list[str]]:
    """Play these stories, or all of them, concurrently. Return the successful ones, and a message for each
    failed one.
    """
    played: list[PlayedStory] = []
    broken: list[str] = []
    async with cases_of(stack) as every:
        cases = [case for case in every if not stories or case.sample.no in stories]
        with Progress(*_COLUMNS, console=console) as progress:
            task = progress.add_task("诉求办理中", total=len(cases))

            async def play(case: Case) -> None:
                story = STORIES[case.sample.no]
                try:
                    played.append(await play_story(case, story))
                except (StoryBroken, RPCError) as error:
                    broken.append(f"第{case.sample.no}件（{story.name}，{case.step}）：{error!s}")
                progress.advance(task)

            await asyncio.gather(*(play(case) for case in cases))
    return played, broken


@asynccontextmanager
async def cases_of(stack: LocalStack) -> AsyncIterator[Sequence[Case]]:
    """Yield the sample claims with users' tokens, clocks and an HTTP client."""
    client = await connect(stack.settings, runtime=core_runtime())
    skipper = TimeSkipper(client)
    key = load_or_make_key(stack.settings.token_key)
    units = {unit.short: unit.id for unit in load_organisation().units}

    async def forward(number: str, duration: timedelta) -> None:
        await skipper.fast_forward(client.get_workflow_handle(workflow_id(number)), duration)

    def token(role: Role, unit: str | None) -> str:
        return issue_token(key, roles=[role], unit=unit or "", name=f"演示{label(role)}")

    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=stack.api_url, trust_env=False, timeout=60, limits=limits) as http:
        yield [
            Case(sample, http, tokens=token, forward=forward, unit_ids=units)
            for sample in load_sample_claims()
        ]


async def play_story(case: Case, story: Story) -> PlayedStory:
    """Play one story to its end. Raises StoryBroken if it ends otherwise."""
    await case.register()
    await story.scenario(case)
    await case.look()
    journal = await case.journal()
    dispatches = case.view["dispatches"]
    found = (end_of_story(case), lights_of(case), len(dispatches) if isinstance(dispatches, list) else -1)
    if found != (wanted := (story.ends, story.lights, story.dispatches)):
        raise StoryBroken(f"{case.number} 应为 {wanted}，实为 {found}")
    return case, story, journal
