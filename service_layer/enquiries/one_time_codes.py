"""Acting without an account: for a claim's enterprise, by a code that was sent to the claim's phone (R39, R46), and for an
enterprise that reports, by a code to its own (R10)."""

import secrets
from datetime import datetime, timedelta
from typing import Final

import structlog

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Notice
from claims.model.terms import Role
from claims.model.values import Actor
from claims.need_to_know import is_surely_same_enterprise
from claims.text.normalisation import half_width
from claims.text.phones import digits_of, is_mobile, message_number
from claims.transition import ENTERPRISE
from records.access import tracking_codes, tracking_tries
from records.queries import claims
from service_layer.claims.claim_access import recorded
from service_layer.claims.merged_claims import merge_target
from service_layer.claims.registration_form import BY_CODE
from service_layer.clock import now
from service_layer.enquiries.tracking import checked_claim, too_many
from service_layer.errors import ErrorKind, ServiceError, no_such_claim
from service_layer.services import Services

log = structlog.get_logger()

DIGITS: Final = 6


async def send_code(services: Services, number: str, phone: str, *, client: str) -> None:
    """Send a code to the claim's phone. Who asks knows the phone's end, as for an enquiry.

    Raises NOT_FOUND, TOO_MANY, NOT_NOW where no message can reach the phone, RecordsUnavailable.
    """
    claim = await checked_claim(services, number, phone, client=client)
    if not is_mobile(message_number(claim.order.phone)):
        detail = "登记的电话收不到短信，不能用验证码办理"
        raise ServiceError(ErrorKind.NOT_NOW, detail, rule="R39", instead="请登录办理，或致电12345")
    if await services.records.run(claims.snapshot, number) is None:
        detail = "工单刚刚登记，还不能发送验证码"
        raise ServiceError(ErrorKind.NOT_NOW, detail, rule="R39", instead="请一分钟后再试")
    await _send(services, number, client=client)


async def send_code_to_phone(services: Services, account: str, phone: str, *, client: str) -> None:
    """Send a code to somebody who wants to report. `account`: what the phone is known by. Raises INVALID for what is no
    mobile phone's number, TOO_MANY, RecordsUnavailable."""
    digits = digits_of(half_width(phone))
    if not is_mobile(digits):
        raise ServiceError(
            ErrorKind.INVALID, "手机号码须是11位", rule="R10", instead="请填写能收短信的手机号码"
        )
    await _send(services, account, client=client, phone=digits)


async def _send(services: Services, number: str, *, client: str, phone: str = "") -> None:
    if not services.codes_per_client.take(client):
        raise too_many(timedelta(seconds=services.codes_per_client.seconds))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    notice = _notice(services, "report" if phone else number, code)
    wait = await services.records.run(tracking_codes.send_code, number, code, notice, phone=phone)
    if wait is not None:
        raise too_many(wait)
    if services.settings.is_embedded:
        log.info("one-time-code", claim="" if phone else number, code=code)


async def use_code(services: Services, number: str, code: str, *, client: str) -> None:
    """Take a code, once. A wrong one counts as a wrong try for the claim and the caller's address. Raises INVALID, TOO_MANY,
    RecordsUnavailable."""
    if not services.tracking_per_client.take(client):
        raise too_many(timedelta(seconds=services.tracking_per_client.seconds))
    at = now()
    wait = await services.records.run(tracking_tries.take_try, number, at)
    if wait is not None:
        raise too_many(wait)
    await _use(services, number, code, at)
    await services.records.run(tracking_tries.give_back, number, at)
    services.tracking_per_client.give_back(client)


async def use_code_of_phone(
    services: Services, account: str, code: str, *, enterprise: str, client: str
) -> Actor:
    """Take a phone's code, once: who reports from it, known by the phone's account (§1). Raises INVALID, TOO_MANY,
    RecordsUnavailable."""
    if not services.tracking_per_client.take(client):
        raise too_many(timedelta(seconds=services.tracking_per_client.seconds))
    await _use(services, account, code, now())
    services.tracking_per_client.give_back(client)
    return Actor(sub=account, name=f"{enterprise}{BY_CODE}", roles=(Role.ENTERPRISE,))


async def _use(services: Services, number: str, code: str, at: datetime) -> None:
    given = digits_of(half_width(code))
    if not await services.records.run(tracking_codes.use_code, number, given, at):
        detail = "验证码不符或已失效"
        raise ServiceError(
            ErrorKind.INVALID, detail, rule="R39", instead="请核对短信；10分钟内有效，输错5次须重新获取"
        )


async def enterprise_by_code(services: Services, number: str) -> Actor:
    """Return the enterprise of one claim, authenticated by a one-time code. It also owns the merge target
    (R48) if that has the same code, account or phone; an equal name is not enough (§1). The journal shows
    that a code was used. Raises NOT_FOUND, RecordsUnavailable.
    """
    found = await recorded(services, number)
    if found is None:
        raise no_such_claim(number)
    target = await merge_target(services, found.claim)
    return _enterprise(found.claim, target)


def _enterprise(claim: Claim, target: Claim) -> Actor:
    is_theirs = target.number != claim.number and is_surely_same_enterprise(claim.order, target.order)
    return Actor(
        sub=f"code:{claim.number}",
        name=f"{claim.order.enterprise}{BY_CODE}",
        roles=(Role.ENTERPRISE,),
        claims=(claim.number, target.number) if is_theirs else (claim.number,),
    )


def _notice(services: Services, number: str, code: str) -> Notice:
    """Only the embedded default writes the code into the ledger, so that a person can try it."""
    at = now()
    shown = f"办理验证码 {code}" if services.settings.is_embedded else "办理验证码，10分钟内有效"
    return Notice(
        id=f"{number}/code/{secrets.token_hex(8)}",
        at=at,
        kind=EventKind.TRACKING_CODE,
        unit=ENTERPRISE,
        text=shown,
    )
