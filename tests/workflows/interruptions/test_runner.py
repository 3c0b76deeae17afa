"""Releases are replayed in the SDK's sandbox (ADR 16), and a codec knows a payload's context."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.worker import Replayer, Worker

from runtime.connection import FrontendAddress, connect
from runtime.data_converter import make_data_converter
from runtime.settings import load_settings
from tests.support.workflows.runner_workflows import AsksForAWord, LooksAtAClock, say
from tools.dev_server import DevServer
from workflows.execution.runner import runner_for


def worker_of(client: Client, queue: str) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=[LooksAtAClock, AsksForAWord],
        activities=[say],
        workflow_runner=runner_for(client.data_converter),
    )


async def test_a_replay_in_the_sandbox_finds_what_looks_at_a_clock(client: Client) -> None:
    queue = f"runner-{uuid4().hex}"
    async with worker_of(client, queue):
        handle = await client.start_workflow("LooksAtAClock", id=queue, task_queue=queue)
        await handle.result()
    replayer = Replayer(workflows=[LooksAtAClock], data_converter=client.data_converter)
    with pytest.raises(RuntimeError, match="RestrictedWorkflowAccessError"):
        await replayer.replay_workflow(await handle.fetch_history())


async def test_payloads_go_to_an_activity_and_back(client: Client) -> None:
    queue = f"runner-{uuid4().hex}"
    async with worker_of(client, queue):
        said = await client.execute_workflow(
            "AsksForAWord", "枣", id=queue, task_queue=queue, result_type=str
        )
    assert said == "枣"


class Curious(PayloadCodec, WithSerializationContext):
    """Changes nothing and notes the requests."""

    def __init__(self, seen: list[SerializationContext], mine: SerializationContext | None = None) -> None:
        self._seen = seen
        self._mine = mine

    def with_context(self, context: SerializationContext) -> "Curious":
        return Curious(self._seen, context)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if self._mine is not None:
            self._seen.append(self._mine)
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


async def test_a_codec_is_told_which_activity_a_payload_is_for(server: DevServer) -> None:
    seen: list[SerializationContext] = []
    converter = make_data_converter(Curious(seen))
    client = await connect(FrontendAddress(server.target, load_settings().namespace, converter))
    queue = f"runner-{uuid4().hex}"
    async with worker_of(client, queue):
        said = await client.execute_workflow(
            "AsksForAWord", "枣", id=queue, task_queue=queue, result_type=str
        )
    assert said == "枣"
    activities = [one.activity_type for one in seen if isinstance(one, ActivitySerializationContext)]
    assert "say" in activities
