"""A joint meeting: agenda, decisions with dates, and whether they were kept (R63)."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from assessment.cases.model import CaseBody, CaseState, Reason, ShortText
from claims.model.messages.field_types import UnitId
from claims.model.terms import Role
from claims.model.values import Value

COORDINATORS: Final = (Role.COORDINATOR,)


class AgendaKind(StrEnum):
    """Why something is on the agenda."""

    OVERDUE = "overdue"
    DISPUTED = "disputed"
    ARBITRATED = "arbitrated"
    ORDERED = "ordered"
    REDONE = "redone"
    RETURNED = "returned"
    PLATFORM = "platform"


AGENDA_NAMES: Final = {
    AgendaKind.OVERDUE: "超期未办结",
    AgendaKind.DISPUTED: "退单有争议",
    AgendaKind.ARBITRATED: "提请裁定",
    AgendaKind.ORDERED: "责成限期办结",
    AgendaKind.REDONE: "重办三次以上",
    AgendaKind.RETURNED: "三个以上单位退单",
    AgendaKind.PLATFORM: "平台自身延误",
}


class AgendaItem(Value):
    """A claim, or the platform's delays of one kind, and what it is about."""

    kind: AgendaKind
    claim: str = ""
    unit: str = ""
    unit_name: str = ""
    text: str


class Followed(Value):
    """What the meeting decided: who does it and by when; `done` says how it was done."""

    id: str
    text: str
    unit: str
    claim: str = ""
    until: date
    done: str = ""
    done_at: datetime | None = None
    overdue: bool = False


class MeetingStage(StrEnum):
    """The stage of a meeting."""

    CONVENED = "convened"
    HELD = "held"
    FOLLOWED = "followed"
    """Everything that was decided is done."""


MEETING_STAGES: Final = {
    MeetingStage.CONVENED: "已召集",
    MeetingStage.HELD: "已召开，事项落实中",
    MeetingStage.FOLLOWED: "事项均已落实",
}


class MeetingState(CaseState):
    """Everything about a meeting."""

    id: str
    period: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    stage: MeetingStage = MeetingStage.CONVENED
    held_at: datetime | None = None
    host: str = ""
    attendants: tuple[str, ...] = ()
    summary: str = ""
    followed: tuple[Followed, ...] = ()

    @property
    def open_items(self) -> tuple[Followed, ...]:
        """What is still to be done."""
        return tuple(one for one in self.followed if one.done_at is None)


class MeetingAction(StrEnum):
    """The workflow has a signal of the same name with underscores."""

    CONVENE = "convene"
    RECORD_MINUTES = "record-minutes"
    FINISH_ITEM = "finish-item"


class Decided(CaseBody):
    """One decision."""

    request_id: str = Field(default="", exclude=True)
    text: Reason = Field(description="议定事项")
    unit: UnitId = Field(description="责任单位")
    claim: ShortText = Field(default="", description="所涉工单")
    until: date = Field(description="完成日期")


class Convene(CaseBody):
    """召集: the agenda is made from the period's claims."""

    period: ShortText = Field(min_length=1, description="所议周期，如 2026-11")


class RecordMinutes(CaseBody):
    """会议纪要."""

    held_at: datetime = Field(description="召开时间")
    host: ShortText = Field(min_length=1, description="主持人")
    attendants: Annotated[tuple[ShortText, ...], Field(max_length=100)] = Field(
        default=(), description="参加人员"
    )
    summary: Reason = Field(description="会议纪要")
    decisions: Annotated[tuple[Decided, ...], Field(max_length=100)] = Field(
        default=(), description="议定事项"
    )


class FinishItem(CaseBody):
    """落实情况."""

    item: ShortText = Field(min_length=1, description="事项编号")
    text: Reason = Field(description="落实情况")


MEETING_BODIES: Final[Mapping[MeetingAction, type[CaseBody]]] = MappingProxyType(
    {
        MeetingAction.CONVENE: Convene,
        MeetingAction.RECORD_MINUTES: RecordMinutes,
        MeetingAction.FINISH_ITEM: FinishItem,
    }
)
MEETING_NAMES: Final = {
    MeetingAction.CONVENE: "召集联席会议",
    MeetingAction.RECORD_MINUTES: "登记会议纪要",
    MeetingAction.FINISH_ITEM: "登记落实情况",
}
