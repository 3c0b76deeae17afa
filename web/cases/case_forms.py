"""Forms of acts on periods, units and cases: filled in, sent once, and shown again with what was typed where they are refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from api.http.problems import problem_of
from records.errors import RecordsUnavailable
from service_layer.errors import ServiceError, unavailable
from web.claims.form_fields import FormField, body_of, typed
from web.claims.form_submission import Refusal, id_after, invalid_fields
from web.http.forms import Tree, text

Adapt = Callable[[FormData, Tree], None]
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CaseForm:
    """A form as it is shown: of which act, what was typed, why it was refused. `note`: what to know before it is sent."""

    action: str
    title: str
    fields: Sequence[FormField]
    note: str = ""
    request_id: str = field(default_factory=lambda: f"web-{uuid4().hex}")
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it."""
        return self.refusal.problem.kind.status if self.refusal else HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Sent:
    """An act that was taken. `is_known`: its outcome is known."""

    request_id: str
    is_known: bool


async def submit(
    request: Request,
    form_shown: CaseForm,
    body_type: type[Body],
    act: Callable[[Body], Awaitable[object]],
    adapt: Adapt | None = None,
) -> Sent | CaseForm:
    """Perform a form's act. `act` gives None while the outcome is not known; `adapt` turns what was typed into the body's own
    form where they differ."""
    form = await request.form()
    request_id = text(form, "request_id")[:100] or form_shown.request_id
    try:
        body = body_of(form_shown.fields, form, {}) | {"request_id": request_id}
        if adapt:
            adapt(form, body)
        done = await act(body_type.model_validate(body))
    except ValidationError as error:
        refusal = invalid_fields(error, form_shown.fields)
    except ServiceError as error:
        refusal = Refusal(problem_of(error))
    except RecordsUnavailable:
        refusal = Refusal(problem_of(unavailable("台账数据库暂时没有应答，没有办理；填写的内容仍在本页")))
    else:
        return Sent(request_id, done is not None)
    return replace(form_shown, request_id=id_after(refusal, request_id), values=typed(form), refusal=refusal)
