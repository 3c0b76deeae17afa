"""R10-R13: registration, answers, refusals."""

from typing import Final

from tests.support.rulebook.attempts import DeclinedByTheLists, act, registered
from tests.support.rulebook.people import (
    CALLER,
    OPERATOR,
)
from tests.support.rulebook.probes import (
    allows,
    answered,
    close_reason,
    is_one_claim,
    limit,
    seen,
    stage,
)
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import accepted, holds, must, refused

CHANNEL_NUMBER: Final = story(
    "channel-number",
    registered("first", channel="mayor", external_id="SZXX-2031-A7"),
    accepted(
        "R10",
        "The same channel number sent twice by that channel is one claim",
        registered("again", channel="mayor", external_id="SZXX-2031-A7", matter="再次来信"),
    ),
    holds("R10", "It has the first one's number", is_one_claim("first", "again")),
    accepted(
        "R10",
        "However its characters are written",
        registered("wide", channel="mayor", external_id="ＳＺＸＸ－２０３１－Ａ７", matter="全角来信"),
    ),
    holds("R10", "That too is the first one's number", is_one_claim("first", "wide")),
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
        answered(
            OPERATOR, "/knowledge?q=研发费用加计扣除预缴备查", lambda found: found["articles"][0]["article"]
        ),
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
    must(
        "R12", "Dispatched, and nothing else", allows(OPERATOR, "answer", "decline", "dispatch"), ["dispatch"]
    ),
    refused(
        "R12",
        "It is not answered again",
        act("Tue 2031-03-04 11:00", OPERATOR, "answer", article="KB-001", text="可以先享受"),
        cites=None,
    ),
    refused(
        "R12",
        "Nor declined",
        act("Tue 2031-03-04 11:10", OPERATOR, "decline", reason="litigation", door="court"),
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
    holds("R12", "Satisfied with the answer: closed", seen(lambda view: bool(view["closed"]))),
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
        act("Mon 2031-03-03 09:00", OPERATOR, "decline", reason="太忙了", door="court"),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R13",
        "“以后再说” is no door",
        act("Mon 2031-03-03 09:10", OPERATOR, "decline", reason="litigation", door="以后再说"),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R12",
        "Only a consultation is answered at once",
        act("Mon 2031-03-03 09:15", OPERATOR, "answer", article="KB-001", text="可以先享受"),
        cites=None,
    ),
    must("R13", "It still waits", stage(), "registered"),
    must("R31", "No unit's clock runs for a claim that no unit has", limit("contact"), None),
    accepted(
        "R13",
        "A reason of the list and the door that it names are taken",
        DeclinedByTheLists("Mon 2031-03-03 09:20", "litigation"),
    ),
    must("R13", "Declined: closed", close_reason(), "declined"),
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


STORIES: Final[tuple[Story, ...]] = (
    CHANNEL_NUMBER,
    ANSWERED,
    ANSWER_ENOUGH,
    DECLINED,
    SUBCATEGORY,
)
