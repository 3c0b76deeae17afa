"""Actions shared by the stories. Each sends a few requests to the API."""

from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from calendar_rules import SHANGHAI
from claims.model.terms import Role
from demo.case import Case

HOURS: Final = timedelta(hours=3)
DAYS: Final = timedelta(days=1)

_CANNOT_HANDLE: Final = frozenset({"市指挥平台", "市督导问效组", "市纪委监委"})
"""Units named in the samples to which no claim is dispatched (R14); they receive only clues (R64)."""


async def dispatch(case: Case) -> None:
    """R14: the operator follows the directory; if it names no handling unit, dispatch to the claim's district."""
    sample = case.sample
    lead = sample.district if sample.unit in _CANNOT_HANDLE else sample.unit
    co_units: list[JsonValue] = [case.unit(name) for name in sample.co_units if name not in _CANNOT_HANDLE]
    basis = f"派单目录：{sample.topic}"
    await case.act("dispatch", Role.OPERATOR, unit=case.unit(lead), co_units=co_units, basis=basis)


async def contact(case: Case) -> None:
    """§二.四.1."""
    at = case.now.isoformat()
    await case.unit_does("contact", at=at, means="电话", person="企业联系人", summary="已了解具体情况")


async def reply(case: Case) -> None:
    """§二.四.2."""
    await case.unit_does("reply", text="已受理贵公司诉求，正按职责办理，办理方案和进度如下……")


async def feed_back(case: Case) -> None:
    """R18."""
    await case.unit_does("feedback", outcome="resolved", summary="已按方案办理完毕，并告知企业")


async def arbitrate(case: Case, unit: str, reason: str) -> None:
    """R16: 市委编办 rules, with the opinion of 市司法局."""
    day = case.now.astimezone(SHANGHAI).date().isoformat()
    opinion: dict[str, JsonValue] = {"name": "市司法局负责人", "given_on": day, "text": "同意按职责分工确定"}
    office = case.unit("市委编办")
    await case.act("arbitrate", Role.ARBITER, by_unit=office, unit=unit, reason=reason, opinion=opinion)


async def call_back(case: Case, grade: str) -> None:
    """R40."""
    fine = grade in ("very-satisfied", "satisfied", "fairly-satisfied")
    await case.act("call-back", Role.CALLER, reached=True, grade=grade, resolved=fine, contacted=True)


async def sign_and_contact(case: Case) -> None:
    """R20 and §二.四.1, in time."""
    await case.unit_does("sign-for")
    await case.wait(HOURS)
    await contact(case)


async def finish(case: Case, grade: str = "satisfied") -> None:
    """Play the claim from the reply to the enterprise's rating."""
    await reply(case)
    await case.wait(3 * DAYS)
    await feed_back(case)
    await case.wait(HOURS)
    await call_back(case, grade)
