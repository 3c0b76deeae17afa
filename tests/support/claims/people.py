"""Actors of the tests, with real units, and the usual bodies of their actions."""

from datetime import datetime

from calendar_rules import local_day
from claims.lookup.doors import find_door
from claims.model.claim_parts import WorkOrder
from claims.model.messages.action_bodies import BODIES, units_named
from claims.model.messages.envelopes import Envelope
from claims.model.organisation import UnitRef
from claims.model.terms import Action, Category, Channel, Role
from claims.model.values import CONSOLE, Actor
from data import load_doors, load_organisation
from tests.support.claims.credit_codes import code_of

POWER, WATER, WATERWORKS, HOUSING, SPJ = "ZZ-GD", "ZZ-SWJ", "ZZ-ZLS", "ZZ-ZJJ", "ZZ-SPJ"
TENGZHOU, TENGZHOU_HOUSING, XUECHENG = "QX-370481", "QX-370481-ZJJ", "QX-370403"
ORGANISATION = load_organisation()
UNITS = {unit.id: ORGANISATION.ref(unit.id) for unit in ORGANISATION.units}


def ref(unit: str) -> UnitRef:
    """Return a unit's reference as used in messages."""
    return UNITS[unit]


def person(role: Role, unit: str | None = None, name: str = "") -> Actor:
    """Return an actor with one role."""
    name = name or f"{role}{f'@{unit}' if unit else ''}"
    code = code_of(name) if role is Role.ENTERPRISE else ""
    return Actor(sub=name, name=name, roles=(role,), unit=ref(unit) if unit else None, credit_code=code)


OPERATOR = person(Role.OPERATOR)
SUPERVISOR = person(Role.SUPERVISOR)
CALLER = person(Role.CALLER)
ARBITER = person(Role.ARBITER, "BB")
"""The arbiter of 市委编办."""
AUDITOR = person(Role.AUDITOR)
ADMIN = person(Role.ADMIN)
COORDINATOR = person(Role.COORDINATOR)
INSPECTOR = person(Role.INSPECTOR)
HANDLER = person(Role.HANDLER, POWER)
HEAD = person(Role.HEAD, POWER, name="李主任")
MAYOR = person(Role.CHANNEL, name="市长信箱").model_copy(update={"channel": Channel.MAYOR})
ENTERPRISE = person(Role.ENTERPRISE, name="山东拓岳精密铸造有限公司")

EVERYBODY = {
    Role.OPERATOR: OPERATOR,
    Role.SUPERVISOR: SUPERVISOR,
    Role.CALLER: CALLER,
    Role.HANDLER: HANDLER,
    Role.HEAD: HEAD,
    Role.ARBITER: ARBITER,
    Role.COORDINATOR: COORDINATOR,
    Role.INSPECTOR: INSPECTOR,
    Role.ENTERPRISE: ENTERPRISE,
    Role.CHANNEL: MAYOR,
    Role.AUDITOR: AUDITOR,
    Role.ADMIN: ADMIN,
    Role.CONSOLE: CONSOLE,
}

PROMISES: list[dict[str, object]] = [{"text": "每日调度", "until": "2026-12-31"}]
"""A unit's usual promises in an interview (R35)."""
SIGNED = {"head": "李主任", "paper": "att-1"}


def order(category: Category = Category.HELP, external_id: str = "") -> WorkOrder:
    """Return a work order as the hotline writes it."""
    return WorkOrder(
        channel=Channel.HOTLINE,
        external_id=external_id,
        enterprise=ENTERPRISE.name,
        credit_code=ENTERPRISE.credit_code,
        contact="王经理",
        phone="0632-5550004",
        district=TENGZHOU,
        district_name="滕州市",
        town="级索镇",
        category=category,
        matter="厂区二期变压器已安装到位一个多月，供电验收一直排不上。",
    )


def usual(action: Action, at: datetime) -> dict[str, object]:
    """Return a complete body for an action, without a request id."""
    bodies: dict[Action, dict[str, object]] = {
        Action.ANSWER: {"article": "KB-001", "text": "可以享受"},
        Action.DECLINE: {"reason": "litigation", "door": "court"},
        Action.DISPATCH: {"unit": POWER, "basis": "PD-023"},
        Action.SIGN_FOR: {},
        Action.REJECT: {
            "reason": "不属本单位",
            "basis": "三定规定",
            "suggested_unit": WATER,
            "signature": SIGNED,
        },
        Action.REDETERMINE: {"decision": "redispatch", "unit": WATER, "reason": "理由成立"},
        Action.REFER: {"reason": "权属不清"},
        Action.ARBITRATE: {
            "unit": HOUSING,
            "reason": "职责所在",
            "opinion": {"name": "张科长", "given_on": str(local_day(at)), "text": "同意由其承办"},
        },
        Action.CONTACT: {"at": at.isoformat(), "means": "电话", "person": "王经理"},
        Action.REPLY: {"text": "正在办理"},
        Action.FEEDBACK: {"outcome": "resolved", "summary": "已通电"},
        Action.PROGRESS: {"summary": "已到现场"},
        Action.DELEGATE: {"unit": POWER},
        Action.REQUEST_EXTENSION: {
            "kind": "difficult",
            "reason": "需停电改造",
            "work_so_far": "已勘察",
            "plan": "分批停电",
            "explained": {"at": at.isoformat(), "means": "电话", "person": "王经理"},
            "signature": SIGNED,
        },
        Action.DECIDE_EXTENSION: {"approve": True, "reason": "同意"},
        Action.CALL_BACK: {"reached": True, "grade": "satisfied", "resolved": True, "contacted": True},
        Action.REVIEW_FORM: {
            "first_result": "已安排验收",
            "second_result": "已送电",
            "reasons": "企业认为时间过长",
            "basis": "供电营业规则",
            "signature": SIGNED,
            "seal": "att-2",
        },
        Action.VERIFY: {"compliant": False, "opinion": "补偿尚未答复"},
        Action.CONFIRM_FALSE_FEEDBACK: {"evidence": "登记时段内无通话"},
        Action.MERGE: {"into": "QH202611230009"},
        Action.SPLIT: {"matters": [{"matter": "供电验收排不上"}, {"matter": "门前道路破损"}]},
        Action.REPORT_PART: {"outcome": "done", "text": "协办事项已办结"},
        Action.REOPEN: {"reason": "问题仍未解决"},
        Action.REMIND: {"text": "请尽快"},
        Action.SUPPLEMENT: {"text": "补充照片说明"},
        Action.WITHDRAW: {"reason": "已自行解决", "confirmed_by_call": True},
    }
    return bodies[action]


def envelope(
    action: Action, actor: Actor, body: dict[str, object], received_at: datetime | None = None
) -> Envelope:
    """Return an action's envelope, with what the API adds from the city's data. An unreadable body adds nothing."""
    try:
        named = units_named(BODIES[action].model_validate(body))
    except ValueError:
        named = ()
    known = {unit: UNITS[unit] for unit in named if unit in UNITS}
    door = find_door(str(body["door"]), load_doors()) if "door" in body else None
    return Envelope.model_validate(
        {"actor": actor, "received_at": received_at, "units": known, "door": door, "body": body}
    )
