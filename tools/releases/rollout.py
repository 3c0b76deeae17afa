"""Gives a new build of the workers the claims step by step, and takes them back where it does not work."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError

from tools.releases import deployments
from tools.releases.deployments import NobodyOfThatBuild, NotTakenBack, Overtaken, Routing, TasksFail

STEPS: Final = (1.0, 10.0, 50.0, 100.0)
"""The percentages of workflows that a new build is given, step by step."""
_LOOK_SECONDS: Final = 2.0

Say = Callable[[str], None]


async def promote_in_steps(
    client: Client,
    build: str,
    *,
    pause: timedelta,
    say: Say,
    steps: Sequence[float] = STEPS,
    within_seconds: float = deployments.KNOWN_WITHIN_SECONDS,
) -> None:
    """Give a build more and more of the workflows, watch it during a pause after each step, and make it the current
    one in the end. Where its tasks fail, nobody runs it any more, or this is interrupted, it is given none any more.

    Raises TasksFail, NobodyOfThatBuild, Overtaken, NotTakenBack, RPCError."""
    before = await deployments.routing_of(client)
    if before.current in ("", build):
        await deployments.promote(client, build, within_seconds=within_seconds)
        return
    stalled_before = frozenset(await deployments.stalled_on(client, build))
    rollout = _Rollout(client, build, before.current, within_seconds)
    if before.percentage and before.ramping != build:
        say(f"版本 {before.ramping} 此前承办 {before.percentage:g}%（移交未完成），改由本次移交")
    try:
        for percentage in steps:
            await rollout.give(percentage)
            say(f"{percentage:g}% 的工单已交由版本 {build} 办理，观察 {pause.total_seconds():g} 秒")
            if failing := await _watch(client, build, pause, stalled_before):
                raise TasksFail(failing, percentage)
        await rollout.finish()
    except Overtaken:
        raise
    except BaseException as error:
        taken_back = await rollout.take_back()
        if isinstance(error, asyncio.CancelledError) and taken_back:
            say(f"移交已中断：工单全部由版本 {before.current} 办理")
        raise


class _Rollout:
    """One promotion: changes who takes the workflows only while nobody else has."""

    def __init__(self, client: Client, build: str, before: str, within_seconds: float) -> None:
        self._client = client
        self._build = build
        self._before = before
        self._within = within_seconds
        self._given: float | None = None

    async def give(self, percentage: float) -> None:
        """Give the build a part of the workflows."""

        async def ask() -> None:
            found = await self._ours(percentage)
            if not await deployments.is_running(self._client, self._build):
                raise NobodyOfThatBuild(self._build)
            if (found.ramping, found.percentage) != (self._build, percentage):
                await deployments.set_ramping(self._client, self._build, percentage, found.token)

        await deployments.once_known(ask, self._within)
        self._given = percentage

    async def finish(self) -> None:
        """Make the build the current one."""

        async def ask() -> None:
            if (await deployments.routing_of(self._client)).current != self._build:
                found = await self._ours()
                await deployments.set_current(self._client, self._build, found.token)

        await deployments.once_known(ask, self._within)

    async def _ours(self, percentage: float | None = None) -> Routing:
        """Return who takes the workflows. Raises Overtaken where it is not as this promotion left it."""
        found = await deployments.routing_of(self._client)
        as_left = {(self._build, self._given), (self._build, percentage)}
        is_ours = self._given is None or (found.ramping, found.percentage) in as_left
        if found.current != self._before or not is_ours:
            raise Overtaken(found)
        return found

    async def take_back(self) -> bool:
        """Give the build no workflow any more; False where it has become the current one. Raises NotTakenBack."""
        found = Routing(percentage=self._given or 0.0)

        async def ask() -> None:
            nonlocal found
            found = await deployments.routing_of(self._client)
            if found.ramping == self._build and found.percentage:
                await deployments.set_ramping(self._client, self._build, 0, found.token)

        try:
            await deployments.once_known(ask, self._within)
        except (RPCError, NobodyOfThatBuild) as error:
            raise NotTakenBack(self._before, found.percentage) from error
        return found.current != self._build


async def _watch(
    client: Client, build: str, pause: timedelta, stalled_before: frozenset[str]
) -> Sequence[str]:
    """Workflows whose tasks have begun to fail on a build within the pause; returns with the first. Raises
    NobodyOfThatBuild where its workers have gone."""
    ends = asyncio.get_running_loop().time() + pause.total_seconds()
    while True:
        failing = [name for name in await deployments.stalled_on(client, build) if name not in stalled_before]
        left = ends - asyncio.get_running_loop().time()
        if failing or left <= 0:
            return failing
        if not await deployments.is_running(client, build):
            raise NobodyOfThatBuild(build)
        await asyncio.sleep(min(_LOOK_SECONDS, left))
