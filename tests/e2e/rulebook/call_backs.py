"""R40-R43: the call after the unit's feedback, the redo, and who cannot be reached."""

from typing import Final

from tests.support.rulebook.account_probes import notified
from tests.support.rulebook.attempts import act, registered
from tests.support.rulebook.people import AUDITOR, CALLER, OPERATOR, SUPERVISOR, enterprise, handler, head
from tests.support.rulebook.probes import (
    allows,
    close_reason,
    happened,
    lights,
    limit,
    limits,
    seen,
    stage,
    statuses,
)
from tests.support.rulebook.scene import Step, Story, story
from tests.support.rulebook.steps import FORBIDDEN, accepted, must, refused, until


def fed_back(unit: str, claim: str = "it") -> tuple[Step, ...]:
    """Return a claim delivered on Monday 10 March and fed back at once, with every limit kept."""
    return (
        registered(claim),
        act("Mon 2031-03-10 10:00", OPERATOR, "dispatch", claim, unit=unit),
        act("Mon 2031-03-10 10:05", handler(unit), "contact", claim),
        act("", handler(unit), "reply", claim),
        act("", handler(unit), "feedback", claim),
    )


UNHAPPY: Final = {"grade": "dissatisfied", "resolved": False, "contacted": True, "remark": "补偿没有着落"}

SATISFIED: Final = story(
    "satisfied",
    *fed_back("ZZ-YD"),
    must(
        "R40",
        "The unit's feedback waits for the call-back",
        limit("call-back"),
        ("running", "Tue 2031-03-11 24:00"),
    ),
    act("Mon 2031-03-10 10:30", SUPERVISOR, "verify", compliant=False, opinion="没有办理情况"),
    must("R18", "Incomplete: sent back for completion, as if it had not been given", stage(), "handling"),
    must(
        "R18",
        "Due at the old limit if that is later",
        limit("resolve"),
        ("running", "Mon 2031-03-24 24:00"),
    ),
    act("Mon 2031-03-10 10:40", handler("ZZ-YD"), "feedback"),
    refused(
        "§1",
        "The unit does not record its own call-back",
        act("Mon 2031-03-10 11:00", handler("ZZ-YD"), "call-back"),
        status=FORBIDDEN,
        cites=None,
    ),
    refused(
        "R40",
        "A call that reached somebody without a grade does not count",
        act("Mon 2031-03-10 11:10", CALLER, "call-back", grade=None),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R42",
        "Reached and graded, neither question answered: refused",
        act("Mon 2031-03-10 11:20", CALLER, "call-back", resolved=None, contacted=None),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R42",
        "Both questions are answered before the call counts: one is not enough",
        act("Mon 2031-03-10 11:30", CALLER, "call-back", contacted=None),
        status=(409, 422),
        cites=None,
    ),
    act("Tue 2031-03-11 20:00", CALLER, "call-back", grade="fairly-satisfied"),
    must("R40", "“Fairly satisfied” is satisfied: closed", stage(), ("satisfied", "Tue 2031-03-11 20:00")),
    must("R40", "The call in time meets its limit", statuses("call-back"), {"call-back": "met"}),
    refused(
        "R40",
        "One claim, one evaluation: a second call is refused",
        act("", CALLER, "call-back", grade="dissatisfied", resolved=False),
        cites=None,
    ),
)

OWN_RATING: Final = story(
    "own-rating",
    *fed_back("ZZ-YD"),
    refused(
        "R41",
        "An enterprise does not say of itself that nobody reached it",
        act(
            "Mon 2031-03-10 15:00",
            enterprise("枣庄own-rating有限公司"),
            "call-back",
            reached=False,
            grade=None,
            resolved=None,
            contacted=None,
        ),
        status=(403, 409),
        cites=None,
    ),
    accepted(
        "R40",
        "The enterprise's own rating counts as a call",
        act(
            "Tue 2031-03-11 09:00",
            enterprise("枣庄own-rating有限公司"),
            "call-back",
            grade="very-satisfied",
            resolved=False,
        ),
    ),
    must("R42", "Satisfied but not resolved closes too", close_reason(), "satisfied"),
    must(
        "R42",
        "And counts as not resolved: the call says so",
        seen(lambda view: [one["resolved"] for one in view["call_backs"]]),
        [False],
    ),
)

REDO: Final = story(
    "redo",
    *fed_back("ZZ-LT"),
    act("Tue 2031-03-11 10:00", CALLER, "call-back", **UNHAPPY),
    must("R43", "Dissatisfied: returned to the unit at once", stage(), "redo"),
    must(
        "R43",
        "Redo in 5 working days; no contact or reply clock",
        limits("redo"),
        {"redo": ("running", "Tue 2031-03-18 24:00")},
    ),
    must(
        "R43",
        "No contact or reply clock runs in it",
        seen(lambda view: [one["kind"] for one in view["limits"] if one["status"] == "running"]),
        ["redo"],
    ),
    refused(
        "R52",
        "Where the enterprise says that it was contacted, nothing false is confirmed",
        act("Tue 2031-03-11 10:30", SUPERVISOR, "confirm-false-feedback"),
    ),
    must("R52", "It is not offered", allows(SUPERVISOR, "confirm-false-feedback"), []),
    refused("R43", "No return", act("Tue 2031-03-11 11:00", head("ZZ-LT"), "reject"), cites=None),
    refused(
        "R43", "No extension", act("Tue 2031-03-11 11:10", head("ZZ-LT"), "request-extension"), cites=None
    ),
    must(
        "R43",
        "Neither is offered",
        allows(head("ZZ-LT"), "reject", "request-extension", "feedback"),
        ["feedback"],
    ),
    act("Tue 2031-03-18 22:00", handler("ZZ-LT"), "feedback"),
    must("R43", "Feedback on the fifth evening is in time", statuses("redo"), {"redo": "met"}),
    must("R40", "It is called back again", limit("call-back"), ("running", "Wed 2031-03-19 24:00")),
    act("Wed 2031-03-19 10:00", CALLER, "call-back", grade="satisfied"),
    must("R42", "Satisfied the second time: closed", stage(), ("satisfied", "Wed 2031-03-19 10:00")),
)

REDO_MISSED: Final = story(
    "redo-missed",
    *fed_back("ZZ-ZLS"),
    act("Tue 2031-03-11 10:00", CALLER, "call-back", **UNHAPPY),
    until("Wed 2031-03-19 09:00"),
    must("R31", "Redo missed: letter and yellow", lights(), [("redo", "yellow", "Tue 2031-03-18 24:00")]),
    act("Wed 2031-03-19 10:00", handler("ZZ-ZLS"), "feedback", summary="。"),
    act("Wed 2031-03-19 11:00", SUPERVISOR, "verify", compliant=False, opinion="没有办理情况"),
    until("Fri 2031-03-21 09:00"),
    must(
        "R18",
        "Junk does not hold off the red of a redo either",
        lights(),
        [("redo", "yellow", "Tue 2031-03-18 24:00"), ("redo", "red", "Thu 2031-03-20 24:00")],
    ),
)

NOT_REACHED: Final = {"reached": False, "grade": None, "resolved": None, "contacted": None}

UNREACHABLE: Final = story(
    "unreachable",
    *fed_back("ZZ-RQ"),
    act("Tue 2031-03-11 10:00", CALLER, "call-back", **NOT_REACHED),
    act("Tue 2031-03-11 15:00", CALLER, "call-back", **NOT_REACHED),
    act("Tue 2031-03-11 17:00", CALLER, "call-back", **NOT_REACHED),
    must("R41", "3 attempts on one working day are not enough for a link", happened("link-sent"), []),
    act("Wed 2031-03-12 10:00", CALLER, "call-back", **NOT_REACHED),
    must(
        "R41",
        "3 attempts on at least 2 working days, then a link by message",
        happened("link-sent"),
        ["link-sent"],
    ),
    must("R41", "The link goes to the enterprise", notified("enterprise", kind="link-sent"), ["enterprise"]),
    until("Mon 2031-03-17 23:00"),
    must("R41", "Within 3 working days nothing is closed", stage(), "call-back"),
    until("Tue 2031-03-18 09:00"),
    must(
        "R41",
        "3 working days without answer: closed as unreachable, never as satisfied",
        stage(),
        ("unreachable", "Mon 2031-03-17 24:00"),
    ),
    accepted(
        "R41",
        "The enterprise may reopen within 10 working days",
        act("Tue 2031-04-01 22:00", enterprise("枣庄unreachable有限公司"), "reopen"),
    ),
    must("R41", "It is open again", seen(lambda view: view["closed"]), None),
)

NEVER_REOPENED: Final = story(
    "never-reopened",
    *fed_back("ZZ-RQ"),
    act("Tue 2031-03-11 10:00", CALLER, "call-back", **NOT_REACHED),
    act("Wed 2031-03-12 10:00", CALLER, "call-back", **NOT_REACHED),
    act("Wed 2031-03-12 11:00", CALLER, "call-back", **NOT_REACHED),
    until("Wed 2031-04-02 08:00"),
    refused(
        "R41",
        "After 10 working days it is not reopened",
        act("", enterprise("枣庄never-reopened有限公司"), "reopen"),
        cites=None,
    ),
    must(
        "R41",
        "It stays closed as unreachable",
        seen(lambda view: view["closed"]["reason"], by=AUDITOR),
        "unreachable",
    ),
)

STORIES: Final[tuple[Story, ...]] = (
    SATISFIED,
    OWN_RATING,
    REDO,
    REDO_MISSED,
    UNREACHABLE,
    NEVER_REOPENED,
)
