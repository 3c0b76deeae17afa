"""Checks that no run is missing of workflows that continue in new runs (units' accounts)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from audit.histories.parsing import Run
from audit.histories.sources import Sources
from audit.problems import SourceUnavailable


async def gaps(sources: Sources, runs: Sequence[Run], archived: AbstractSet[str]) -> list[tuple[str, str]]:
    """Return workflow id and message for each missing run before or after an archived one. The open run is on
    the server, not in the archive.
    """
    found = [
        (run.workflow_id, f"归档中缺少此前的运行 {run.continued_from}")
        for run in runs
        if run.continued_from and run.continued_from not in archived
    ]
    for run in runs:
        if run.next_run and run.next_run not in archived:
            found += await _unless_on_server(sources, run)
    return found


async def _unless_on_server(sources: Sources, run: Run) -> list[tuple[str, str]]:
    try:
        if await sources.on_server(run.workflow_id) is not None:
            return []
    except SourceUnavailable:
        return [(run.workflow_id, f"其后的运行 {run.next_run} 不在归档中，服务器没有应答")]
    return [(run.workflow_id, f"其后的运行 {run.next_run} 既不在归档中，也不在服务器上")]
