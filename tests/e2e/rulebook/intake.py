"""§1, R10-R14, R20-R22, R49, R53, R54: who may do what; registration, answers, refusals, dispatch."""

from typing import Final

from tests.support.rulebook.attempts import act, registered
from tests.support.rulebook.people import (
    ADMIN,
    AUDITOR,
    CALLER,
    COORDINATOR,
    INSPECTOR,
    NOBODY,
    OPERATOR,
    SUPERVISOR,
    handler,
    head,
)
from tests.support.rulebook.probes import allows, answered, close_reason, happened, is_one_claim, limit, seen, stage, status_of, told
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import FORBIDDEN, accepted, must, refused

ROLES: Final = story(
    "roles",
    registered(),
    must("§1", "Without a token nothing is shown", status_of(NOBODY, "/claims/{it}"), 401),
    must("§1", "A claim that is not there: 404", status_of(OPERATOR, "/claims/QH200001010001"), 404),
    must("§1", "A unit sees its own claims only", status_of(handler("ZZ-FGW"), "/claims/{it}"), 404),
    refused(
        "§1",
        "A caller does not dispatch",
        act("Mon 2031-03-03 09:00", CALLER, "dispatch", unit="ZZ-FGW"),
        status=FORBIDDEN,
        cites=None,
    ),
    refused(
        "§1",
        "An administrator runs the system and decides no claim",
        act("", ADMIN, "dispatch", unit="ZZ-FGW"),
        status=FORBIDDEN,
        cites=None,
    ),
    act("Mon 2031-03-03 09:10", OPERATOR, "dispatch", unit="ZZ-FGW", co_units=["ZZ-CZJ"]),
    must("§1", "The unit sees it now", status_of(handler("ZZ-FGW"), "/claims/{it}"), 200),
    must("§1", "Another unit does not", status_of(handler("ZZ-GXJ"), "/claims/{it}"), 404),
    refused(
        "§1",
        "Another unit's claim cannot be acted on: it is not there",
        act("", handler("ZZ-GXJ"), "contact"),
        status=(404,),
        cites=None,
    ),
    refused("§1", "Auditors change nothing", act("", AUDITOR, "contact"), status=FORBIDDEN, cites=None),
    refused("§1", "Coordinators do not handle", act("", COORDINATOR, "contact"), status=FORBIDDEN, cites=None),
    refused("§1", "Inspectors do not handle", act("", INSPECTOR, "feedback"), status=FORBIDDEN, cites=None),
    refused("§1", "The platform does not speak for the unit", act("", SUPERVISOR, "contact"), status=FORBIDDEN, cites=None),
    must("§1", "Both groups read all", status_of(INSPECTOR, "/claims/{it}"), 200),
    must("§1", "An auditor is offered no action", seen(lambda view: view["allowed_actions"]), []),
    must("R20", "Delivery notifies the unit at once", told("ZZ-FGW", kind="dispatched"), ["ZZ-FGW"]),
    must("R54", "The lead is shown the contact", seen(lambda view: view["phone"], by=handler("ZZ-FGW")), "0632-5550004"),
    must("R54", "So is a co-unit", seen(lambda view: view["phone"], by=handler("ZZ-CZJ")), "0632-5550004"),
    accepted("R22", "A co-unit signs for its part", act("Mon 2031-03-03 10:00", handler("ZZ-CZJ"), "sign-for")),
    must(
        "R70",
        "Every read of an enterprise's contact data is logged",
        answered(AUDITOR, "/audit/contact-reads?number={it}", lambda found: "ZZ-FGW" in str(found["reads"])),
        (200, True),
    ),
    act("Mon 2031-03-03 11:00", OPERATOR, "withdraw"),
    must(
        "R54",
        "Closing ends it: the lead is shown the contact no more",
        seen(lambda view: view["phone"] == "0632-5550004", by=handler("ZZ-FGW")),
        False,
    ),
)

ONE_LEAD: Final = story(
    "one-lead",
    registered(),
    refused(
        "R14",
        "A lead is not its own co-unit",
        act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-FGW", co_units=["ZZ-FGW"]),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R14",
        "A unit that is not in the directory gets no claim",
        act("", OPERATOR, "dispatch", unit="ZZ-NOWHERE"),
        status=(404, 409, 422),
        cites=None,
    ),
    refused(
        "R14",
        "The leadership group handles no claim",
        act("", OPERATOR, "dispatch", unit="LG-ZH"),
        status=(409, 422),
        cites=None,
    ),
    must("R14", "It still waits for its dispatch", stage(), "registered"),
    must(
        "R14",
        "The operator sees ranked candidates with the reason for each",
        answered(
            OPERATOR,
            "/directory/suggest?text=研发费用加计扣除税率&district=滕州市",
            lambda found: (found["candidates"][0]["unit"], bool(found["candidates"][0]["reasons"])),
        ),
        (200, ("ZZ-SWS", True)),
    ),
)

CHANNEL_NUMBER: Final = story(
    "channel-number",
    registered("first", channel="mayor", external_id="SZXX-2031-A7"),
    accepted(
        "R10",
        "The same channel number sent twice by that channel is one claim",
        registered("again", channel="mayor", external_id="SZXX-2031-A7", matter="再次来信"),
    ),
    must("R10", "It has the first one's number", is_one_claim("first", "again"), True),
    accepted(
        "R10",
        "However its characters are written",
        registered("wide", channel="mayor", external_id="ＳＺＸＸ－２０３１－Ａ７", matter="全角来信"),
    ),
    must("R10", "That too is the first one's number", is_one_claim("first", "wide"), True),
    accepted(
        "R10",
        "Another channel's same number is another claim",
        registered("other", channel="leaders-board", external_id="SZXX-2031-A7", matter="别的渠道"),
        status=201,
    ),
)

ANSWERED: Final = story(
    "answered",
    registered(category="consultation", matter="研发费用加计扣除预缴时能不能先享受，备查资料要留哪些？"),
    must(
        "R12",
        "The knowledge base has it",
        answered(OPERATOR, "/knowledge?q=研发费用加计扣除预缴备查", lambda found: found["articles"][0]["article"]),
        (200, "KB-001"),
    ),
    refused(
        "R12",
        "An answer cites its article",
        act("Mon 2031-03-03 09:00", OPERATOR, "answer", article="", text="可以先享受"),
        status=(409, 422),
        cites=None,
    ),
    act("Mon 2031-03-03 09:10", OPERATOR, "answer", article="KB-001", text="可以先享受"),
    must("R12", "Answered on the spot; a satisfaction question follows", stage(), "answered"),
    act("Tue 2031-03-04 10:00", CALLER, "call-back", grade="dissatisfied", resolved=False, contacted=True),
    must("R12", "Dissatisfied: it waits for its dispatch", stage(), "registered"),
    must("R12", "Dispatched, and nothing else", allows(OPERATOR, "answer", "decline", "dispatch"), ["dispatch"]),
    refused(
        "R12",
        "It is not answered again",
        act("Tue 2031-03-04 11:00", OPERATOR, "answer", article="KB-001", text="可以先享受"),
        cites=None,
    ),
    refused(
        "R12",
        "Nor declined",
        act("Tue 2031-03-04 11:10", OPERATOR, "decline", reason="诉讼", door="人民法院"),
        cites=None,
        status=(409, 422),
    ),
    accepted("R12", "It is dispatched", act("Tue 2031-03-04 11:20", OPERATOR, "dispatch", unit="ZZ-SWS")),
)

ANSWER_ENOUGH: Final = story(
    "answer-enough",
    registered(category="consultation", matter="研发费用加计扣除预缴时能不能先享受？"),
    act("Mon 2031-03-03 09:10", OPERATOR, "answer", article="KB-001", text="可以先享受"),
    act("Tue 2031-03-04 10:00", CALLER, "call-back", grade="satisfied", resolved=True, contacted=True),
    must("R12", "Satisfied with the answer: closed", seen(lambda view: bool(view["closed"])), True),
)

NO_CONSULTATION: Final = story(
    "no-consultation",
    registered(category="help", matter="研发费用加计扣除预缴时能不能先享受？"),
    refused(
        "R12",
        "Only a consultation is answered at once",
        act("Mon 2031-03-03 09:10", OPERATOR, "answer", article="KB-001", text="可以先享受"),
        cites=None,
    ),
)

DECLINED: Final = story(
    "declined",
    registered(matter="拖欠货款一案已由法院受理，正在诉讼，请求政府协调。"),
    must(
        "R13",
        "A matter in litigation is hinted at with its reason and door",
        answered(
            OPERATOR,
            "/directory/suggest?text=拖欠货款一案已由法院受理，正在诉讼",
            lambda found: [one["kind"] for one in found["hints"]],
        ),
        (200, ["诉讼"]),
    ),
    refused(
        "R13",
        "“太忙了” is no reason",
        act("Mon 2031-03-03 09:00", OPERATOR, "decline", reason="太忙了", door="人民法院"),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R13",
        "“以后再说” is no door",
        act("Mon 2031-03-03 09:10", OPERATOR, "decline", reason="诉讼", door="以后再说"),
        status=(409, 422),
        cites=None,
    ),
    must("R13", "It still waits", stage(), "registered"),
    must("R31", "Nobody has lights for a claim that no unit has", limit("contact"), None),
)

SUBCATEGORY: Final = story(
    "subcategory",
    refused(
        "R11",
        "A kind that is none of the plan's is refused",
        registered("odd", category="consultation", subcategory="随便什么"),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R11",
        "There is no fifth category",
        registered("fifth", category="praise"),
        status=(422,),
        cites=None,
    ),
    refused(
        "R10",
        "A work order without the matter is refused",
        registered("empty", matter=""),
        status=(422,),
        cites=None,
    ),
    refused(
        "R10",
        "A field that the API does not know is refused, not lost",
        registered("typo", matterr="错字"),
        status=(422,),
        cites=None,
    ),
)

DELIVERY_SECOND: Final = story(
    "delivery-second",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-FGW"),
    must("R20", "Before it is signed for the journal has no signing", happened("signed-for"), []),
    act("Mon 2031-03-03 09:30", head("ZZ-FGW"), "sign-for"),
    must("R20", "A head may do all of a handler's acts", happened("signed-for"), ["signed-for"]),
    must("R14", "One lead", seen(lambda view: [one["unit"] for one in view["dispatches"]]), ["ZZ-FGW"]),
    must("R19", "Nothing is closed by a signing", close_reason(), "handling"),
)

STORIES: Final[tuple[Story, ...]] = (
    ROLES,
    ONE_LEAD,
    CHANNEL_NUMBER,
    ANSWERED,
    ANSWER_ENOUGH,
    NO_CONSULTATION,
    DECLINED,
    SUBCATEGORY,
    DELIVERY_SECOND,
)
