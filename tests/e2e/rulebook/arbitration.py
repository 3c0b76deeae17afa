"""R5, R16: another unit, an objection, a ruling."""

from typing import Final

from tests.support.rulebook.account_probes import times_notified
from tests.support.rulebook.attempts import act, registered
from tests.support.rulebook.people import ARBITER, OPERATOR, SUPERVISOR, Person, handler, head
from tests.support.rulebook.probes import allows, dispatches, lights, limit, limits, seen, stage, status_of
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import accepted, must, refused, until

WRONG_ARBITER: Final = Person("arbiter", "ZZ-SFJ", "司法局")
HOMELESS_ARBITER: Final = Person("arbiter", "", "无单位")

REDISPATCHED: Final = story(
    "redispatched",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-WLJ"),
    act("Tue 2031-03-04 15:00", head("ZZ-WLJ"), "reject"),
    act("Wed 2031-03-05 10:00", SUPERVISOR, "redetermine", decision="redispatch", unit="ZZ-WJW"),
    must("R15", "The platform upholds the return and dispatches anew", dispatches(), ["ZZ-WLJ", "ZZ-WJW"]),
    must(
        "R5",
        "Another unit: all its clocks start anew at its delivery",
        limits("contact", "reply", "resolve"),
        {
            "contact": ("running", "Thu 2031-03-06 24:00"),
            "reply": ("running", "Fri 2031-03-07 24:00"),
            "resolve": ("running", "Wed 2031-03-19 24:00"),
        },
    ),
    must(
        "R5",
        "The clocks of the first dispatch are void",
        seen(
            lambda view: {
                one["status"]
                for one in view["limits"]
                if one["unit"] == "ZZ-WLJ" and one["kind"] == "contact"
            }
        ),
        {"void"},
    ),
    must(
        "R54",
        "The unit that returned it sees the claim no more",
        status_of(handler("ZZ-WLJ"), "/claims/{it}"),
        404,
    ),
    refused(
        "§1",
        "Nor can it act on it",
        act("Wed 2031-03-05 11:00", handler("ZZ-WLJ"), "contact"),
        status=(404,),
        cites=None,
    ),
    accepted("R16", "The new unit may object once", act("Thu 2031-03-06 15:00", head("ZZ-WJW"), "reject")),
    must("R16", "Its objection goes to the arbiter", stage(), "arbitration"),
    refused(
        "R16",
        "The platform cannot decide it",
        act("Thu 2031-03-06 16:00", SUPERVISOR, "redetermine", decision="redispatch", unit="ZZ-YBJ"),
        cites=None,
    ),
    must(
        "R16",
        "The arbiter rules within 1 working day",
        limit("arbitrate"),
        ("running", "Fri 2031-03-07 24:00"),
    ),
    until("Mon 2031-03-10 09:00"),
    must("R16", "Overdue: the coordinators are told", times_notified("LG-ZH"), 1),
    must("R16", "No unit is charged for it", lights(), []),
    until("Wed 2031-03-12 09:00"),
    must("R16", "Told once", times_notified("LG-ZH"), 1),
    act("Wed 2031-03-12 10:00", ARBITER, "arbitrate", unit="ZZ-WLJ"),
    must("R16", "At most 3 dispatches", dispatches(), ["ZZ-WLJ", "ZZ-WJW", "ZZ-WLJ"]),
    refused(
        "R16",
        "The third is not returned, whoever has it",
        act("Wed 2031-03-12 11:00", head("ZZ-WLJ"), "reject"),
    ),
    must(
        "R5",
        "Its clocks start at the third delivery",
        limits("contact", "resolve"),
        {"contact": ("running", "Thu 2031-03-13 24:00"), "resolve": ("running", "Wed 2031-03-26 24:00")},
    ),
    must("R54", "Who was relieved sees it no more", status_of(head("ZZ-WJW"), "/claims/{it}"), 404),
)

RULING: Final = story(
    "ruling",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-YJJ"),
    act("Tue 2031-03-04 09:00", head("ZZ-YJJ"), "reject"),
    act("Tue 2031-03-04 10:00", SUPERVISOR, "refer"),
    must("R15", "The platform may refer a return to the arbiter", stage(), "arbitration"),
    must("R15", "1 working day from the referral", limit("arbitrate"), ("running", "Wed 2031-03-05 24:00")),
    refused(
        "R16",
        "A supervisor does not rule",
        act("Tue 2031-03-04 11:00", SUPERVISOR, "arbitrate", unit="ZZ-SJJ"),
        status=(403,),
        cites=None,
    ),
    refused(
        "R16",
        "An arbiter of another unit than 市委编办 does not rule",
        act("Tue 2031-03-04 11:10", WRONG_ARBITER, "arbitrate", unit="ZZ-SJJ"),
        status=(403, 404, 409),
        cites=None,
    ),
    refused(
        "R16",
        "An arbiter of no unit does not rule",
        act("Tue 2031-03-04 11:20", HOMELESS_ARBITER, "arbitrate", unit="ZZ-SJJ"),
        status=(403, 404, 409),
        cites=None,
    ),
    refused(
        "R16",
        "A ruling holds 市司法局's opinion: one without it is refused",
        act("Tue 2031-03-04 11:30", ARBITER, "arbitrate", unit="ZZ-SJJ", opinion=None),
        status=(409, 422),
        cites=None,
    ),
    act("Wed 2031-03-05 09:00", ARBITER, "arbitrate", unit="ZZ-SJJ"),
    must("R16", "The ruling dispatches the claim", dispatches(), ["ZZ-YJJ", "ZZ-SJJ"]),
    must(
        "R5",
        "The new unit's clocks start at its delivery",
        limit("contact"),
        ("running", "Thu 2031-03-06 24:00"),
    ),
    refused(
        "R16",
        "An arbitration is final and cannot be returned",
        act("Wed 2031-03-05 10:00", head("ZZ-SJJ"), "reject"),
    ),
    must("R16", "A return is not offered either", allows(head("ZZ-SJJ"), "reject"), []),
)

STORIES: Final[tuple[Story, ...]] = (
    REDISPATCHED,
    RULING,
)
