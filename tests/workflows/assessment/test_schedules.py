"""The schedules that start assessments: visible, with overlap and catch-up policies; a period is started once
(R62).
"""

import asyncio
from datetime import timedelta
from functools import partial
from operator import le

import pytest
from temporalio.client import ScheduleOverlapPolicy

from activities.workflow_ids import assessment_workflow_id
from assessment.periods import PeriodKind, last_ended
from service_layer.clock import now
from tests.support.polling import eventually, until
from tests.support.workflows.claim_play import Stage
from workflows.cases.assessment_schedule import ASSESSMENT_START, keep_assessment_schedules, schedule_id


@pytest.mark.rule("R62")
async def test_each_kind_of_period_has_a_schedule_that_is_kept_and_stays_paused(own_stage: Stage) -> None:
    client = own_stage.client
    await keep_assessment_schedules(client, own_stage.task_queue)
    paused = client.get_schedule_handle(schedule_id(PeriodKind.YEAR))
    await paused.pause(note="测试")
    await keep_assessment_schedules(client, own_stage.task_queue)
    for kind in PeriodKind:
        found = (await client.get_schedule_handle(schedule_id(kind)).describe()).schedule
        assert found.policy.overlap is ScheduleOverlapPolicy.ALLOW_ALL
        assert found.policy.catchup_window == timedelta(days=60)
        assert found.spec.time_zone_name == "Asia/Shanghai"
        assert found.state.paused is (kind is PeriodKind.YEAR)


@pytest.mark.rule("R62")
async def test_a_period_is_started_once_however_often_its_schedule_fires(own_stage: Stage) -> None:
    client = own_stage.client
    await keep_assessment_schedules(client, own_stage.task_queue)
    month = client.get_schedule_handle(schedule_id(PeriodKind.MONTH))
    period = str(last_ended(PeriodKind.MONTH, now()))

    async def starts() -> int:
        query = f'WorkflowType = "{ASSESSMENT_START}" AND ExecutionStatus = "Completed"'
        return (await client.count_workflows(query)).count

    for times in (1, 2):
        await month.trigger()
        await eventually(starts, partial(le, times))
        await asyncio.sleep(1.1)  # workflow ids from a schedule end with the second
    handle = client.get_workflow_handle(assessment_workflow_id(period))

    async def is_drafted() -> bool:
        details = await handle.query("look", "")
        return bool(details["state"]["draft"])

    await until(is_drafted)
    runs = [run async for run in client.list_workflows('WorkflowType = "Assessment"')]
    assert [run.id for run in runs] == [assessment_workflow_id(period)]
