"""Actions on a unit's account: bodies, roles, rules, and the envelope."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from claims.model.messages.action_bodies import ActionBody
from claims.model.messages.envelopes import address, digest
from claims.model.messages.field_types import Instant, Name, Words
from claims.model.terms import Role
from claims.model.unit_account import Promise
from claims.model.values import CONSOLE, Actor

LongId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]

LONGEST_PROMISE: Final = 1000


def _check_promise(promise: Promise) -> Promise:
    if len(promise.text) > LONGEST_PROMISE:
        raise ValueError(f"不得超过{LONGEST_PROMISE}个字")
    return promise


Promised = Annotated[Promise, AfterValidator(_check_promise)]


class UnitAction(StrEnum):
    """The unit's workflow has a signal of the same name with underscores."""

    RECORD_INTERVIEW = "record-interview"
    RECORD_ACCOUNTABILITY_STEP = "record-accountability-step"
    REVOKE_LIGHT = "revoke-light"


class RecordInterview(ActionBody):
    """R35: the interview with the unit's head."""

    measure: LongId = Field(description="约谈编号")
    person: Name = Field(description="被约谈的主要负责人")
    held_at: Instant | None = Field(default=None, description="约谈时间；不填为登记之时")
    place: Line = Field(default="", description="约谈地点")
    record: Words = Field(description="约谈记录")
    measures: tuple[Promised, ...] = Field(default=(), max_length=50, description="整改措施及完成日期")


class RecordStep(ActionBody):
    """R36: a decision on an accountability file."""

    measure: LongId = Field(description="问责材料编号")
    text: Words = Field(description="处理情况")
    closes: bool = Field(default=False, description="是否就此办结")


class RevokeLight(ActionBody):
    """R37: system fault, or the platform's responsibility."""

    light: LongId = Field(description="亮牌编号")
    reason: Words = Field(description="撤销理由")


UNIT_BODIES: Final[Mapping[UnitAction, type[ActionBody]]] = MappingProxyType(
    {
        UnitAction.RECORD_INTERVIEW: RecordInterview,
        UnitAction.RECORD_ACCOUNTABILITY_STEP: RecordStep,
        UnitAction.REVOKE_LIGHT: RevokeLight,
    }
)

UNIT_ROLES: Final[Mapping[UnitAction, tuple[Role, ...]]] = MappingProxyType(
    {
        UnitAction.RECORD_INTERVIEW: (Role.SUPERVISOR, Role.COORDINATOR, Role.INSPECTOR),
        UnitAction.RECORD_ACCOUNTABILITY_STEP: (Role.COORDINATOR, Role.INSPECTOR),
        UnitAction.REVOKE_LIGHT: (Role.SUPERVISOR,),
    }
)
"""§1, R35-R37."""

UNIT_RULES: Final = MappingProxyType(
    {
        UnitAction.RECORD_INTERVIEW: "R35",
        UnitAction.RECORD_ACCOUNTABILITY_STEP: "R36",
        UnitAction.REVOKE_LIGHT: "R37",
    }
)


class UnitEnvelope(BaseModel):
    """An action on its way to a unit's account."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: UnitAction
    actor: Actor = CONSOLE
    received_at: AwareDatetime | None = None
    body: dict[str, JsonValue] = Field(default_factory=dict)
    addressee: str = ""
    """This field and the next: as in `claims.model.messages.envelopes.Envelope`."""
    beside: tuple[str, ...] = Field(default=(), exclude_if=lambda names: not names)

    def addressed(self, workflow_id: str, signal: str) -> Self:
        """Return a copy that is valid for this workflow and this signal alone."""
        return self.model_copy(update={"addressee": address(workflow_id, signal)})

    @property
    def fingerprint(self) -> str:
        """What tells a request from another of the same id: its action, sender and content."""
        return digest([self.action, self.actor.sub, self.body])


class LightRevoked(BaseModel):
    """A message to a claim that a light of it is revoked."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    light: str
    reason: str
    actor: Actor
    at: AwareDatetime | None = None
    """When the unit's account revoked it; None under a policy that does not date revocations."""
