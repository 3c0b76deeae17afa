"""R44, R45, R52: the second dissatisfaction, ordered completion, the leadership group, false feedback."""

from typing import Final

from tests.e2e.rulebook.call_backs import UNHAPPY, fed_back
from tests.support.rulebook.account_probes import notified
from tests.support.rulebook.attempts import act, upload
from tests.support.rulebook.people import CALLER, COORDINATOR, OPERATOR, SUPERVISOR, handler, head
from tests.support.rulebook.probes import colours, happened, lights, limit, seen, stage, track
from tests.support.rulebook.scene import Step, Story, story
from tests.support.rulebook.steps import FORBIDDEN, accepted, holds, must, never, refused, until


def twice_dissatisfied(unit: str) -> tuple[Step, ...]:
    """Return a claim whose enterprise is dissatisfied on Tuesday 11 and again on Thursday 13 March."""
    return (
        *fed_back(unit),
        act("Tue 2031-03-11 10:00", CALLER, "call-back", **UNHAPPY),
        act("Wed 2031-03-12 10:00", handler(unit), "feedback"),
        act("Thu 2031-03-13 10:00", CALLER, "call-back", **UNHAPPY),
    )


def form_filed(unit: str) -> tuple[Step, ...]:
    """Return a claim whose unit has also filed the signed and sealed form on Friday 14."""
    return (
        *twice_dissatisfied(unit),
        upload("form", handler(unit)),
        act("Fri 2031-03-14 10:00", head(unit), "review-form", seal="@form"),
    )


REVIEW: Final = story(
    "review",
    *twice_dissatisfied("QX-370402"),
    must("R44", "Dissatisfied a second time: the review", stage(), "review"),
    must(
        "R44", "The form is due in 3 working days", limit("review-form"), ("running", "Tue 2031-03-18 24:00")
    ),
    refused(
        "R44",
        "A form without a seal is refused",
        act("Thu 2031-03-13 11:00", head("QX-370402"), "review-form"),
    ),
    refused(
        "R44",
        "A seal that nobody filed is refused",
        act("Thu 2031-03-13 11:05", head("QX-370402"), "review-form", seal="x"),
        status=(404, 409, 422),
        cites=None,
    ),
    upload("form", handler("QX-370402")),
    refused(
        "R44",
        "A handler's form without the head's signature is refused",
        act("Thu 2031-03-13 11:10", handler("QX-370402"), "review-form", seal="@form"),
    ),
    refused(
        "R44",
        "A signature on a paper that does not exist is refused",
        act(
            "Thu 2031-03-13 11:20",
            handler("QX-370402"),
            "review-form",
            seal="@form",
            signature={"head": "王区长", "paper": "x"},
        ),
        status=(404, 409, 422),
        cites=None,
    ),
    until("Wed 2031-03-19 09:00"),
    must(
        "R44",
        "The form missed: letter and yellow",
        lights(),
        [("review-form", "yellow", "Tue 2031-03-18 24:00")],
    ),
    act("Wed 2031-03-19 10:00", head("QX-370402"), "review-form", seal="@form"),
    must("R44", "Signed and sealed: the platform verifies", stage(), "verification"),
    must(
        "R44",
        "Its opinion is due in 3 working days",
        limit("verification"),
        ("running", "Mon 2031-03-24 24:00"),
    ),
    refused(
        "§1",
        "The unit does not verify its own form",
        act("Wed 2031-03-19 11:00", head("QX-370402"), "verify"),
        status=FORBIDDEN,
        cites=None,
    ),
    until("Tue 2031-03-25 09:00"),
    must("R31", "A verification that is late is the platform's delay: no light", colours("red"), []),
    act("Tue 2031-03-25 10:00", SUPERVISOR, "verify", compliant=True),
    must("R44", "Compliant: closed as verified", stage(), ("verified", "Tue 2031-03-25 10:00")),
    must(
        "R44",
        "The unit explains further to the enterprise",
        happened("explanation-awaited"),
        ["explanation-awaited"],
    ),
)

ORDERED: Final = story(
    "ordered",
    *form_filed("QX-370405"),
    refused(
        "R45",
        "An order of 16 days is refused: 1 to 15",
        act(
            "Mon 2031-03-17 09:00", SUPERVISOR, "verify", compliant=False, opinion="补偿未到位", order_days=16
        ),
        status=(409, 422),
        cites=None,
    ),
    act("Mon 2031-03-17 10:00", SUPERVISOR, "verify", compliant=False, opinion="补偿未到位"),
    must("R44", "Not compliant: ordered to complete", stage(), "completion"),
    must(
        "R45",
        "In 5 working days, if the order says nothing else",
        limit("ordered-completion"),
        ("running", "Mon 2031-03-24 24:00"),
    ),
    until("Tue 2031-03-25 09:00"),
    must("R45", "Missed: no further light", lights(), []),
    must(
        "R45",
        "Missed: notice of criticism and an accountability file",
        happened("criticised", "accountability-opened"),
        ["criticised", "accountability-opened"],
    ),
)

LEADERSHIP: Final = story(
    "leadership",
    *form_filed("QX-370406"),
    act("Mon 2031-03-17 10:00", SUPERVISOR, "verify", compliant=False, opinion="补偿未到位", order_days=1),
    must("R45", "An order of 1 day", limit("ordered-completion"), ("running", "Tue 2031-03-18 24:00")),
    act("Tue 2031-03-18 15:00", handler("QX-370406"), "feedback"),
    must("R45", "Done: verified again", stage(), "verification"),
    act("Wed 2031-03-19 10:00", SUPERVISOR, "verify", compliant=False, opinion="仍未到位", order_days=2),
    must("R45", "A second order", limit("ordered-completion"), ("running", "Fri 2031-03-21 24:00")),
    act("Thu 2031-03-20 10:00", handler("QX-370406"), "feedback"),
    act("Fri 2031-03-21 10:00", SUPERVISOR, "verify", compliant=False, opinion="还是没有到位"),
    must("R45", "At most 2 orders, then the leadership group", stage(), "leadership"),
    must("R45", "The group is told", notified("LG-ZH", kind="referred-to-leadership"), ["LG-ZH"]),
    refused(
        "R45",
        "No third order by the platform",
        act("Fri 2031-03-21 11:00", SUPERVISOR, "verify", compliant=False, opinion="再责成", order_days=5),
        status=(403, 409),
        cites=None,
    ),
    refused(
        "R45",
        "No third order by whomever",
        act("Fri 2031-03-21 11:10", COORDINATOR, "verify", compliant=False, opinion="再责成", order_days=5),
        status=(403, 409, 422),
        cites=None,
    ),
    must("R45", "The claim is still before the group", stage(), "leadership"),
    accepted(
        "R45",
        "The group decides that it is compliant",
        act("Mon 2031-03-24 10:00", COORDINATOR, "verify", compliant=True, opinion="符合规定"),
    ),
    must("R45", "Closed as verified", stage(), ("verified", "Mon 2031-03-24 10:00")),
)

FALSE: Final = story(
    "false-feedback",
    *fed_back("QX-370481"),
    act("Tue 2031-03-11 10:00", CALLER, "call-back", grade="satisfied", resolved=True, contacted=False),
    holds(
        "R52",
        "The enterprise says that it was never contacted: disputed",
        seen(lambda view: bool(view["disputed_at"])),
    ),
    refused(
        "§1",
        "An operator does not confirm false feedback",
        act("Tue 2031-03-11 11:00", OPERATOR, "confirm-false-feedback"),
        status=FORBIDDEN,
        cites=None,
    ),
    accepted(
        "R52",
        "A supervisor checks it against the call record and confirms it",
        act("Tue 2031-03-11 15:00", SUPERVISOR, "confirm-false-feedback"),
    ),
    must(
        "R52",
        "Confirmed: criticism and an accountability file",
        happened("criticised", "accountability-opened"),
        ["criticised", "accountability-opened"],
    ),
    never(
        "R52",
        "The claim counts as not contacted: no view says “met”",
        seen(lambda view: [one["status"] for one in view["limits"] if one["kind"] == "contact"] == ["met"]),
    ),
    never(
        "R52",
        "Nor as satisfied",
        seen(lambda view: (view["closed"] or {}).get("reason") == "satisfied"),
    ),
    must(
        "R52",
        "The enterprise's view says so too",
        track("5550004", lambda found: (found["closed"] or {}).get("reason") == "satisfied"),
        (200, False),
    ),
)

STORIES: Final[tuple[Story, ...]] = (REVIEW, ORDERED, LEADERSHIP, FALSE)
