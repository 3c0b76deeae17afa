"""Save this version's histories: `python -m tests.replay.save_histories [FOLDER]`.

Run it once per release, before tagging. Histories of earlier versions are never replaced, because they stand
for claims that are still open in production.
"""

import asyncio
import gzip
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from temporalio.client import Client, WorkflowHandle, WorkflowHistory

from activities.workflow_ids import workflow_id
from audit.release.comparison import recorded_outcomes
from calendar_rules import local_day
from calendar_rules.loader import load_calendar
from claims.model.journal import Outcome
from claims.model.terms import Role
from data import load_organisation, load_sample_claims
from demo.case import Case, Json
from demo.run import play_stories
from records.database.engine import open_records
from runtime.connection import connect
from runtime.data_converter import decode_history
from runtime.local_stack import LocalStack
from runtime.settings import load_settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.replay.plays.scripts import play_all
from tests.replay.plays.special import SPECIAL_PLAYS, SpecialPlay, accounts, edition_ahead, published
from tests.support.payload_keys import use_keys_of_the_tests
from tests.support.polling import PATIENCE, eventually, until
from tests.support.workflows.claim_play import Play, Stage
from workflows.archive import ARCHIVE_SWEEP, SCHEDULE_ID
from workflows.messages import QUERY_STATE, ClaimState

HISTORIES = Path(__file__).parent / "histories"
SUFFIX: Final = ".json.gz"
_IDENTITY = "worker@zaoying"


async def save(folder: Path) -> None:
    """Play everything and save each history; a claim's history together with the expected claim."""
    console = Console(stderr=True)
    use_keys_of_the_tests()
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings().model_copy(
            update={"home": Path(home), "virtual_time": True, "api_port": 0, "temporal_port": 0, "ui_port": 0}
        )
        async with LocalStack(settings, say=console.print, keep_server_in_memory=True) as city:
            folder.mkdir(parents=True)
            await _stories(city, folder, console)
            records = open_records(city.settings.records_url)
            with records:
                client = await connect(city.settings)
                stage = Stage(client, city.settings.task_queue, records)
                await _plays(stage, folder, console)
                await _other_workflows(client, folder)
    _report(folder, console)


async def _stories(city: LocalStack, folder: Path, console: Console) -> None:
    """Play the demonstration's stories through the API."""
    played, broken = await play_stories(city, console)
    if broken:
        raise SystemExit("\n".join(broken))
    client = await connect(city.settings)
    retimed = await _reached_by_a_new_calendar(city, len(played) + 1)
    for case, name in [*((case, story.name) for case, story, _ in played), (retimed, "日历更新")]:
        handle = client.get_workflow_handle(workflow_id(case.number))
        await _keep_claim(folder / f"claim-{case.sample.no:02}{SUFFIX}", handle, name)


async def _plays(stage: Stage, folder: Path, console: Console) -> None:
    """Play what the golden matrix lacks, then its situations; calendars and editions first, while few claims
    are open.
    """

    async def keep(name: str, play: Play) -> Sequence[Outcome]:
        await play.asleep()
        await _keep_claim(folder / f"{name}{SUFFIX}", play.handle, name)
        return recorded_outcomes(await _readable(play.handle))

    async def keep_special(special: SpecialPlay) -> None:
        for name, play in (await special(stage)).items():
            await keep(name, play)

    console.print("正在演示单位台账，以及日历与规定版本的更新……")
    for special in (accounts, published):
        await keep_special(special)
    await edition_ahead(stage)
    console.print("正在演示各阶段与各类不予受理……")
    await play_all(stage, keep)
    console.print("正在演示并案、取消与不可读的信号……")
    await asyncio.gather(*(keep_special(special) for special in SPECIAL_PLAYS))


async def _other_workflows(client: Client, folder: Path) -> None:
    """Save accounts, updates and a sweep of the archive."""
    await client.get_schedule_handle(SCHEDULE_ID).trigger()
    query = f"WorkflowType = '{ARCHIVE_SWEEP}' AND ExecutionStatus = 'Completed'"

    async def has_swept() -> bool:
        return (await client.count_workflows(query)).count > 0

    await until(has_swept)
    counted: Counter[str] = Counter()
    async for found in client.list_workflows("WorkflowType != 'Claim'"):
        if not found.workflow_type.startswith("temporal-sys"):
            counted[found.workflow_type] += 1
            name = f"{_kebab(found.workflow_type)}-{counted[found.workflow_type]:02}"
            handle = client.get_workflow_handle(found.id, run_id=found.run_id)
            kept = {"workflow_id": found.id, "story": name, "history": await _history(handle)}
            _write(folder / f"{name}{SUFFIX}", kept)


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


async def _keep_claim(path: Path, handle: WorkflowHandle[object, object], story: str) -> None:
    look: ClaimState = await handle.query(QUERY_STATE, "", result_type=ClaimState)
    kept = {
        "workflow_id": handle.id,
        "story": story,
        "claim": look.claim.model_dump(mode="json"),
        "history": await _history(handle),
    }
    _write(path, kept)


async def _history(handle: WorkflowHandle[object, object]) -> Json:
    return _without_machine((await _readable(handle)).to_json_dict())


async def _readable(handle: WorkflowHandle[object, object]) -> WorkflowHistory:
    """Return the history as without a codec, with its key marks."""
    history = await handle.fetch_history()
    decoded = await decode_history(history.to_json_dict(), load_settings().data_converter)
    return WorkflowHistory.from_json(history.workflow_id, decoded)


def _write(path: Path, kept: Mapping[str, object]) -> None:
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def _report(folder: Path, console: Console) -> None:
    kept = [*folder.glob(f"*{SUFFIX}")]
    size = sum(path.stat().st_size for path in kept)
    console.print(f"{folder}：{len(kept)} 份历史，{size // 1024} KiB")


async def _reached_by_a_new_calendar(city: LocalStack, no: int) -> Case:
    """R6: play a claim whose limits are moved by a published day off, and close it."""
    key = load_or_make_key(city.settings.token_key)

    def token(role: Role, unit: str | None) -> str:
        return issue_token(key, roles=[role], unit=unit or "", name=f"演示{role.value}")

    async def stay(number: str, duration: timedelta) -> None:
        raise AssertionError(f"{number} +{duration}")

    sample = load_sample_claims()[0].model_copy(update={"no": no})
    units = {unit.short: unit.id for unit in load_organisation().units}
    async with httpx.AsyncClient(base_url=city.api_url, trust_env=False, timeout=PATIENCE) as http:
        case = Case(sample, http, tokens=token, forward=stay, unit_ids=units)
        await case.register()
        await case.act("dispatch", Role.OPERATOR, unit=case.unit("枣庄供电公司"), basis="派单目录")
        await until_on_record(case, "limits-fixed", 2)
        off = load_calendar().nth_working_day_after(local_day(case.now), 5)
        news = {
            "request_id": "off",
            "published": f"{local_day(case.now)}",
            "source": "虚构的通知",
            "days_off": [f"{off}"],
        }
        headers = {"Authorization": f"Bearer {token(Role.COORDINATOR, None)}"}
        (await http.post("/calendar/arrangements", json=news, headers=headers)).raise_for_status()
        await until_on_record(case, "limits-recomputed", 1)
        await case.act("withdraw", Role.CALLER, reason="问题已解决", confirmed_by_call=True)
        return case


async def until_on_record(case: Case, kind: str, times: int) -> None:
    """Wait until the journal has this many lines of a kind."""
    await eventually(case.journal, lambda entries: [entry["kind"] for entry in entries].count(kind) >= times)


def _without_machine(value: Json) -> Json:
    """Return the history without this machine's names and paths."""
    cleaned: Json = json.loads(json.dumps(value), object_hook=_hide_machine)
    return cleaned


def _hide_machine(fields: Json) -> Json:
    hidden = {"identity": _IDENTITY, "stackTrace": ""}
    return {name: hidden.get(name, value) for name, value in fields.items()}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HISTORIES / f"v{version('zaoying')}"
    if target.exists():
        sys.exit(f"{target} is there already; a version's histories are made once.")
    asyncio.run(save(target))
