"""Sends actions to a case's workflow and reads their outcomes; the same for periods, exclusions and clues."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from assessment.cases.model import CaseBody, CaseEnvelope, CaseSnapshot
from claims.model.journal import Outcome
from claims.model.values import Actor
from service_layer.clock import now
from service_layer.errors import refused, request_id_reused, unavailable
from service_layer.polling import poll
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable

_SAFE = "流程引擎暂时没有应答；以同一 request_id 重复提交是安全的，只会办理一次"


@dataclass(frozen=True, slots=True)
class Act:
    """An act on its way: which workflow, which action, by whom."""

    workflow_id: str
    action: StrEnum
    envelope: CaseEnvelope

    @property
    def signal(self) -> str:
        """The workflow's signal for it."""
        return self.action.value.replace("-", "_")

    @property
    def request_id(self) -> str:
        """The caller's."""
        return str(self.envelope.body["request_id"])


def envelope_of(
    services: Services, body: CaseBody, actor: Actor, context: dict[str, object] | None = None
) -> CaseEnvelope:
    """Return an act as the workflow takes it; on virtual time its own clock says when it came."""
    received_at = None if services.settings.virtual_time else now()
    content = {"actor": actor, "received_at": received_at, "body": body.model_dump(mode="json")}
    return CaseEnvelope.model_validate({**content, "context": context or {}})


async def perform(
    services: Services, act: Act, send: Callable[[], Awaitable[None]], not_running: Callable[[], Exception]
) -> CaseSnapshot | None:
    """Send an act, once however often it is sent, and wait for its outcome; None where it is not known yet.

    Raises ServiceError where it is refused, or not known to have arrived.
    """
    try:
        await send()
    except NotRunning as error:
        raise not_running() from error
    except (TemporalUnavailable, NoAnswer) as error:
        raise unavailable(_SAFE) from error
    snapshot = await poll(
        lambda left: services.temporal.case_snapshot(act.workflow_id, act.request_id, within=left),
        lambda found: found.outcome is not None,
        within=services.settings.action_timeout,
    )
    if snapshot is None or snapshot.outcome is None:
        return None
    _raise_unless_accepted(snapshot.outcome, act)
    return snapshot


def _raise_unless_accepted(outcome: Outcome, act: Act) -> None:
    if outcome.action != act.action.value:
        raise request_id_reused(outcome.request_id, "其他操作")
    if outcome.fingerprint not in ("", act.envelope.fingerprint(act.action.value)):
        raise request_id_reused(outcome.request_id, "内容不同或他人提交的操作")
    if outcome.status == "refused":
        raise refused(outcome.kind, outcome.reason, rule=outcome.rule, instead=outcome.instead)


async def case_snapshot(services: Services, workflow_id: str, request_id: str = "") -> CaseSnapshot | None:
    """Return the case as its workflow has it; None where it does not answer, or there is none."""
    try:
        return await services.temporal.case_snapshot(workflow_id, request_id)
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return None
