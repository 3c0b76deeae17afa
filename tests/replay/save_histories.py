"""Keep the sample claims' histories as this version makes them: `python -m tests.replay.save_histories`.

Run once for a release, before its tag; what an earlier version has left is never made anew, since it
stands for the claims that are under way in the city.
"""

import asyncio
import gzip
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from activities.addresses import workflow_id
from demo.case import Case, Json
from demo.run import tell_all
from embedded import Embedded
from settings import load_settings
from worker import connect
from workflows.messages import QUERY_LOOK, Look

HISTORIES = Path(__file__).parent / "histories"
_IDENTITY = "worker@zaoying"


async def save(folder: Path) -> None:
    """Tell all stories and write down each history with the claim that it has to lead to."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings().model_copy(
            update={"home": Path(home), "virtual_time": True, "api_port": 0, "temporal_port": 0, "ui_port": 0}
        )
        async with Embedded(settings, say=console.print, keep_server_in_memory=True) as city:
            told, broken = await tell_all(city, console)
            if broken:
                raise SystemExit("\n".join(broken))
            client = await connect(city.settings)
            folder.mkdir(parents=True)
            for case, story, _ in told:
                handle = client.get_workflow_handle(workflow_id(case.number))
                look: Look = await handle.query(QUERY_LOOK, "", result_type=Look)
                history = _without_machine((await handle.fetch_history()).to_json_dict())
                kept = {
                    "workflow_id": handle.id,
                    "story": story.name,
                    "claim": look.claim.model_dump(mode="json"),
                    "history": history,
                }
                text = json.dumps(kept, ensure_ascii=False)
                _file(folder, case).write_bytes(gzip.compress(text.encode(), mtime=0))


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
