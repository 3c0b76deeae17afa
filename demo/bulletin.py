"""The last part of the demonstration: drafts, publishes and files the month's bulletin of its claims (R62)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
from pydantic import JsonValue
from rich import box
from rich.table import Table
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from activities.workflow_ids import assessment_workflow_id
from calendar_rules import local_day
from calendar_rules.loader import load_calendar
from claims.model.terms import Role
from demo.case import Json, StoryBroken
from runtime.connection import connect
from runtime.local_stack import LocalStack
from service_layer.clock import now
from service_layer.identity.tokens import issue_token, load_or_make_key

RESOLVED_WITHIN: Final = 10
"""Working days until most of today's claims count: the bulletin covers the month that contains that day."""
PAST_OBJECTIONS: Final = timedelta(days=10)
_TRIES: Final = 600
_POLL_SECONDS: Final = 0.2


def month() -> str:
    """Return the month in which most of today's claims count."""
    return f"{load_calendar().nth_working_day_after(local_day(now()), RESOLVED_WITHIN):%Y-%m}"


async def publish(stack: LocalStack) -> Json:
    """Start the month's assessment, pass its end and the objection period, publish it and file its papers.
    Raises StoryBroken.
    """
    period = month()
    client = await connect(stack.settings)
    key = load_or_make_key(stack.settings.token_key)
    token = issue_token(key, roles=[Role.COORDINATOR], name="演示coordinator")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=stack.api_url, headers=headers, trust_env=False, timeout=120
    ) as http:
        await _post(http, f"/assessments/{period}/start", "start")
        await _until_drafted(http, client, period)
        await _post(http, f"/assessments/{period}/publish", "publish")
        view = await _stage(http, period, "published")
        for form in ("docx", "xlsx", "html"):
            await _file(http, stack.settings.home, period, form)
    return view


async def _until_drafted(http: httpx.AsyncClient, client: Client, period: str) -> None:
    handle = client.get_workflow_handle(assessment_workflow_id(period))
    skipper = TimeSkipper(client)
    await skipper.fast_forward(handle, timedelta(days=62))
    await _stage(http, period, "draft")
    await skipper.fast_forward(handle, PAST_OBJECTIONS)


async def _post(http: httpx.AsyncClient, path: str, request_id: str) -> None:
    for _ in range(_TRIES):
        answer = await http.post(path, json={"request_id": f"demo-{request_id}"})
        if answer.status_code not in (httpx.codes.ACCEPTED, httpx.codes.SERVICE_UNAVAILABLE):
            break
        await asyncio.sleep(_POLL_SECONDS)
    if answer.status_code not in (httpx.codes.OK, httpx.codes.CREATED):
        raise StoryBroken(f"{path}：{answer.text}")


async def _stage(http: httpx.AsyncClient, period: str, stage: str) -> Json:
    for _ in range(_TRIES):
        answer = await http.get(f"/assessments/{period}")
        view: dict[str, JsonValue] = answer.json()
        if view.get("stage") == stage:
            return view
        await asyncio.sleep(_POLL_SECONDS)
    raise StoryBroken(f"{period}的考核没有到“{stage}”：{answer.text[:300]}")


async def _file(http: httpx.AsyncClient, home: Path, period: str, form: str) -> None:
    answer = await http.get(f"/assessments/{period}/bulletin", params={"format": form})
    if answer.status_code != httpx.codes.OK:
        raise StoryBroken(f"{period}的通报（{form}）：{answer.text[:300]}")
    folder = home / "bulletins"
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    await asyncio.to_thread((folder / f"{period}.{form}").write_bytes, answer.content)


def bulletin_table(view: Json) -> Table:
    """Return one line per unit: measures as n of m, points, rank."""
    grid = Table(
        title=f"{view['period']} 月通报（第{view['edition']}期）", box=box.SIMPLE_HEAD, title_style="bold"
    )
    columns = (
        "单位",
        "组别",
        "响应率",
        "按时答复率",
        "按时办结率",
        "解决率",
        "满意率",
        "黄灯",
        "红灯",
        "得分",
        "名次",
    )
    for name in columns:
        grid.add_column(name, no_wrap=name != "单位")
    units = view["units"]
    for line in units if isinstance(units, list) else []:
        if isinstance(line, dict):
            grid.add_row(*_cells(line))
    return grid


def _cells(line: dict[str, JsonValue]) -> list[str]:
    measures = line["measures"]
    found: list[str] = []
    for name in ("contact", "reply", "completion", "resolved", "satisfied", "yellow", "red"):
        figure = measures.get(name) if isinstance(measures, dict) else None
        if isinstance(figure, dict):
            found.append(
                f"{figure['n']}/{figure['of']}" if figure.get("of") is not None else str(figure["n"])
            )
    score = str(line["score"]) if line["score"] is not None else "不计分"
    rank = str(line["rank"]) if line["rank"] is not None else "—"
    return [str(line["unit_name"]), str(line["group_name"]), *found, score, rank]
