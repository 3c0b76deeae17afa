"""Closed claims for sweeps into an archive, on the real server."""

from datetime import timedelta
from pathlib import Path

from activities.archive.closed_executions import closed_runs_query, list_runs
from activities.archive.sweep import USUAL, Pace, Sweeper
from claims.model.terms import Action, Role
from service_layer.clock import now
from tests.support.claims.people import COORDINATOR
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Play, Stage

RETENTION = timedelta(days=7)
OPERATOR = COORDINATOR.model_copy(update={"roles": (Role.OPERATOR,)})


async def closed_claim(stage: Stage) -> Play:
    play = await stage.register()
    await play.must(Action.DECLINE, OPERATOR)
    await play.handle.result()
    return play


async def visible(stage: Stage, *plays: Play) -> None:
    """Wait until the server's visibility store shows them as closed."""
    wanted = {play.handle.id for play in plays}
    await eventually(
        lambda: list_runs(stage.client, closed_runs_query()),
        lambda runs: wanted <= {run.workflow_id for run in runs},
    )


def sweeper_of(stage: Stage, folder: Path, pace: Pace = USUAL) -> Sweeper:
    return Sweeper(stage.client, stage.records, str(folder), clock=now, code_version="0.1.0", pace=pace)
