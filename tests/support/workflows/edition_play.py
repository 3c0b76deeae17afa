"""Publishes an edition while claims run on the real server, and reads the effects."""

from datetime import timedelta
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter
from temporalio.client import WorkflowHandle

from records.editions import EditionRequest, PublishedEdition, publish_edition
from service_layer.clock import now
from tests.support.claims.editions import raw_edition
from tests.support.claims.people import COORDINATOR
from tests.support.workflows.claim_play import Stage
from workflows.edition_update import EDITION_UPDATE, EditionUpdate, edition_update_id
from workflows.sweeps import Progress

SETTLE: Final = timedelta(milliseconds=300)


def publish(stage: Stage, id: str, **fields: object) -> PublishedEdition:
    """Publish an edition, effective at once by default."""
    given = {**raw_edition(id), "in_force_from": now().isoformat(), **fields}
    raw = TypeAdapter(dict[str, JsonValue]).validate_python(given)
    wish = EditionRequest(request_id=f"r-{id}", raw=raw, document="", actor=COORDINATOR, at=now())
    return publish_edition(stage.records, wish)[0]


async def begin(stage: Stage, published: PublishedEdition) -> WorkflowHandle[object, Progress]:
    """Start its update."""
    return await stage.client.start_workflow(
        EDITION_UPDATE,
        EditionUpdate(edition=published.in_force, settle=SETTLE),
        id=f"{edition_update_id(published.edition.id)}-{stage.task_queue}",
        task_queue=stage.task_queue,
        result_type=Progress,
    )


async def bring(stage: Stage, id: str, **fields: Any) -> Progress:
    """Publish an edition and wait until all open claims have it."""
    return await (await begin(stage, publish(stage, id, **fields))).result()
