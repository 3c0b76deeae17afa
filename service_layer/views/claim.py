"""View models of a claim and its journal. Instants are UTC."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from calendar_rules import DayExplanation
from claims.model.claim_parts import (
    CallBackRecord,
    ContactRecord,
    Extension,
    FalseFeedback,
    FeedbackRecord,
    ReplyRecord,
    ReturnRequest,
    ReviewFormRecord,
    Verification,
)
from claims.model.events import EventKind
from claims.model.terms import (
    Action,
    Category,
    Channel,
    CloseReason,
    Colour,
    DispatchOrigin,
    EnterpriseStatus,
    LimitKind,
    LimitStatus,
    PartOutcome,
    Role,
    Stage,
)


class ClosedView(BaseModel):
    """How and when the claim ended."""

    reason: CloseReason
    reason_name: str
    at: datetime


class CoUnitView(BaseModel):
    """A co-unit's part, due before the lead's (R14), and its report (R22)."""

    unit: str
    unit_name: str
    last_day: date | None
    due_at: datetime | None
    due_text: str = Field(description="截止时间的中文写法")
    signed_for_at: datetime | None
    reported_at: datetime | None
    outcome: PartOutcome | None = Field(description="done 协办事项已办结，none 无协办事项")
    outcome_name: str
    text: str = Field(description="协办情况，或无协办事项的理由")
    overdue: bool = Field(description="到期未报送，计为协办超期")


class DispatchView(BaseModel):
    """One delivery to a lead unit."""

    n: int = Field(description="第几次派单，自1起")
    unit: str = Field(description="承办（首接）单位编号")
    unit_name: str
    co_units: list[str] = Field(description="协办单位编号")
    co_unit_parts: list[CoUnitView] = Field(description="协办单位及其时限")
    basis: str
    origin: DispatchOrigin
    origin_name: str = Field(description="由谁决定派单")
    delivered_at: datetime
    signed_for_at: datetime | None
    delegate: str | None
    delegate_name: str | None
    returned: ReturnRequest | None
    confirmed_at: datetime | None
    ended_at: datetime | None


class LimitView(BaseModel):
    """One limit. Its end is null only until it has been scheduled."""

    id: str
    kind: LimitKind
    kind_name: str
    of: LimitKind | None = Field(description="督办后反馈：所督办的时限")
    of_name: str = Field(description="所督办的时限的名称；没有的为空")
    dispatch: int = Field(description="第几次派单；0 为派单之前")
    round: int
    unit: str | None = Field(description="谁的时限；null 为平台")
    unit_name: str | None
    started_at: datetime
    due_at: datetime | None = Field(description="截止时刻（UTC，不含）")
    last_day: date | None
    due_text: str = Field(description="截止时间的中文写法")
    working_days: int
    status: LimitStatus
    status_name: str
    provisional: bool = Field(description="所涉年份的放假安排尚未公布，为暂定")
    calendar_version: str
    explanation: list[DayExplanation] = Field(description="逐日说明")
    ended_at: datetime | None


class LightView(BaseModel):
    """A yellow or red light (R31-R33)."""

    id: str
    unit: str
    unit_name: str
    caused_by: str
    caused_by_name: str
    colour: Colour
    colour_name: str = Field(description="亮牌颜色的名称")
    limit: LimitKind
    limit_name: str = Field(description="时限的名称")
    dispatch: int
    round: int
    at: datetime
    revoked: bool


class LetterView(BaseModel):
    """A supervision letter 督办函 (R31)."""

    id: str
    unit: str
    unit_name: str
    limit: LimitKind
    limit_name: str = Field(description="时限的名称")
    at: datetime
    text: str
    paper: str = Field(description="督办函文件的附件编号；文件稍后制发")


class Duplicate(BaseModel):
    """A claim of the same enterprise about much the same matter."""

    number: str
    stage: Stage
    stage_name: str
    matter: str
    similarity: float = Field(description="诉求内容的相近程度，0至1")
    advice: str = Field(description="建议的处理方式")


class ExtensionView(Extension):
    """An application for an extension, with the names of its codes."""

    kind_name: str = Field(description="延期情形的名称")


class FeedbackView(FeedbackRecord):
    """A feedback, with the names of its codes."""

    outcome_name: str = Field(description="办理结果的名称")


class CallBackView(CallBackRecord):
    """A call, with the names of its codes."""

    grade_name: str = Field(description="评价的名称；没有评价的为空")
    reason_name: str = Field(description="不满意原因的名称；没有的为空")


class ClaimView(BaseModel):
    """A claim as one caller may see it now."""

    number: str
    stage: Stage
    stage_name: str
    whose_turn: str = Field(description="现在轮到谁")
    closed: ClosedView | None
    now: datetime = Field(description="工单自己的时钟")
    stale: bool = Field(default=False, description="工作进程未应答，所示为台账最后的记录")
    registered_at: datetime
    channel: Channel
    channel_name: str = Field(description="来源渠道的名称")
    external_id: str
    enterprise: str
    contact: str
    phone: str
    credit_code: str = Field(default="", description="统一社会信用代码")
    complained_of: str | None = Field(default=None, description="被投诉单位编号（R53）")
    complained_of_name: str | None = None
    masked: bool = Field(description="企业名称、联系人和电话已隐去")
    phone_hidden: bool = Field(description="办结满两年，电话已隐去（R70）")
    enterprise_status: EnterpriseStatus
    enterprise_status_name: str = Field(description="企业状态的名称")
    district: str
    district_name: str
    town: str
    category: Category
    category_name: str
    subcategory: str
    matter: str
    round: int = Field(description="0 首次办理，1 重新办理")
    dispatches: list[DispatchView]
    limits: list[LimitView]
    lights: list[LightView]
    letters: list[LetterView]
    contacts: list[ContactRecord]
    replies: list[ReplyRecord]
    extension: ExtensionView | None
    feedbacks: list[FeedbackView]
    call_backs: list[CallBackView]
    reviews: list[ReviewFormRecord] = Field(description="不满意诉求审核反馈表（R44）")
    verifications: list[Verification] = Field(description="核实意见（R44、R45）")
    explained_at: datetime | None = Field(description="办结后承办单位进一步解释说明的时间（R44）")
    disputed_at: datetime | None = Field(description="企业反映未被联系的时间（R52）")
    false_feedback: FalseFeedback | None = Field(description="认定的虚假反馈（R52）")
    merged_into: str = Field(description="并入的工单（R48）")
    merging_into: str = Field(default="", description="已申请并入、正在等待其答复的工单（R48）")
    linked_to: str = Field(description="关联的已办结工单（R48）")
    split_from: str = Field(description="同一次反映中保留首项事项的工单（R49）")
    split_into: list[str] = Field(description="同一次反映中另行登记的工单（R49）")
    possible_duplicates: list[Duplicate] = Field(default_factory=list, description="可能重复的工单（R48）")
    reminders: int
    supplements: int
    allowed_actions: list[Action] = Field(description="您现在可以做的操作")
    allowed_action_names: list[str] = Field(description="这些操作的名称，次序相同")


class ActorView(BaseModel):
    """Who acted."""

    name: str
    roles: list[Role]
    role_names: list[str] = Field(description="身份的名称，次序相同")
    unit: str | None
    unit_name: str | None


class EntryView(BaseModel):
    """One entry of the journal."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: EventKind
    kind_name: str = Field(description="事项的名称")
    rules: list[str]
    text: str
    actor: ActorView | None
    request_id: str


class JournalView(BaseModel):
    """Every entry in order."""

    number: str
    entries: list[EntryView]


class SummaryLimit(BaseModel):
    """A limit in a line of a list."""

    kind: LimitKind
    kind_name: str
    unit: str | None = Field(description="谁的时限；null 为平台")
    due_at: datetime | None = Field(description="截止时刻（UTC，不含）")
    due_text: str = Field(description="截止时间的中文写法，例如 2026-11-30 24:00")
    status: LimitStatus
    status_name: str


class ClaimSummary(BaseModel):
    """One line of a list of claims."""

    number: str
    stage: Stage
    stage_name: str
    closed: ClosedView | None
    unit: str
    unit_name: str
    district: str
    district_name: str
    category: Category
    category_name: str
    channel: Channel
    channel_name: str = Field(description="来源渠道的名称")
    enterprise: str
    matter: str
    light: Colour | None
    light_name: str = Field(description="最重的亮牌颜色的名称；没有亮牌的为空")
    whose_turn: str = Field(description="现在轮到谁")
    next_due: datetime | None = Field(
        description="最紧急的截止时刻（UTC，不含）：超期未办的在前，其次计时中的"
    )
    next_due_text: str = Field(description="截止时间的中文写法，例如 2026-11-30 24:00")
    limits: list[SummaryLimit] = Field(description="计时中、暂停和超期的全部时限，按截止时间排列")
    registered_at: datetime
    updated_at: datetime


class ClaimList(BaseModel):
    """One page; `next_cursor` is null on the last."""

    claims: list[ClaimSummary]
    next_cursor: str | None
    total: int | None = Field(default=None, description="总数；仅在 with_total=true 时给出")
