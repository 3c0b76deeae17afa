"""Clues (R64): for inspectors alone. For everybody else there is no such thing, whatever the id."""

from pydantic import BaseModel, Field

from activities.workflow_ids import clue_workflow_id
from assessment.cases.model import CaseBody
from assessment.clues.model import CLUE_STAGES, READERS, ClueAction, ClueStage, ClueState
from claims.model.messages.envelopes import digest
from claims.model.values import Actor
from records.cases.clues import clue_state, clue_states
from runtime.data_converter import keys_of
from runtime.payloads.origin import PayloadOrigin
from service_layer.assessment.cases import Act, case_snapshot, envelope_of, perform
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from workflows.cases.case_runner import CaseOpening
from workflows.cases.clue import CLUE


class ClueView(BaseModel):
    """A clue as inspectors see it."""

    clue: ClueState
    stage_name: str


class ClueList(BaseModel):
    """All clues, the newest first."""

    clues: list[ClueView] = Field(description="线索")


def require_inspector(actor: Actor) -> None:
    """Raises NOT_FOUND for everybody else: that there are clues is not theirs to know."""
    if not actor.has(*READERS):
        raise no_such_address()


def no_such_address() -> ServiceError:
    """Return the API's message for an unknown address."""
    return ServiceError(ErrorKind.NOT_FOUND, "没有这个地址，请核对请求路径")


def _require_access(services: Services, actor: Actor) -> None:
    """Clues are encrypted under a key of their own, which an API that inspectors do not use need not have. Raises NOT_FOUND,
    UNAVAILABLE."""
    require_inspector(actor)
    keys = keys_of(services.settings.data_converter)
    if keys is not None and PayloadOrigin.CLUE not in keys.active:
        raise ServiceError(
            ErrorKind.UNAVAILABLE,
            "本接口的密钥文件没有线索的密钥（[active] clue），不能办理线索",
            rule="R64",
            instead="请使用有此密钥的接口；或由系统管理员放入密钥（尚无的，运行 zaoying keys new、keys activate）后重新启动",
        )


def clue_id(request_id: str, actor: Actor) -> str:
    """Return the id of the clue that a request records; the same for each repetition."""
    return digest([actor.sub, request_id])[:16]


async def record_clue(services: Services, body: CaseBody, actor: Actor) -> ClueView | None:
    """Record a clue, once for each request id; None: not known yet. Raises ServiceError."""
    _require_access(services, actor)
    id = clue_id(body.request_id, actor)
    act = Act(clue_workflow_id(id), ClueAction.RECORD, envelope_of(services, body, actor))

    async def send() -> None:
        await services.temporal.start_case(CLUE, CaseOpening(id=id), id=act.workflow_id, summary="")
        await services.temporal.signal_case(act.workflow_id, act.signal, act.envelope)

    snapshot = await perform(services, act, send, lambda: _no_clue(id))
    return _view(ClueState.model_validate(snapshot.state)) if snapshot else None


async def act_on_clue(
    services: Services, id: str, action: ClueAction, body: CaseBody, actor: Actor
) -> ClueView | None:
    """Perform an act on a clue; return None while its outcome is not known. Raises ServiceError."""
    _require_access(services, actor)
    act = Act(clue_workflow_id(id), action, envelope_of(services, body, actor))

    async def send() -> None:
        await services.temporal.signal_case(act.workflow_id, act.signal, act.envelope)

    snapshot = await perform(services, act, send, lambda: _no_clue(id))
    return _view(ClueState.model_validate(snapshot.state)) if snapshot else None


async def read_clue(services: Services, id: str, actor: Actor) -> ClueView:
    """Return a clue. Raises NOT_FOUND, RecordsUnavailable."""
    _require_access(services, actor)
    snapshot = await case_snapshot(services, clue_workflow_id(id))
    state = (
        ClueState.model_validate(snapshot.state) if snapshot else await services.records.run(clue_state, id)
    )
    if state is None or state.stage is ClueStage.NEW:
        raise _no_clue(id)
    return _view(state)


async def list_clues(services: Services, actor: Actor) -> ClueList:
    """Return all of them. Raises NOT_FOUND, RecordsUnavailable."""
    _require_access(services, actor)
    found = await services.records.run(clue_states)
    newest_first = sorted(found, key=lambda one: (one.found_at is not None, one.found_at), reverse=True)
    return ClueList(clues=[_view(state) for state in newest_first if state.stage is not ClueStage.NEW])


def _no_clue(id: str) -> ServiceError:
    detail = f"没有编号为{id[:40]}的线索，或已办结"
    return ServiceError(ErrorKind.NOT_FOUND, detail, rule="R64", instead="请核对线索编号")


def _view(state: ClueState) -> ClueView:
    return ClueView(clue=state, stage_name=CLUE_STAGES[state.stage])
