"""A flooded claim gets its lights on time and can be closed (R46)."""

from datetime import timedelta
from random import Random
from typing import Final

import pytest
from temporalio.client import WorkflowExecutionStatus

from claims.model.terms import Stage
from runtime.connection import connect
from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk, limits
from tests.support.api.hostile_people import EVERYWHERE, FULFILLING, TOO_LARGE, FloodedClaim
from tests.support.hypothesis_profile import EFFORT

CLAIM_TRACES: Final = 1 if EFFORT == 1 else EFFORT // 5
TIMES: Final = 2 if EFFORT == 1 else 25
PEOPLE: Final = 1 if EFFORT == 1 else 3
LARGEST_HISTORY: Final = 5_000_000
MOST_EVENTS: Final = 20_000


@pytest.mark.rule("R46", "R31", "R32")
@pytest.mark.parametrize("life", range(CLAIM_TRACES))
async def test_a_claim_that_everybody_floods_gets_its_lights_and_comes_to_its_end(
    city: LocalStack, desk: Desk, life: int
) -> None:
    claim = FloodedClaim(desk, await connect(city.settings), Random(life))
    await claim.register()
    await claim.flood(EVERYWHERE, TIMES, PEOPLE)
    await claim.signal_nonsense()
    await claim.advance()
    due = limits(await desk.view(claim.number))
    await claim.flood(EVERYWHERE, TIMES, PEOPLE)
    await claim.update_nonsense()
    await claim.forward(timedelta(days=6))
    lights = await claim.lights()
    assert lights["contact", "yellow"] == due["contact"][0]
    assert lights["reply", "yellow"] == due["reply"][0]
    assert ("contact", "red") in lights
    await claim.flood((*EVERYWHERE, *FULFILLING), TIMES, PEOPLE)
    await claim.signal_nonsense((TOO_LARGE,))
    stage = await claim.advance()
    while stage is not Stage.CLOSED:
        await claim.flood(EVERYWHERE, TIMES, PEOPLE)
        stage = await claim.advance()
    await claim.flood(EVERYWHERE, TIMES, PEOPLE)
    await claim.check_that_nothing_is_lost()
    await claim.forward(timedelta(days=60))
    found = await claim.handle.describe()
    assert found.status is WorkflowExecutionStatus.COMPLETED
    about = found.raw_description.workflow_execution_info
    assert about.history_size_bytes <= LARGEST_HISTORY + 1_000_000  # raw signals of half a megabyte
    assert about.history_length <= MOST_EVENTS


@pytest.mark.rule("R46")
async def test_a_claim_that_has_had_all_its_signals_goes_on_by_updates(city: LocalStack, desk: Desk) -> None:
    claim = FloodedClaim(desk, await connect(city.settings), Random(1))
    await claim.register()
    await claim.advance()
    assert await claim.exhaust_signals() <= 150
    await claim.flood(EVERYWHERE, 1, 1)
    assert claim.told_done
    stage = await claim.advance()
    while stage is not Stage.CLOSED:
        stage = await claim.advance()
    await claim.check_that_nothing_is_lost()
    await claim.forward(timedelta(days=60))
    assert (await claim.handle.describe()).status is WorkflowExecutionStatus.COMPLETED
