"""§1: what somebody types in the Temporal UI has only fields that its action has. The API has checked all others."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, JsonValue

from claims.model.refusals import RefusalKind, Refused
from claims.text.unknown_fields import fields_of, unknown_field_message, unknown_fields

_SHOWN: Final = 60


def fields_beside(content: object, envelope: type[BaseModel]) -> tuple[str, ...]:
    """The first field, if there is one, that stands beside an envelope's own and would not be read."""
    names = content if isinstance(content, Mapping) else ()
    known = envelope.model_fields.keys() - {"beside"}
    return tuple(str(name)[:_SHOWN] for name in names if name not in known)[:1]


def require_known_fields(body: JsonValue, model: type[BaseModel], beside: tuple[str, ...] = ()) -> None:
    """Raises `Refused` for the first field that the action does not have, with the nearest one that it has."""
    fields, given = fields_of(model), body if isinstance(body, Mapping) else {}
    for name in beside:
        inside = f"{name} 应写在 body 里面"
        reason = inside if name in fields else unknown_field_message(name, given, fields, noun="字段")
        raise _refused(reason)
    found = next(unknown_fields(body, fields), None)
    if found is not None:
        raise _refused(found[1])


def _refused(reason: str) -> Refused:
    return Refused("§1", reason, "请改正后重新发送信号", kind=RefusalKind.INCOMPLETE)
