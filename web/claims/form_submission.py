"""Submitting a filled-in form: files first, then the body, then the claim's answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.http.dependencies import actor_of, services_of
from api.http.problems import Problem, problem_of
from api.http.validation_messages import field_errors
from claims.model.messages.action_bodies import BODIES
from claims.model.terms import Action
from records.errors import RecordsUnavailable
from service_layer.attachments.uploads import Upload, keep_upload
from service_layer.claims.claim_actions import ActionResult, perform
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.permissions import is_only_enterprise
from service_layer.worklists.signatures import keep_for_signature
from web.claims.action_forms import fields_of
from web.claims.form_fields import FormField, Kind, body_of, typed
from web.http.forms import Tree, storable, text

_FIELD_OF_RULE: Final[Mapping[str, str]] = {"R14": "unit", "R48": "into", "R12": "article", "R13": "door"}
"""The field that a refusal by a rule is about, where the form has it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not accepted: the problem, and what is wrong field by field."""

    problem: Problem
    by_field: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form as it is shown: of which action, with which request id, what was typed, and why it was refused."""

    action: Action
    request_id: str
    values: Mapping[str, Sequence[str]]
    refusal: Refusal | None = None


def empty_form(action: Action, values: Mapping[str, Sequence[str]] | None = None) -> FilledForm:
    """Return a form that nobody has filled in, with a request id of its own."""
    return FilledForm(action, f"web-{uuid4().hex}", values or {})


async def submit(request: Request, number: str, action: Action) -> ActionResult | FilledForm:
    """Perform the action of a form. A refused form is shown again with its input."""
    services, actor = services_of(request), actor_of(request)
    form = await request.form()
    fields = fields_of(action, actor)
    request_id = text(form, "request_id") or f"web-{uuid4().hex}"
    filed: dict[str, str] = {}
    try:
        filed = await _file_uploads(request, number, fields, form)
        body = body_of(fields, form, filed) | _matters(form) | {"request_id": request_id}
        if action is Action.CALL_BACK and is_only_enterprise(actor):
            body["reached"] = "true"
        return await perform(services, number, action, BODIES[action].model_validate(body), actor)
    except (ValidationError, ServiceError, RecordsUnavailable) as error:
        refusal = _refusal_of(error, fields, "办理")
    return FilledForm(action, id_after(refusal, request_id), _values(form, filed), refusal)


def _refusal_of(error: Exception, fields: Sequence[FormField], what: str) -> Refusal:
    """Return the reason of a refusal; `what` was not done. Raises the ServiceError if the claim does not exist."""
    match error:
        case ValidationError():
            return invalid_fields(error, fields)
        case ServiceError(kind=ErrorKind.NOT_FOUND):
            raise error
        case ServiceError():
            return _refused(error, fields)
        case _:
            text = f"台账数据库暂时没有应答，没有{what}；填写的内容仍在本页"
            return Refusal(problem_of(unavailable(text)))


async def keep_draft(request: Request, number: str, action: Action) -> FilledForm | None:
    """Keep a form's act for the head's signature; the form again where it was not kept."""
    services, actor = services_of(request), actor_of(request)
    form = await request.form()
    fields = [one for one in fields_of(action, actor) if not one.name.startswith("signature.")]
    filed: dict[str, str] = {}
    try:
        filed = await _file_uploads(request, number, fields, form)
        body = body_of(fields, form, filed) | {"request_id": f"web-{uuid4().hex}"}
        await keep_for_signature(services, number, action, BODIES[action].model_validate(body), actor)
    except (ValidationError, ServiceError, RecordsUnavailable) as error:
        refusal = _refusal_of(error, fields, "保存")
    else:
        return None
    return FilledForm(action, f"web-{uuid4().hex}", _values(form, filed), refusal)


def refused_form(action: Action, form: FormData, refusal: Refusal) -> FilledForm:
    """Return the form again with all that was typed."""
    request_id = text(form, "request_id") or f"web-{uuid4().hex}"
    return FilledForm(action, id_after(refusal, request_id), typed(form), refusal)


def id_after(refusal: Refusal, request_id: str) -> str:
    """Return the next request id: a new one after a final refusal, the same one if it is unknown whether the
    request arrived.
    """
    return request_id if refusal.problem.kind.status >= _SERVER_ERROR else f"web-{uuid4().hex}"


_SERVER_ERROR: Final = 500


async def _file_uploads(
    request: Request, number: str, fields: Sequence[FormField], form: FormData
) -> dict[str, str]:
    """Return the ids of the files that came with the form."""
    found: dict[str, str] = {}
    for one in fields:
        given = form.get(f"file:{one.name}") if one.kind is Kind.FILE else None
        if isinstance(given, UploadFile) and given.filename:
            found[one.name] = await keep_file(request, number, given)
    return found


async def keep_file(request: Request, number: str, given: UploadFile) -> str:
    """Keep one file for a claim; its id."""
    services = services_of(request)
    if not given.size:
        raise ServiceError(ErrorKind.INVALID, "文件是空的", instead="请重新选择文件")
    if given.size > services.settings.attachment_limit:
        most = services.settings.attachment_limit // 1024 // 1024
        raise ServiceError(ErrorKind.INVALID, f"文件超过{most} MB", instead="请压缩或分成几份后上传")
    upload = Upload(claim=number, measure="", file_name=given.filename or "", content=given.file)
    kept, _ = await keep_upload(services, upload, actor_of(request))
    return kept.id


def _matters(form: FormData) -> Tree:
    """R49: each filled-in matter of a call."""
    texts = [storable(one).strip() for one in form.getlist("matters") if isinstance(one, str)]
    return {"matters": [{"matter": one} for one in texts if one]} if any(texts) else {}


def _values(form: FormData, filed: Mapping[str, str]) -> dict[str, Sequence[str]]:
    return {**typed(form), **{name: [id] for name, id in filed.items()}}


def invalid_fields(error: ValidationError, fields: Sequence[FormField]) -> Refusal:
    """Return the problem of each field."""
    names = {one.name for one in fields}
    by_field: dict[str, str] = {}
    for one in field_errors([dict(found) for found in error.errors()]):
        name = next(
            (name for name in names if one.field == name or name.startswith(f"{one.field}.")), one.field
        )
        by_field.setdefault(name, "请填写此项" if one.problem == "缺少此项" else one.problem)
    problem = ServiceError(
        ErrorKind.INVALID, "有几项没有填好，尚未提交", instead="请改正标出的各项后重新提交"
    )
    return Refusal(problem_of(problem), by_field)


def _refused(error: ServiceError, fields: Sequence[FormField]) -> Refusal:
    names = {one.name for one in fields}
    by_field = {one.field: one.problem for one in error.fields if one.field in names}
    field_name = _FIELD_OF_RULE.get(error.rule, "")
    if not by_field and field_name in names and error.kind is not ErrorKind.NOT_NOW:
        by_field = {field_name: error.detail}
    return Refusal(problem_of(error), by_field)
