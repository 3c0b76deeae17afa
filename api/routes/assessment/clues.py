"""`/clues`: for inspectors alone (R64). Not in the API's documents, and 404 for everybody else."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Body, Path
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api.http.dependencies import Caller, Used
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import GuardedRoute, guarded_router
from api.schemas.pending import pending_answer
from assessment.cases.model import CaseBody
from assessment.clues.model import CLUE_BODIES, ClueAction, RecordClue
from claims.model.values import Actor
from service_layer.assessment import clues


class HiddenRoute(GuardedRoute):
    """For everybody but inspectors there is no such address, whatever they send."""

    def admit(self, actor: Actor) -> None:
        """Raises NOT_FOUND."""
        clues.require_inspector(actor)


router = guarded_router("线索", HiddenRoute)
ClueId = Annotated[str, Path(description="线索编号", pattern=r"^[0-9a-f]{1,32}$")]


def _answer(view: BaseModel | None, request_id: str, status: int = 200) -> Response:
    if view is not None:
        return JSONResponse(view.model_dump(mode="json"), status)
    return pending_answer("/clues", request_id)


@router.get("/clues", include_in_schema=False)
async def list_clues(services: Used, actor: Caller) -> clues.ClueList:
    """Return all clues."""
    return await clues.list_clues(services, actor)


@router.post("/clues", include_in_schema=False)
async def record_clue(
    body: Annotated[RecordClue, KnownFieldsOnly(), Body()], services: Used, actor: Caller
) -> Response:
    """Record a clue."""
    return _answer(await clues.record_clue(services, body, actor), body.request_id, 201)


@router.get("/clues/{clue}", include_in_schema=False)
async def read_clue(clue: ClueId, services: Used, actor: Caller) -> clues.ClueView:
    """Return one clue."""
    return await clues.read_clue(services, clue, actor)


def _endpoint(action: ClueAction, body_type: type[CaseBody]) -> Callable[..., Awaitable[Response]]:
    async def act(clue: ClueId, body: CaseBody, services: Used, actor: Caller) -> Response:
        return _answer(await clues.act_on_clue(services, clue, action, body, actor), body.request_id)

    act.__annotations__["body"] = Annotated[body_type, KnownFieldsOnly(), Body()]
    return act


for _action, _body_type in CLUE_BODIES.items():
    if _action is not ClueAction.RECORD:
        router.add_api_route(
            f"/clues/{{clue}}/{_action.value}",
            _endpoint(_action, _body_type),
            methods=["POST"],
            operation_id=f"clue_{_action.value}",
            include_in_schema=False,
        )


async def nothing_else() -> None:
    """Another address or method. Raises NOT_FOUND."""
    raise clues.no_such_address()


for _path in ("/clues", "/clues/{rest:path}"):
    router.add_api_route(
        _path,
        nothing_else,
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        operation_id=f"no_clue_{len(_path)}",
        include_in_schema=False,
    )
