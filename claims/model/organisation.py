"""The city's units as claims hold them: levels and kinds, who receives work orders (R20), whose the light is (R33).

`claims.lookup.unit_tree` has their hierarchy.
"""

from enum import StrEnum
from typing import Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from claims.model.refusals import RefusalKind, Refused


class UnitLevel(StrEnum):
    """The three levels of §二.一.1."""

    CITY = "市级"
    DISTRICT = "区（市）级"
    TOWN = "镇（街）级"


class UnitKind(StrEnum):
    """What sort of unit it is; assessment groups follow it (R61)."""

    TERRITORY = "行政区"
    LEADERSHIP = "领导机构"
    PLATFORM = "平台"
    PARTY = "党委部门"
    DEPARTMENT = "市直部门"
    AGENCY = "驻枣单位/公用企业"
    DISTRICT = "区（市）"
    BUREAU = "区直部门"
    TOWN = "镇街"


class UnitRole(StrEnum):
    """What a unit does under the plan."""

    HANDLE = "承办"
    DISTRICT_DISPATCH = "二级派单"
    NETWORK = "办理网络"
    REGISTER = "受理"
    DISPATCH = "派单"
    SUPERVISE = "督办"
    CALL_BACK = "回访"
    VERIFY = "核查"
    ARBITRATE = "仲裁"
    DECIDE = "决策"
    ASSESS = "考核"
    BULLETIN = "通报"
    SECRET_VISIT = "暗访"
    CLUE_TRANSFER = "问责线索移交"
    ACCOUNTABILITY = "问责"


class NoticeChannel(StrEnum):
    """A recipient's preferred channel; a hint for the outbox, not an address."""

    PLATFORM = "platform"
    SMS = "sms"
    PHONE = "phone"


class Recipient(BaseModel):
    """A post that receives the unit's work orders (R20). It holds no personal data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    channels: tuple[NoticeChannel, ...] = (NoticeChannel.PLATFORM,)


class Unit(BaseModel):
    """One unit of the organisation tree. `parent` is None for the city alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    short: str
    level: UnitLevel
    kind: UnitKind
    parent: str | None
    roles: tuple[UnitRole, ...] = ()
    duties: str = ""
    recipients: tuple[Recipient, ...] = ()
    code: str | None = None
    """Statistical division code, where there is one."""
    merged_into: str = ""
    """The unit that has taken over its duties and answers for its claims (R61)."""
    sample: bool = False
    """True for a bureau that stands for a district's real list."""
    source: str = ""
    """The source of this row, in Chinese."""

    @property
    def handles(self) -> bool:
        """Can a claim be dispatched to it (承办单位)?"""
        return UnitRole.HANDLE in self.roles


class UnitRef(BaseModel):
    """A unit as a claim's history holds it: complete, so that no later change of the tree alters it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    """The short name, as people write it."""
    path: tuple[str, ...]
    """Ids from the unit itself up to the city."""
    accountable: str
    """Id of the unit whose light it is (R33)."""
    accountable_name: str

    @model_validator(mode="before")
    @classmethod
    def _own_account(cls, given: object) -> object:
        """Fill in fields that the short form leaves out: where nobody else is named, the unit is accountable
        itself, and its path begins above it.
        """
        is_short = isinstance(given, dict) and "accountable" not in given and {"id", "name"} <= given.keys()
        if isinstance(given, dict) and is_short and isinstance(given.get("path"), list | tuple):
            own = {"accountable": given["id"], "accountable_name": given["name"]}
            return {**given, **own, "path": (given["id"], *given["path"])}
        return given

    @model_serializer(mode="wrap")
    def _in_short(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, object]:
        found: dict[str, object] = serialize(self)
        is_own = (self.accountable, self.accountable_name, *self.path[:1]) == (self.id, self.name, self.id)
        if info.exclude_defaults and is_own:
            return {"id": self.id, "name": self.name, "path": [*self.path[1:]]}
        return found

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """Immutable, so a deep copy shares it."""
        return self


PLATFORM: Final = UnitRef(
    id="PF", name="市指挥平台", path=("PF", "ZZ"), accountable="PF", accountable_name="市指挥平台"
)
"""The city platform. It has limits of its own, and its supervisors decide about lights (R37)."""


ARBITRATION_OFFICE: Final = "BB"
"""市委编办, which rules which unit handles a claim (R16)."""
JUSTICE_BUREAU: Final = "市司法局"
"""Whose opinion a ruling holds (R16)."""

COORDINATION: Final = UnitRef(
    id="LG-ZH", name="综合协调组", path=("LG-ZH", "ZZ"), accountable="LG-ZH", accountable_name="综合协调组"
)
"""The leadership group's office. It is notified of what nobody else can resolve (R16, R45)."""


class UnknownUnit(Refused):
    """There is no such unit, or it is of another kind; `text` is the requested name or id."""

    def __init__(
        self, text: str, problem: str = "不在组织目录中", instead: str = "请从单位列表中选择"
    ) -> None:
        super().__init__("R14", f"“{text}”{problem}", instead, kind=RefusalKind.INCOMPLETE)
        self.text = text
