"""Chinese labels of the enumerations, and the format of instants."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from calendar_rules import SHANGHAI
from claims.model.limit import LimitSchedule
from claims.model.terms import (
    Action,
    BackgroundTaskKind,
    Category,
    Channel,
    CloseReason,
    Colour,
    DeclineReason,
    DispatchOrigin,
    Dissatisfaction,
    EnterpriseStatus,
    ExtensionKind,
    FeedbackOutcome,
    Grade,
    LimitKind,
    LimitStatus,
    PartOutcome,
    Role,
    Stage,
)
from claims.model.unit_account import MeasureKind, MeasureStatus

_LABELS: Final[Mapping[tuple[type[StrEnum], str], str]] = {
    (type(term), term.value): name
    for term, name in (
        (Stage.REGISTERED, "待处置"),
        (Stage.ANSWERED, "已即时答复"),
        (Stage.HANDLING, "办理中"),
        (Stage.REDETERMINATION, "退单核定"),
        (Stage.ARBITRATION, "提请裁定"),
        (Stage.CALL_BACK, "待回访"),
        (Stage.REDO, "重新办理"),
        (Stage.REVIEW, "不满意审核"),
        (Stage.VERIFICATION, "审核核实"),
        (Stage.COMPLETION, "责成限期办结"),
        (Stage.LEADERSHIP, "领导小组研究"),
        (Stage.CLOSED, "已办结"),
        (LimitKind.DISPATCH, "派单时限"),
        (LimitKind.RETURN_WINDOW, "退单时限"),
        (LimitKind.REDETERMINE, "重新核定时限"),
        (LimitKind.ARBITRATE, "裁定时限"),
        (LimitKind.CONTACT, "核实时限"),
        (LimitKind.REPLY, "答复时限"),
        (LimitKind.RESOLVE, "解决时限"),
        (LimitKind.EXTENSION_DECISION, "延期审核时限"),
        (LimitKind.SUPERVISED_FEEDBACK, "督办后反馈时限"),
        (LimitKind.CALL_BACK, "首次回访时限"),
        (LimitKind.REDO, "重办时限"),
        (LimitKind.REVIEW_FORM, "审核反馈表时限"),
        (LimitKind.VERIFICATION, "核实时限（平台）"),
        (LimitKind.ORDERED_COMPLETION, "责成办结时限"),
        (LimitKind.INTERVIEW, "约谈时限"),
        (LimitKind.FOLLOW_UP, "办结后跟踪期"),
        (LimitKind.LINK, "短信答复期"),
        (LimitKind.STANDSTILL, "久未办结提醒期"),
        (LimitStatus.RUNNING, "计时中"),
        (LimitStatus.PAUSED, "暂停"),
        (LimitStatus.MET, "按期完成"),
        (LimitStatus.MISSED, "超期"),
        (LimitStatus.VOID, "不再计时"),
        (LimitStatus.DISPROVED, "虚假反馈，不计为已联系"),
        (Colour.YELLOW, "黄灯"),
        (Colour.RED, "红灯"),
        (CloseReason.ANSWERED, "即时答复"),
        (CloseReason.DECLINED, "不予受理"),
        (CloseReason.SATISFIED, "满意办结"),
        (CloseReason.VERIFIED, "审核办结"),
        (CloseReason.UNREACHABLE, "无法联系办结"),
        (CloseReason.WITHDRAWN, "企业撤回"),
        (CloseReason.MERGED, "并案办结"),
        (CloseReason.DECIDED, "领导小组决定办结"),
        (CloseReason.FALSE_FEEDBACK, "办结（虚假反馈，不计为满意）"),
        (Grade.VERY_SATISFIED, "非常满意"),
        (Grade.SATISFIED, "满意"),
        (Grade.FAIRLY_SATISFIED, "基本满意"),
        (Grade.DISSATISFIED, "不满意"),
        (Grade.VERY_DISSATISFIED, "非常不满意"),
        (Dissatisfaction.ATTITUDE, "态度"),
        (Dissatisfaction.RESULT, "结果"),
        (Dissatisfaction.TIMELINESS, "时效"),
        (Dissatisfaction.NOT_CONTACTED, "未联系"),
        (Dissatisfaction.UNTRUE, "不实"),
        (Dissatisfaction.POLICY, "政策所限"),
        (Dissatisfaction.OTHER, "其他"),
        (DeclineReason.LITIGATION, "已进入诉讼程序"),
        (DeclineReason.ARBITRATION, "已进入仲裁程序"),
        (DeclineReason.DISCIPLINE, "纪检监察事项"),
        (DeclineReason.RECONSIDERATION, "已进入行政复议程序"),
        (DeclineReason.PETITION, "信访事项"),
        (DeclineReason.STATE_SECRETS, "涉及国家秘密"),
        (DeclineReason.EMERGENCY, "紧急警情、火情、急救、交通事故"),
        (FeedbackOutcome.RESOLVED, "已解决"),
        (FeedbackOutcome.SERVICE_CONFIRMED, "服务确认"),
        (ExtensionKind.DIFFICULT, "难度较大"),
        (ExtensionKind.SEVERAL_UNITS, "需多个单位协调"),
        (Category.CONSULTATION, "咨询类"),
        (Category.HELP, "求助类"),
        (Category.SUGGESTION, "意见建议类"),
        (Category.COMPLAINT, "投诉类"),
        (Channel.HOTLINE, "12345热线"),
        (Channel.APP, "“爱山东·枣庄”APP企呼枣（早）应模块"),
        (Channel.STATE_COUNCIL, "国务院“互联网+督查”平台"),
        (Channel.LEADERS_BOARD, "人民网领导留言板"),
        (Channel.PROVINCE_HOTLINE, "省级政务服务热线"),
        (Channel.PROVINCE_CLAIMS, "省委省政府企业诉求“接诉即办”平台"),
        (Channel.LIGHTNING_NEWS, "闪电新闻客户端"),
        (Channel.MAYOR, "市长信箱"),
        (Channel.DESK, "市指挥平台"),
        (EnterpriseStatus.OPERATING, "在营"),
        (EnterpriseStatus.CONTRACTED, "已签约待落地"),
        (BackgroundTaskKind.REPORT_LIGHT, "亮牌计入单位台账"),
        (MeasureKind.INTERVIEW, "约谈"),
        (MeasureKind.ACCOUNTABILITY, "问责材料"),
        (MeasureStatus.OPEN, "待办理"),
        (MeasureStatus.DONE, "已办结"),
        (MeasureStatus.WITHDRAWN, "已撤销"),
        (BackgroundTaskKind.REPORT_CAUSE, "事由计入单位台账"),
        (BackgroundTaskKind.FILE_PAPER, "制发文书"),
        (BackgroundTaskKind.REMIND_CLAIM, "并案催办"),
        (BackgroundTaskKind.ASK_TO_TAKE_OVER, "请求并入"),
        (BackgroundTaskKind.ANSWER_TAKE_OVER, "答复并案请求"),
        (BackgroundTaskKind.REGISTER_MATTERS, "登记拆分的事项"),
        (Action.ANSWER, "即时答复"),
        (Action.DECLINE, "不予受理"),
        (Action.DISPATCH, "派单"),
        (Action.SIGN_FOR, "签收"),
        (Action.REJECT, "退单"),
        (Action.REDETERMINE, "重新核定"),
        (Action.REFER, "提请裁定"),
        (Action.ARBITRATE, "裁定承办单位"),
        (Action.CONTACT, "登记核实联系"),
        (Action.REPLY, "答复企业"),
        (Action.FEEDBACK, "反馈办理结果"),
        (Action.PROGRESS, "登记进展"),
        (Action.DELEGATE, "转下级办理"),
        (Action.REQUEST_EXTENSION, "申请延期"),
        (Action.DECIDE_EXTENSION, "审核延期"),
        (Action.CALL_BACK, "登记回访"),
        (Action.REVIEW_FORM, "报送审核反馈表"),
        (Action.VERIFY, "核实"),
        (Action.CONFIRM_FALSE_FEEDBACK, "认定虚假反馈"),
        (Action.REMIND, "催办"),
        (Action.SUPPLEMENT, "补充材料"),
        (Action.WITHDRAW, "撤回诉求"),
        (Action.MERGE, "并案"),
        (Action.REOPEN, "重新打开"),
        (Action.SPLIT, "拆分"),
        (Action.REPORT_PART, "报送协办情况"),
        (DispatchOrigin.OPERATOR, "平台派单"),
        (DispatchOrigin.REDETERMINATION, "重新核定"),
        (DispatchOrigin.ARBITRATION, "裁定"),
        (PartOutcome.DONE, "协办事项已办结"),
        (PartOutcome.NONE, "无协办事项"),
        (Role.OPERATOR, "受理专员"),
        (Role.SUPERVISOR, "平台审核"),
        (Role.CALLER, "回访员"),
        (Role.HANDLER, "承办经办人"),
        (Role.HEAD, "主要负责人"),
        (Role.ARBITER, "市委编办会同市司法局"),
        (Role.COORDINATOR, "综合协调组"),
        (Role.INSPECTOR, "督导问效组"),
        (Role.ENTERPRISE, "企业"),
        (Role.CHANNEL, "来源系统"),
        (Role.AUDITOR, "审计人员"),
        (Role.ADMIN, "系统管理员"),
        (Role.CONSOLE, "系统管理员（控制台）"),
    )
}
"""Keyed by type as well: `contact` is both an action and a limit."""


def label(term: StrEnum) -> str:
    """Return the Chinese name of a term; its wire value where it has none of its own."""
    return _LABELS.get((type(term), term.value), term.value)


def role_refusal(what: str, roles: Iterable[Role]) -> tuple[str, str]:
    """Return the reason and the remedy for an actor who holds none of the roles that may do something."""
    names = "、".join(label(role) for role in roles if role is not Role.CONSOLE)
    return f"您的身份不能{what}", f"请由{names}办理"


def minute(at: datetime) -> str:
    """Return an instant in Beijing time, to the minute: `2026-11-25 09:30`."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def second(at: datetime) -> str:
    """Return an instant in Beijing time, to the second: `2026-11-25 09:30:07`."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def schedule_end(schedule: LimitSchedule) -> str:
    """Return the end of a limit, marked where it is provisional: `2027-01-04 24:00（暂定）`."""
    return end_of(schedule.last_day, schedule.due_at) + ("（暂定）" if schedule.provisional else "")


def instant_end(due_at: datetime) -> str:
    """Return the end of a limit from its instant alone: midnight is the day's 24:00 before it."""
    local = due_at.astimezone(SHANGHAI)
    if local.time() == time.min:
        return f"{local.date() - timedelta(days=1)} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def end_of(last_day: date, due_at: datetime) -> str:
    """Return the end of a limit: `2026-11-25 24:00`, or with the cut-off of the day."""
    local = due_at.astimezone(SHANGHAI)
    if local.date() == last_day:
        return f"{last_day} {local:%H:%M}"
    return f"{last_day} 24:00"
