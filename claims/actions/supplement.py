"""Supplements of an enterprise to its claim (R46), including a missing credit code (§1)."""

import re
from typing import Final

from claims.actions.platform import notify_unit
from claims.lifecycle import CONFIRMS_WITHDRAWAL
from claims.model.events import EventKind
from claims.model.messages import action_bodies as act
from claims.model.refusals import RefusalKind, Refused
from claims.transition import Transition

_CODE: Final = re.compile(r"[0-9A-Z]{18}")


def supplement(transition: Transition, body: act.Supplement) -> None:
    """R46: pass new facts to the unit; no limit starts again."""
    order = transition.claim.order
    adds_code = body.credit_code not in ("", order.credit_code)
    if adds_code:
        _check_code(transition, body.credit_code)
        transition.claim.order = order.model_copy(update={"credit_code": body.credit_code})
    transition.claim.supplements += 1
    code = "；补填了统一社会信用代码" if adds_code else ""
    entry = transition.write(EventKind.SUPPLEMENTED, "R46", text=f"企业补充：{body.text}{code}")
    notify_unit(transition, entry)


def _check_code(transition: Transition, code: str) -> None:
    """§1: the code can be recorded once, by staff who speak with the enterprise or by the enterprise itself."""
    if transition.claim.order.credit_code:
        raise Refused("§1", "工单已有另一统一社会信用代码，不能改填", "请核对代码；属另一企业的，请另行登记")
    if not _CODE.fullmatch(code):
        raise Refused("§1", "不是统一社会信用代码", "请填写18位代码", kind=RefusalKind.INCOMPLETE)
    actor = transition.actor
    if actor is not None and not actor.has(*CONFIRMS_WITHDRAWAL) and actor.credit_code != code:
        raise Refused(
            "§1", "统一社会信用代码与登录企业不符", "请填写本企业的代码", kind=RefusalKind.INCOMPLETE
        )
