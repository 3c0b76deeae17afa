"""Signals to cases that somebody types in the Temporal UI with a field that their action does not have (§1)."""

import uuid
from collections.abc import Iterator

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle

from assessment.cases.model import CaseEntry, CaseKind
from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from records.cases.reader import case_journal
from records.database.engine import Records, open_records
from runtime.settings import load_settings
from tests.support.payload_keys import converter
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Stage
from workflows.cases.case_runner import CaseOpening

pytestmark = pytest.mark.rule("§1")
WORKFLOWS = {
    CaseKind.CLUE: "Clue",
    CaseKind.EXCLUSION: "Exclusion",
    CaseKind.MEETING: "Meeting",
    CaseKind.ASSESSMENT: "Assessment",
}

DECISION = {"application": "QH1-1", "approve": True, "text": "同意"}


@pytest.fixture
def records(records_url: str) -> Iterator[Records]:
    """Records that can hold a clue."""
    with open_records(records_url, load_settings().clue_cipher) as opened:
        yield opened


async def begin(stage: Stage, kind: CaseKind) -> WorkflowHandle[object, object]:
    """A case on which nobody has acted yet."""
    number = uuid.uuid4().int % 10**6
    id = f"{2027 + number % 50}-01" if kind is CaseKind.ASSESSMENT else f"QH202611{number:06}"
    return await stage.client.start_workflow(
        WORKFLOWS[kind], CaseOpening(id=id), id=f"{kind}-{id}", task_queue=stage.task_queue
    )


async def type_in(
    stranger: Client, case: WorkflowHandle[object, object], signal: str, *typed: object
) -> None:
    await stranger.get_workflow_handle(case.id).signal(signal, args=typed)


async def refusals(stage: Stage, case: WorkflowHandle[object, object]) -> list[CaseEntry]:
    """What its journal says of refused signals, once it says something."""
    kind, _, id = case.id.partition("-")

    async def written() -> list[CaseEntry]:
        lines = case_journal(stage.records, CaseKind(kind), id)
        return [line for line in lines if line.kind == EventKind.REFUSED]

    return await eventually(written, bool)


@pytest.mark.parametrize(
    ("kind", "signal", "typed", "said"),
    [
        (
            CaseKind.CLUE,
            "record",
            {"found_at": "2026-11-24T09:00:00+08:00", "text": "推诿", "palce": "大厅"},
            "没有名为 palce 的字段，是否想填 place？",
        ),
        (
            CaseKind.EXCLUSION,
            "decide_exclusion",
            {"aplication": "QH1-1", "approve": True, "text": "同意"},
            "没有名为 aplication 的字段，是否想填 application？",
        ),
        (
            CaseKind.MEETING,
            "record_minutes",
            {
                "held_at": "2026-11-24T09:00:00+08:00",
                "host": "主持人",
                "summary": "纪要",
                "decisions": [{"text": "落实", "unit": "ZZ-GD", "untill": "2026-12-01"}],
            },
            "没有名为 untill 的字段，是否想填 until？",
        ),
        (
            CaseKind.ASSESSMENT,
            "correct",
            {"body": {"reason": "有误"}, "request_id": "r1"},
            "request_id 应写在 body 里面",
        ),
        (
            CaseKind.ASSESSMENT,
            "give_organisation_points",
            {"body": {"unit": "ZZ-GD", "points": "9"}, "raeson": "有序"},
            "没有名为 raeson 的字段，是否想填 reason？",
        ),
    ],
)
async def test_a_typed_field_that_the_action_does_not_have_is_refused_and_the_nearest_is_named(
    stage: Stage, stranger: Client, kind: CaseKind, signal: str, typed: dict[str, object], said: str
) -> None:
    case = await begin(stage, kind)
    await type_in(stranger, case, signal, typed)
    [refused] = await refusals(stage, case)
    assert refused.text == f"不予办理：{said}"
    assert refused.rules == ("§1",)
    assert refused.actor is not None
    assert refused.actor.sub == "console"


@pytest.mark.parametrize("typed", [DECISION, {"body": DECISION, "actor": {"sub": "x"}}])
async def test_a_signal_of_known_fields_is_judged_as_before(
    stage: Stage, stranger: Client, typed: dict[str, object]
) -> None:
    case = await begin(stage, CaseKind.EXCLUSION)
    await type_in(stranger, case, "decide_exclusion", typed)
    [refused] = await refusals(stage, case)
    assert refused.text == "不予办理：您的身份不能核定剔除申请"


@pytest.mark.rule("R7", "R70")
async def test_a_case_of_before_replays_to_the_same_refusal(stage: Stage, stranger: Client) -> None:
    case = await begin(stage, CaseKind.EXCLUSION)
    with pytest.MonkeyPatch.context() as before:
        before.setattr(workflow, "patched", lambda _: False)
        await type_in(stranger, case, "decide_exclusion", {"aplication": "QH1-1"})
        [line] = await refusals(stage, case)
    assert line.text == "不予办理：您的身份不能核定剔除申请"
    replayed = await replay_run(await case.fetch_history(), converter())
    [record] = replayed.cases
    assert record.entries == (line,)


async def test_a_typed_signal_with_a_used_id_and_other_content_is_noted_once(
    stage: Stage, stranger: Client
) -> None:
    case = await begin(stage, CaseKind.EXCLUSION)
    for text in ("同意", "同意", "另一意见"):
        await type_in(stranger, case, "decide_exclusion", {**DECISION, "request_id": "used", "text": text})

    async def both() -> list[CaseEntry]:
        return await refusals(stage, case)

    found = await eventually(both, lambda lines: len(lines) == 2)
    assert [line.text for line in found] == [
        "不予办理：您的身份不能核定剔除申请",
        "请求编号“used”已用于其他操作，本次操作未办理",
    ]
