"""R5, R15: returns and redetermination."""

from typing import Final

from tests.support.rulebook.attempts import act, registered, upload
from tests.support.rulebook.people import OPERATOR, SUPERVISOR, handler, head
from tests.support.rulebook.probes import (
    lights,
    limit,
    limits,
    of_limit,
    stage,
    statuses,
)
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import accepted, must, refused, until

INCOMPLETE: Final = story(
    "incomplete-return",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-CGJ"),
    refused(
        "R15",
        "A return without a reason is refused",
        act("Mon 2031-03-03 10:00", head("ZZ-CGJ"), "reject", reason=""),
    ),
    refused(
        "R15",
        "A return without a basis is refused",
        act("Mon 2031-03-03 10:01", head("ZZ-CGJ"), "reject", basis=""),
    ),
    refused(
        "R15",
        "A return without a suggested unit is refused",
        act("Mon 2031-03-03 10:02", head("ZZ-CGJ"), "reject", suggested_unit=""),
    ),
    refused(
        "R15",
        "A handler's return without the head's signature is refused",
        act("Mon 2031-03-03 10:03", handler("ZZ-CGJ"), "reject"),
    ),
    refused(
        "R15",
        "A signature on a paper that nobody filed is refused",
        act("Mon 2031-03-03 10:04", handler("ZZ-CGJ"), "reject", signature={"head": "王局长", "paper": "x"}),
        status=(409, 422),
        cites=None,
    ),
    registered("other"),
    upload("of-other", OPERATOR, "other"),
    refused(
        "R15",
        "A scan of another claim is no signature",
        act(
            "Mon 2031-03-03 10:05",
            handler("ZZ-CGJ"),
            "reject",
            signature={"head": "王局长", "paper": "@of-other"},
        ),
        status=(409, 422),
    ),
    upload("of-platform", OPERATOR),
    refused(
        "R15",
        "A scan that the unit did not file is no signature",
        act(
            "Mon 2031-03-03 10:06",
            handler("ZZ-CGJ"),
            "reject",
            signature={"head": "王局长", "paper": "@of-platform"},
        ),
        status=(409, 422),
    ),
    must(
        "R15",
        "Incomplete: refused, and clocks run on",
        limits("contact", "reply", "resolve"),
        {
            "contact": ("running", "Tue 2031-03-04 24:00"),
            "reply": ("running", "Wed 2031-03-05 24:00"),
            "resolve": ("running", "Mon 2031-03-17 24:00"),
        },
    ),
    upload("signed", handler("ZZ-CGJ")),
    accepted(
        "R15",
        "The head's signature may be a scan that lies with this claim and that the unit filed",
        act(
            "Tue 2031-03-04 23:30",
            handler("ZZ-CGJ"),
            "reject",
            signature={"head": "王局长", "paper": "@signed"},
        ),
    ),
)

CONFIRMED: Final = story(
    "confirmed-unit",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-NYJ"),
    act("Tue 2031-03-04 15:00", head("ZZ-NYJ"), "reject"),
    must("R15", "A complete return goes to the platform", stage(), "redetermination"),
    must(
        "R5",
        "A return stops every clock of that dispatch",
        statuses("contact", "reply", "resolve"),
        {"contact": "paused", "reply": "paused", "resolve": "paused"},
    ),
    must(
        "R15",
        "The platform decides within 1 working day of the return",
        limit("redetermine"),
        ("running", "Wed 2031-03-05 24:00"),
    ),
    refused(
        "§1",
        "An operator does not decide on a return",
        act("Tue 2031-03-04 16:00", OPERATOR, "redetermine"),
        status=(403,),
        cites=None,
    ),
    until("Fri 2031-03-07 09:00"),
    must("R5", "Nobody but the platform carries the time of a return: no light", lights(), []),
    must(
        "R60",
        "A redetermination that is late is the platform's delay",
        of_limit("redetermine", "status"),
        "missed",
    ),
    act("Fri 2031-03-07 10:00", SUPERVISOR, "redetermine", decision="confirm"),
    must("R15", "The same unit confirmed: it handles the claim", stage(), "handling"),
    must(
        "R5",
        "Same unit confirmed: the remaining working days run on, at least 1",
        limits("contact", "reply", "resolve"),
        {
            "contact": ("running", "Mon 2031-03-10 24:00"),
            "reply": ("running", "Mon 2031-03-10 24:00"),
            "resolve": ("running", "Thu 2031-03-20 24:00"),
        },
    ),
)


STORIES: Final[tuple[Story, ...]] = (
    INCOMPLETE,
    CONFIRMED,
)
