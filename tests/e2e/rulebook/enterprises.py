"""R39, R46-R48: what the enterprise may do and see at any time."""

from typing import Final

from tests.support.rulebook.account_probes import notified
from tests.support.rulebook.attempts import act, registered
from tests.support.rulebook.people import AUDITOR, CALLER, NOBODY, OPERATOR, enterprise, handler
from tests.support.rulebook.probes import (
    answered,
    close_reason,
    limits,
    opens,
    seen,
    stage,
    status_of,
    statuses,
    track,
)
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import accepted, holds, must, never, refused

TRACKED: Final = story(
    "tracked",
    registered(phone="0632-5551234"),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-MZJ"),
    must(
        "R39",
        "By number and the last digits of the phone: where the claim stands",
        track("1234"),
        (200, "handling"),
    ),
    must("R39", "Wrong digits see nothing", track("9999"), (404, None)),
    never("R39", "No digits see nothing", opens(NOBODY, "/track/{it}")),
    must(
        "R39",
        "Nothing of the contact is shown",
        track("1234", lambda found: "王经理" in str(found) or "5551234" in str(found)),
        (200, False),
    ),
    must("R39", "The unit is named", track("1234", lambda found: found["unit_name"]), (200, "市民政局")),
    must(
        "R39",
        "An enterprise sees its own claim",
        status_of(enterprise("枣庄tracked有限公司"), "/claims/{it}"),
        200,
    ),
    must(
        "R39",
        "And nothing that is not its own",
        status_of(enterprise("枣庄别家有限公司"), "/claims/{it}"),
        404,
    ),
    accepted(
        "R46", "It may remind", act("Tue 2031-03-04 09:00", enterprise("枣庄tracked有限公司"), "remind")
    ),
    accepted(
        "R46",
        "It may supplement",
        act("Tue 2031-03-04 09:10", enterprise("枣庄tracked有限公司"), "supplement"),
    ),
    must("R46", "The unit is told of both", notified("ZZ-MZJ", kind="reminded"), ["ZZ-MZJ"]),
    must("R46", "Of the supplement too", notified("ZZ-MZJ", kind="supplemented"), ["ZZ-MZJ"]),
    must(
        "R46",
        "No clock starts anew",
        limits("contact", "reply", "resolve"),
        {
            "contact": ("running", "Tue 2031-03-04 24:00"),
            "reply": ("running", "Wed 2031-03-05 24:00"),
            "resolve": ("running", "Mon 2031-03-17 24:00"),
        },
    ),
    refused(
        "R39",
        "Another enterprise does not remind for it",
        act("Tue 2031-03-04 09:20", enterprise("枣庄别家有限公司"), "remind"),
        status=(404,),
        cites=None,
    ),
    act("Tue 2031-03-04 10:00", enterprise("枣庄tracked有限公司"), "withdraw", confirmed_by_call=False),
    must("R47", "The enterprise's own word waits for a call", stage(), "handling"),
    refused(
        "R47",
        "A withdrawal without a confirming call is refused",
        act("Tue 2031-03-04 11:00", CALLER, "withdraw", confirmed_by_call=False),
    ),
    refused(
        "R47",
        "The unit does not withdraw it",
        act("Tue 2031-03-04 11:30", handler("ZZ-MZJ"), "withdraw"),
        status=(403,),
        cites=None,
    ),
    accepted(
        "R47",
        "Confirmed by a call of the hotline",
        act("Tue 2031-03-04 12:00", CALLER, "withdraw", confirmed_by_call=True),
    ),
    must("R47", "Closed as withdrawn", stage(), ("withdrawn", "Tue 2031-03-04 12:00")),
    must(
        "R47",
        "Clocks stop",
        statuses("contact", "reply", "resolve"),
        {"contact": "void", "reply": "void", "resolve": "void"},
    ),
    refused(
        "R47",
        "Nothing more is done with it",
        act("", handler("ZZ-MZJ"), "contact"),
        cites=None,
        status=(404, 409),
    ),
)

SAME_MATTER: Final = "二期变压器已装好一个多月，供电验收一直排不上。"

MERGED: Final = story(
    "merged",
    registered("living", matter=SAME_MATTER),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", "living", unit="ZZ-MZJ"),
    registered("double", matter=SAME_MATTER),
    holds(
        "R48",
        "The same enterprise and matter while one is open: shown as a possible duplicate",
        seen(lambda view: len(view["possible_duplicates"]) == 1, "double", OPERATOR),
    ),
    registered("stranger", enterprise="枣庄别家有限公司", matter=SAME_MATTER),
    refused(
        "R48",
        "A claim is not merged into one of another enterprise",
        act("", OPERATOR, "merge", "stranger", into="$living"),
        status=(409, 422),
    ),
    refused(
        "R48",
        "A claim is not merged into itself",
        act("", OPERATOR, "merge", "double", into="$double"),
        status=(409, 422),
    ),
    act("", OPERATOR, "merge", "double", into="$living"),
    must("R48", "Merged into it, once that one has taken it", close_reason("double"), "merged"),
    must("R48", "The living one has it as a reminder", seen(lambda view: view["reminders"], "living"), 1),
    must("R48", "Its unit is told", notified("ZZ-MZJ", kind="reminded", claim="living"), ["ZZ-MZJ"]),
    accepted(
        "R48",
        "Later words to the merged number are taken",
        act("", enterprise("枣庄merged有限公司"), "supplement", "double", text="补充：影响投产"),
    ),
    must("R48", "They reach the living one", seen(lambda view: view["supplements"], "living"), 1),
    must(
        "R39",
        "The merged number's page leads to the living one",
        track("0004", lambda found: bool(found["merged_into"]), "double"),
        (200, True),
    ),
    refused(
        "R48",
        "Two claims never close into each other",
        act("Tue 2031-03-04 09:00", OPERATOR, "merge", "living", into="$double"),
        status=(409, 422),
        cites=None,
    ),
)

AFTER_CLOSING: Final = story(
    "after-closing",
    registered("old", matter=SAME_MATTER),
    act("Mon 2031-03-03 09:00", OPERATOR, "withdraw", "old"),
    registered("linked", matter=SAME_MATTER, linked_to="$old"),
    refused(
        "R48",
        "No claim closes into one that has ended",
        act("", OPERATOR, "merge", "linked", into="$old"),
        status=(409, 422),
        cites=None,
    ),
    must(
        "R48",
        "With new facts: a new claim linked to the old",
        answered(AUDITOR, "/claims/{linked}", lambda found: bool(found["linked_to"])),
        (200, True),
    ),
    must("R48", "The linked one is open", stage("linked"), "registered"),
)

STORIES: Final[tuple[Story, ...]] = (TRACKED, MERGED, AFTER_CLOSING)
