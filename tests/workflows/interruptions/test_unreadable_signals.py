"""Signals that nobody can read, or that would take longer to read than a worker gives a task: the workflow notes them and
goes on."""

import asyncio
import uuid
from secrets import token_urlsafe
from typing import Final

import pytest
from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from assessment.cases.model import CaseKind, CaseSnapshot
from claims.model.events import EventKind
from claims.model.terms import Action
from records.cases.reader import case_journal
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import HANDLER
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.unit_play import Account, report
from workflows.cases.case_runner import QUERY_STATE, CaseOpening
from workflows.incoming.message_contents import LONGEST_ID, MOST_SIGNALS

pytestmark = pytest.mark.rule("R10")

ODD_ACTORS: Final[tuple[JsonValue, ...]] = (
    {"sub": "x", "roles": [[]]},
    {"sub": "x", "roles": [{}]},
    {"sub": "x", "channel": []},
    {"sub": "x", "channel": {}},
)
AT_ONCE: Final = 16
UNKNOWN: Final = (
    RawValue(Payload(metadata={"encoding": b"binary/unknown"}, data=b"x")),
    RawValue(Payload(metadata={"encoding": b"binary/unknown"})),
)
"""Encodings that nobody can read, with data and without."""

BRACKETS: Final = ("[" * 150 + "]" * 150 + ",") * 800 + "0"
"""240 kB of lists in lists."""
OBJECTS: Final = "{}," * 80_000 + "0"
"""240 kB of objects side by side."""


def heavy(field: str, items: str) -> RawValue:
    """Return a body with many values in one field, as JSON that nothing has to encode."""
    data = f'{{"body": {{"{field}": [{items}]}}, "action": "revoke-light"}}'.encode()
    return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data))


def with_long_id() -> dict[str, JsonValue]:
    """Return a body whose request id nothing could compress: outcomes are kept by it."""
    return {"request_id": token_urlsafe(15_000), "reason": "x"}


async def type_in(stranger: Client, id: str, signal: str, *typed: object) -> None:
    handle = stranger.get_workflow_handle(id)
    await asyncio.gather(*(handle.signal(signal, one) for one in typed))


async def refused(play: Play) -> list[str]:
    return [entry.text for entry in await play.entries(EventKind.REFUSED)]


async def test_an_actor_of_other_types_stops_no_claim(stage: Stage, stranger: Client) -> None:
    play = await (await stage.register()).dispatched()
    sent: list[JsonValue] = [{"actor": actor, "body": {"text": "催"}} for actor in ODD_ACTORS]
    await type_in(stranger, play.handle.id, "remind", *sent)
    await play.must(Action.PROGRESS, HANDLER)
    assert len(await refused(play)) == len(ODD_ACTORS)


@pytest.mark.parametrize("items", [BRACKETS, OBJECTS], ids=["brackets", "objects"])
async def test_a_dozen_heavy_signals_stop_no_claim(stage: Stage, stranger: Client, items: str) -> None:
    play = await (await stage.register()).dispatched()
    await type_in(stranger, play.handle.id, "dispatch", *[heavy("basis", items)] * AT_ONCE)
    await play.must(Action.PROGRESS, HANDLER)
    assert await refused(play) == ["信号“dispatch”的内容无法读取，工单未变"] * AT_ONCE


async def test_an_encoding_that_nobody_knows_is_no_empty_act(stage: Stage, stranger: Client) -> None:
    play = await (await stage.register()).dispatched()
    await type_in(stranger, play.handle.id, "sign_for", *UNKNOWN)
    await play.must(Action.PROGRESS, HANDLER)
    assert await refused(play) == ["信号“sign_for”的内容无法读取，工单未变"] * len(UNKNOWN)


async def test_an_id_longer_than_ids_are_is_kept_nowhere(stage: Stage, stranger: Client) -> None:
    play = await (await stage.register()).dispatched()
    await type_in(stranger, play.handle.id, "approve_extension", *[with_long_id() for _ in range(3)])
    await play.must(Action.PROGRESS, HANDLER)
    assert await refused(play) == ["信号“approve_extension”的内容无法读取，工单未变"] * 3
    assert all(len(entry.request_id) <= LONGEST_ID for entry in await play.entries(EventKind.REFUSED))


async def test_long_ids_keep_no_account_from_its_next_run(stage: Stage, stranger: Client) -> None:
    """What a run hands to the next has to fit into a payload."""
    account = await lit(stage, "ZZ-LONG-IDS")
    first = await account.handle.describe()
    acts = [{"action": "revoke-light", "body": with_long_id()} for _ in range(MOST_SIGNALS)]
    await type_in(stranger, account.handle.id, "act", *acts)

    async def run_id() -> str:
        return (await account.handle.describe()).run_id

    await eventually(run_id, lambda id: id != first.run_id)


async def lit(stage: Stage, unit: str) -> Account:
    """Return an account with one light."""
    await report(stage.client, stage.task_queue, light("Mon 2026-11-16").model_copy(update={"unit": unit}))
    account = Account(stage, unit)
    await account.with_a_light()
    return account


async def test_they_stop_no_account(stage: Stage, stranger: Client) -> None:
    account = await lit(stage, "ZZ-HEAVY")
    odd = [{"action": "revoke-light", "actor": actor, "body": {}} for actor in ODD_ACTORS]
    await type_in(stranger, account.handle.id, "act", *odd, *[heavy("light", BRACKETS)] * AT_ONCE)
    second = light("Tue 2026-11-17", "QH202611170097").model_copy(update={"unit": account.unit})
    await report(stage.client, stage.task_queue, second)

    async def lights() -> int:
        return len((await account.look()).account.lights)

    await eventually(lights, lambda count: count == 2)


async def test_they_stop_no_case(stage: Stage, stranger: Client) -> None:
    id = f"{CaseKind.MEETING}-{uuid.uuid4().hex[:8]}"
    opening = CaseOpening(id=id.partition("-")[2])
    case = await stage.client.start_workflow("Meeting", opening, id=id, task_queue=stage.task_queue)
    odd = [{"actor": actor, "body": {}} for actor in ODD_ACTORS]
    await type_in(stranger, id, "convene", *odd, *[heavy("place", BRACKETS)] * AT_ONCE, *UNKNOWN)

    async def lines() -> list[str]:
        snapshot = await case.query(QUERY_STATE, result_type=CaseSnapshot)
        journal = case_journal(stage.records, CaseKind.MEETING, opening.id) if snapshot.state else []
        return [entry.text for entry in journal]

    written = await eventually(lines, lambda texts: len(texts) == len(odd) + AT_ONCE + len(UNKNOWN))
    unreadable = "信号“convene”不认识，或其内容无法读取"
    assert written.count(unreadable) == AT_ONCE + len(UNKNOWN)
