"""The histories for a release check: kept ones of earlier versions, and those of open workflows."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from audit.histories.parsing import read_history
from audit.problems import AuditProblem, HistoryCorrupt
from audit.release.check import Subject
from runtime.data_converter import DATA_CONVERTER, encode_history, keys_of

_TYPES: Final = ("Claim", "Unit", "CalendarUpdate", "EditionUpdate", "ArchiveSweep", "FailingActivities")
_OPEN: Final = "ExecutionStatus = 'Running' AND WorkflowType IN ({})".format(
    ", ".join(f"'{name}'" for name in _TYPES)
)
_SUFFIX: Final = ".json.gz"


async def kept_histories(folder: Path, converter: DataConverter = DATA_CONVERTER) -> AsyncIterator[Subject]:
    """Yield every kept history in a folder and its subfolders, by name. They are stored unencrypted with
    their key marks, and are converted as if decrypted.
    """
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        history = read_kept(path)
        if isinstance(history, WorkflowHistory) and keys_of(converter) is not None:
            content = await encode_history(history.to_json_dict(), converter)
            history = WorkflowHistory.from_json(history.workflow_id, content)
        yield Subject(str(path.relative_to(folder)), history)


def read_kept(path: Path) -> WorkflowHistory | AuditProblem:
    """Return a kept history from its own file or from one that contains more; or the problem if there is none."""
    name = path.name.removesuffix(_SUFFIX)
    try:
        kept = json.loads(gzip.decompress(path.read_bytes()))
        history = kept.get("history", kept)
        return read_history(str(kept.get("workflow_id", name)), json.dumps(history))
    except AuditProblem as problem:
        return problem
    except (OSError, EOFError, zlib.error, ValueError, AttributeError) as error:
        return HistoryCorrupt(f"{name} 不是历史文件（{error}）")


async def open_workflows(client: Client) -> AsyncIterator[Subject]:
    """Yield the history of every open workflow, skipping those deleted meanwhile. Raises RPCError."""
    async for found in client.list_workflows(_OPEN, page_size=500):
        handle = client.get_workflow_handle(found.id, run_id=found.run_id)
        try:
            yield Subject(found.id, await handle.fetch_history())
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
