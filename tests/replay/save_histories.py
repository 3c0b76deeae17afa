"""Keep the sample claims' histories as this version makes them: `python -m tests.replay.save_histories`.

Run once for a release, before its tag; what an earlier version has left is never made anew, since it
stands for the claims that are under way in the city.
"""

import asyncio
import gzip
import json
import sys
import tempfile
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import httpx
from rich.console import Console

from activities.workflow_ids import workflow_id
from calendar_rules import local_day
from calendar_rules.loading import load_calendar
from claims.model.terms import Role
from data import load_organisation, load_sample_claims
from demo.case import Case, Json
from demo.run import tell_all
from runtime.connection import connect
from runtime.local_stack import LocalStack
from runtime.settings import load_settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.polling import PATIENCE, eventually
from workflows.messages import QUERY_STATE, ClaimState

HISTORIES = Path(__file__).parent / "histories"
_IDENTITY = "worker@zaoying"


async def save(folder: Path) -> None:
    """Tell all stories and write down each history with the claim that it has to lead to."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings().model_copy(
            update={"home": Path(home), "virtual_time": True, "api_port": 0, "temporal_port": 0, "ui_port": 0}
        )
        async with LocalStack(settings, say=console.print, keep_server_in_memory=True) as city:
            told, broken = await tell_all(city, console)
            if broken:
                raise SystemExit("\n".join(broken))
            client = await connect(city.settings)
            folder.mkdir(parents=True)
            retimed = await _reached_by_a_new_calendar(city, len(told) + 1)
            for case, name in [*((case, story.name) for case, story, _ in told), (retimed, "日历更新")]:
                handle = client.get_workflow_handle(workflow_id(case.number))
                look: ClaimState = await handle.query(QUERY_STATE, "", result_type=ClaimState)
                history = _without_machine((await handle.fetch_history()).to_json_dict())
                kept = {
                    "workflow_id": handle.id,
                    "story": name,
                    "claim": look.claim.model_dump(mode="json"),
                    "history": history,
                }
                text = json.dumps(kept, ensure_ascii=False)
                _file(folder, case).write_bytes(gzip.compress(text.encode(), mtime=0))


async def _reached_by_a_new_calendar(city: LocalStack, no: int) -> Case:
    """R6: a claim whose limits a published day off moves, and which then ends."""
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
    """Wait until the journal has so many lines of a kind."""
    await eventually(case.journal, lambda entries: [entry["kind"] for entry in entries].count(kind) >= times)


def _file(folder: Path, case: Case) -> Path:
    return folder / f"claim-{case.sample.no:02}.json.gz"


def _without_machine(value: Json) -> Json:
    """The same history without the names and paths of the machine that made it."""
    cleaned: Json = json.loads(json.dumps(value), object_hook=_hide_machine)
    return cleaned


def _hide_machine(fields: Json) -> Json:
    hidden = {"identity": _IDENTITY, "stackTrace": ""}
    return {name: hidden.get(name, value) for name, value in fields.items()}


if __name__ == "__main__":
    target = HISTORIES / f"v{version('zaoying')}"
    if target.exists():
        sys.exit(f"{target} is there already; a version's histories are made once.")
    asyncio.run(save(target))
