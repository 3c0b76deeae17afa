"""Exclusion 剔除 (R65): a coordinator has decided that a claim, or one of its measures, leaves a unit's figures."""

from collections.abc import Callable, Iterable
from datetime import date

from pydantic import field_validator

from assessment.facts.model import Fact
from assessment.terms import INTERNAL, LIGHTS, ExclusionReason, Measure, name
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value


class Exclusion(Value):
    """What was decided. `measure` is None where the whole claim leaves the unit's assessment."""

    claim: str
    unit: str
    measure: Measure | None = None
    reason: ExclusionReason
    decided_on: date
    decision: str = ""
    """The coordinator's own words."""

    @field_validator("claim", "unit")
    @classmethod
    def _named(cls, text: str) -> str:
        if not text:
            raise ValueError("剔除须写明工单和单位（R65）")
        return text

    def concerns(self, fact: Fact) -> bool:
        """Return whether it concerns a fact: of its unit and its claim, but no light and no delay of the platform."""
        if fact.claim != self.claim or fact.unit != self.unit or fact.measure in LIGHTS:
            return False
        if fact.measure is Measure.PLATFORM_DELAY:
            return False
        return self.measure in (None, fact.measure)


def check_exclusions(exclusions: Iterable[Exclusion]) -> tuple[Exclusion, ...]:
    """In a fixed order. Raises `Refused` for a light: only a revocation takes it away (R37)."""
    ordered = sorted(exclusions, key=lambda one: (one.claim, one.unit, one.measure or "", one.decided_on))
    for one in ordered:
        if one.measure in LIGHTS:
            reason = f"{one.claim}的{name(one.measure)}不能剔除：亮牌保留"
            raise Refused("R65", reason, "确属平台责任的，请依R37申请撤销亮牌", kind=RefusalKind.INCOMPLETE)
        if one.measure in INTERNAL:
            reason = f"{name(one.measure)}不是可以单独剔除的指标"
            raise Refused("R65", reason, "请剔除通报批评或整件工单", kind=RefusalKind.INCOMPLETE)
    return tuple(ordered)


def without_repeats(exclusions: Iterable[Exclusion]) -> tuple[Exclusion, ...]:
    """Return each claim, unit and measure once: what was decided first."""
    found: dict[tuple[str, str, str], Exclusion] = {}
    for one in sorted(exclusions, key=lambda each: each.decided_on):
        found.setdefault((one.claim, one.unit, one.measure or ""), one)
    return tuple(found.values())


def spread(exclusions: Iterable[Exclusion], behind: Callable[[str], Iterable[str]]) -> tuple[Exclusion, ...]:
    """Return each exclusion for its unit and for the units merged into it (`behind`, R61)."""
    return tuple(
        one if unit == one.unit else one.model_copy(update={"unit": unit})
        for one in exclusions
        for unit in behind(one.unit)
    )


def with_exclusions(facts: Iterable[Fact], exclusions: Iterable[Exclusion]) -> tuple[Fact, ...]:
    """Return the same rows. Those that an exclusion concerns no longer count, and give the reason."""
    by_claim: dict[tuple[str, str], list[Exclusion]] = {}
    for one in check_exclusions(exclusions):
        by_claim.setdefault((one.claim, one.unit), []).append(one)
    if not by_claim:
        return tuple(facts)
    return tuple(_excluded(fact, by_claim.get((fact.claim, fact.unit), [])) for fact in facts)


def _excluded(fact: Fact, exclusions: list[Exclusion]) -> Fact:
    found = next((one for one in exclusions if one.concerns(fact)), None)
    if found is None or not fact.counted:
        return fact
    why = f"{found.decided_on}剔除：{name(found.reason)}（{fact.why}）"
    return fact.model_copy(update={"counted": False, "rule": "R65", "why": why})
