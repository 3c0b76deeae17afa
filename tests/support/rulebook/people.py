"""The people of the rulebook, and their usual requests (names of calls and fields are the API's)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from claims.model.terms import Role
from tests.support.rulebook.instants import Json


@dataclass(frozen=True)
class Person:
    """Somebody with a token: a role, with or without a unit."""

    role: str
    unit: str = ""
    name: str = ""

    @property
    def roles(self) -> list[Role]:
        """The roles as in the token."""
        return [Role(self.role)]


NOBODY = Person("")
OPERATOR = Person("operator", name="李受理")
SUPERVISOR = Person("supervisor", name="周审核")
CALLER = Person("caller", name="钱回访")
ARBITER = Person("arbiter", "BB", "编办")
COORDINATOR = Person("coordinator", "LG-ZH", "综合协调组")
INSPECTOR = Person("inspector", "LG-DD", "督导问效组")
AUDITOR = Person("auditor", name="审计")
ADMIN = Person("admin", name="管理员")


def head(unit: str) -> Person:
    """Return the head of a unit, whose own action counts as signed."""
    return Person("head", unit, "王局长")


def handler(unit: str) -> Person:
    """Return a handler of a unit."""
    return Person("handler", unit, "张经办")


def enterprise(name: str) -> Person:
    """Return the enterprise."""
    return Person("enterprise", name=name)


def usual(action: str, now: datetime) -> Json:
    """Return a complete body of an action at this instant of the claim; stories override only some fields."""
    spoken = {"at": (now - timedelta(minutes=1)).isoformat(), "means": "电话", "person": "王经理"}
    bodies: dict[str, Json] = {
        "dispatch": {"basis": "派单目录"},
        "reject": {"reason": "不属本单位职责", "basis": "三定规定", "suggested_unit": "ZZ-FGW"},
        "redetermine": {"decision": "confirm", "reason": "属其职责"},
        "refer": {"reason": "职责交叉"},
        "arbitrate": {
            "reason": "依三定规定",
            "opinion": {"name": "陈科长", "given_on": now.date().isoformat(), "text": "属该局法定职责"},
        },
        "report-part": {"outcome": "done", "text": "协办事项已办结"},
        "contact": {**spoken, "summary": "了解了诉求"},
        "reply": {"text": "当天未能解决，方案：本周内现场办理。"},
        "feedback": {"outcome": "resolved", "summary": "已现场办结，企业确认，材料齐全。"},
        "progress": {"summary": "正在办理"},
        "request-extension": {
            "kind": "difficult",
            "reason": "须专家评审",
            "work_so_far": "已两次现场踏勘",
            "plan": "月底前完成评审",
            "explained": spoken,
        },
        "decide-extension": {"approve": True, "reason": "情况属实"},
        "call-back": {"reached": True, "grade": "satisfied", "resolved": True, "contacted": True},
        "review-form": {
            "first_result": "已办理并答复",
            "second_result": "再次办理并答复",
            "reasons": "企业对补偿数额不满意",
            "basis": "补偿办法第三条",
        },
        "verify": {"compliant": True, "opinion": "符合规定，答复准确"},
        "confirm-false-feedback": {"evidence": "通话记录无此号码"},
        "remind": {"text": "请尽快办理"},
        "supplement": {"text": "补充现场照片说明"},
        "withdraw": {"reason": "企业已自行解决", "confirmed_by_call": True},
        "reopen": {"reason": "当时未接到电话，问题仍在"},
    }
    return bodies.get(action, {})
