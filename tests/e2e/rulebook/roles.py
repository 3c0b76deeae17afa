"""§1, R14, R20, R54: who may do and see what; dispatches."""

from typing import Final

from tests.support.rulebook.account_probes import notified
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
)
from tests.support.rulebook.probes import answered, seen, stage, status_of
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import FORBIDDEN, accepted, must, never, refused

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
    refused(
        "§1", "Coordinators do not handle", act("", COORDINATOR, "contact"), status=FORBIDDEN, cites=None
    ),
    refused("§1", "Inspectors do not handle", act("", INSPECTOR, "feedback"), status=FORBIDDEN, cites=None),
    refused(
        "§1",
        "The platform does not speak for the unit",
        act("", SUPERVISOR, "contact"),
        status=FORBIDDEN,
        cites=None,
    ),
    must("§1", "Both groups read all", status_of(INSPECTOR, "/claims/{it}"), 200),
    must("§1", "An auditor is offered no action", seen(lambda view: view["allowed_actions"]), []),
    must("R20", "Delivery notifies the unit at once", notified("ZZ-FGW", kind="dispatched"), ["ZZ-FGW"]),
    must(
        "R54",
        "The lead is shown the contact",
        seen(lambda view: view["phone"], by=handler("ZZ-FGW")),
        "0632-5550004",
    ),
    must("R54", "So is a co-unit", seen(lambda view: view["phone"], by=handler("ZZ-CZJ")), "0632-5550004"),
    accepted(
        "R22", "A co-unit signs for its part", act("Mon 2031-03-03 10:00", handler("ZZ-CZJ"), "sign-for")
    ),
    must(
        "R70",
        "Every read of an enterprise's contact data is logged",
        answered(AUDITOR, "/audit/contact-reads?number={it}", lambda found: "ZZ-FGW" in str(found["reads"])),
        (200, True),
    ),
    act("Mon 2031-03-03 11:00", OPERATOR, "withdraw"),
    never(
        "R54",
        "Closing ends it: the lead is shown the contact no more",
        seen(lambda view: view["phone"] == "0632-5550004", by=handler("ZZ-FGW")),
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

STORIES: Final[tuple[Story, ...]] = (
    ROLES,
    ONE_LEAD,
)
