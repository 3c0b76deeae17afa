"""R29-R33, R37, R38: warnings, letters, lights, reminders, escalation."""

from typing import Final

from tests.support.rulebook.account_probes import measures, notices_of, notified, notified_again
from tests.support.rulebook.attempts import act, registered, unit_act
from tests.support.rulebook.instants import shown_day
from tests.support.rulebook.people import INSPECTOR, OPERATOR, SUPERVISOR, handler, head
from tests.support.rulebook.probes import (
    colours,
    counted,
    days_of,
    events,
    happened,
    letter_says,
    letters,
    lights,
    limit,
    of_limit,
    revoked,
    seen,
    stage,
    twice_a_day,
)
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import FORBIDDEN, accepted, holds, must, never, refused, tried, until

SILENCE: Final = story(
    "silence",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-KJJ"),
    until("Tue 2031-03-04 23:00"),
    must("R31", "No light before the limit has ended", lights(), []),
    must(
        "R30",
        "Before the limit ends the unit is warned",
        notified("ZZ-KJJ", kind="early-warning"),
        ["ZZ-KJJ"],
    ),
    until("Wed 2031-03-05 09:00"),
    must(
        "R31",
        "Limit missed: a yellow light, dated at the instant the limit ended",
        lights(),
        [("contact", "yellow", "Tue 2031-03-04 24:00")],
    ),
    must(
        "R31",
        "Limit missed: a supervision letter, dated at the instant the limit ended",
        letters(),
        [("contact", "Tue 2031-03-04 24:00")],
    ),
    holds("R38", "A letter says to whom it is copied", letter_says("抄送")),
    must(
        "R38",
        "Letters go to the unit and are copied to both groups",
        notified("ZZ-KJJ", "LG-ZH", "LG-DD", kind="letter-issued"),
        ["ZZ-KJJ", "LG-ZH", "LG-DD"],
    ),
    must(
        "R2",
        "A light given as 03-04 ends is of 03-05: the supervised feedback has 03-05 as day 0",
        limit("supervised-feedback", of="contact"),
        ("running", "Thu 2031-03-06 24:00"),
    ),
    must(
        "R6",
        "Supervised feedback has its day-by-day explanation",
        seen(
            lambda view: [
                [shown_day(day["date"]) for day in one["explanation"] if day["counted"]]
                for one in view["limits"]
                if one["kind"] == "supervised-feedback"
            ]
        ),
        [["Thu 2031-03-06"]],
    ),
    until("Thu 2031-03-06 23:00"),
    must(
        "R32",
        "The second limit missed has its own yellow; no red while the working day after the first is not over",
        lights(),
        [("contact", "yellow", "Tue 2031-03-04 24:00"), ("reply", "yellow", "Wed 2031-03-05 24:00")],
    ),
    until("Mon 2031-03-10 08:00"),
    must(
        "R32",
        "1 working day after the yellow and still no feedback: red light",
        lights(),
        [
            ("contact", "yellow", "Tue 2031-03-04 24:00"),
            ("reply", "yellow", "Wed 2031-03-05 24:00"),
            ("contact", "red", "Thu 2031-03-06 24:00"),
            ("reply", "red", "Fri 2031-03-07 24:00"),
        ],
    ),
    until("Wed 2031-03-12 23:00"),
    must("R32", "No escalation before 3 working days after the red", events("escalated"), []),
    until("Thu 2031-03-13 20:00"),
    must(
        "R32",
        "One reminder a working day for the claim, however many limits are missed",
        twice_a_day("unit-reminded"),
        [],
    ),
    must(
        "R32",
        "There is one on each working day after the red",
        days_of("unit-reminded"),
        ["Mon 2031-03-10", "Tue 2031-03-11", "Wed 2031-03-12"],
    ),
    must(
        "R32",
        "After 3 working days more the claim goes to the inspectors",
        events("escalated"),
        [("escalated", "Wed 2031-03-12 24:00")],
    ),
    must("R32", "The inspectors are told", notified("LG-DD", kind="escalated"), ["LG-DD"]),
    until("Fri 2031-03-14 20:00"),
    must("R32", "It goes there once a round, though two limits are red", counted("escalated"), 1),
    until("Fri 2031-03-21 09:00"),
    holds(
        "R32",
        "It is put before the inspectors again every 5 working days until somebody acts",
        notified_again("LG-DD", "Thu 2031-03-20 24:00"),
    ),
    must("R34", "Two yellows of one incident are no pair", measures("ZZ-KJJ", "interview", "status"), []),
    must("R34", "Nor are its reds", measures("ZZ-KJJ", "accountability", "status"), []),
    act("", handler("ZZ-KJJ"), "contact"),
    must("R31", "Late feedback does not take the yellow back", revoked(), []),
    must("R31", "A limit that was missed stays missed", of_limit("contact", "status"), "missed"),
)

BEFORE_RED: Final = story(
    "before-red",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-JYJ"),
    act("Thu 2031-03-06 22:00", handler("ZZ-JYJ"), "contact"),
    act("Thu 2031-03-06 22:05", handler("ZZ-JYJ"), "reply"),
    until("Tue 2031-03-11 09:00"),
    must(
        "R32",
        "Feedback within 1 working day after the yellow: no red",
        lights(),
        [("contact", "yellow", "Tue 2031-03-04 24:00"), ("reply", "yellow", "Wed 2031-03-05 24:00")],
    ),
    must("R32", "Nobody is reminded or escalated then", happened("unit-reminded", "escalated"), []),
    until("Tue 2031-03-18 09:00"),
    must(
        "R31",
        "Resolve is a limit of its own: it is missed on the tenth day",
        lights(),
        [
            ("contact", "yellow", "Tue 2031-03-04 24:00"),
            ("reply", "yellow", "Wed 2031-03-05 24:00"),
            ("resolve", "yellow", "Mon 2031-03-17 24:00"),
        ],
    ),
    act("Wed 2031-03-19 23:00", handler("ZZ-JYJ"), "feedback"),
    until("Thu 2031-03-20 12:00"),
    must("R32", "Feedback on the last evening before the red: no red", colours("red"), []),
)

REVOKED: Final = story(
    "revoked",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-GAJ"),
    act("Wed 2031-03-05 10:00", handler("ZZ-GAJ"), "reply"),
    refused(
        "R37",
        "Nobody but a supervisor revokes a light",
        unit_act(INSPECTOR, "ZZ-GAJ", "revoke-light", light=("it", "contact", "yellow"), reason="平台责任"),
        status=FORBIDDEN,
        cites=None,
    ),
    accepted(
        "R37",
        "A supervisor may revoke a light with a reason",
        unit_act(SUPERVISOR, "ZZ-GAJ", "revoke-light", light=("it", "contact", "yellow"), reason="平台责任"),
    ),
    must("R37", "The light stays visible as revoked", revoked(), [("contact", "yellow")]),
    until("Mon 2031-03-10 09:00"),
    must("R32", "A yellow that is revoked before its red leaves no red", colours("red"), []),
    must("R32", "Nor reminders of what was revoked", happened("unit-reminded"), []),
)

REVOKED_AFTER_CLOSING: Final = story(
    "revoked-after-closing",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-STJ"),
    act("Wed 2031-03-05 10:00", handler("ZZ-STJ"), "contact"),
    act("", handler("ZZ-STJ"), "reply"),
    act("Wed 2031-03-05 15:00", OPERATOR, "withdraw"),
    must("R47", "Withdrawn on a confirming call: closed", stage(), ("withdrawn", "Wed 2031-03-05 15:00")),
    never(
        "R47",
        "Clocks stop",
        seen(lambda view: any(one["status"] == "running" for one in view["limits"])),
    ),
    must("R47", "Lights stay", lights(), [("contact", "yellow", "Tue 2031-03-04 24:00")]),
    until("Thu 2031-03-06 09:00"),
    unit_act(SUPERVISOR, "ZZ-STJ", "revoke-light", light=("it", "contact", "yellow"), reason="系统故障"),
    must(
        "R37",
        "The light is shown as revoked in the claim too when that has closed",
        revoked(),
        [("contact", "yellow")],
    ),
    must("R37", "Its journal has it", happened("light-revoked"), ["light-revoked"]),
)

DISTRICT: Final = story(
    "district",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="QX-370404"),
    accepted(
        "R21",
        "A district delegates to its towns",
        act("Mon 2031-03-03 10:00", handler("QX-370404"), "delegate", unit="ZJ-370404101"),
    ),
    accepted(
        "R21",
        "The delegate may act",
        act("Mon 2031-03-03 11:00", handler("ZJ-370404101"), "progress"),
    ),
    tried(act("Mon 2031-03-03 12:00", head("ZJ-370404101"), "reject", suggested_unit="ZZ-JTJ")),
    must(
        "R21",
        "A town's head does not return for its district: the claim is still the district's",
        stage(),
        "handling",
    ),
    tried(act("Mon 2031-03-03 12:10", head("ZJ-370404101"), "request-extension")),
    must(
        "R21",
        "A town's head does not apply for its district's extension",
        seen(lambda view: view["extension"]),
        None,
    ),
    until("Wed 2031-03-05 08:00"),
    must(
        "R33",
        "The light is the district's; the town that caused it is named inside",
        seen(lambda view: [(one["unit"], one["caused_by"]) for one in view["lights"]]),
        [("QX-370404", "ZJ-370404101")],
    ),
    accepted(
        "R21",
        "The district's head applies for the extension",
        act("Wed 2031-03-05 09:00", head("QX-370404"), "request-extension"),
    ),
)

OFFICE_HOURS: Final = story(
    "office-hours",
    registered(),
    act("Wed 2031-03-05 09:00", OPERATOR, "dispatch", unit="ZZ-JTJ"),
    act("Wed 2031-03-05 10:00", handler("ZZ-JTJ"), "reply"),
    act("Sat 2031-03-08 09:00", handler("ZZ-JTJ"), "contact"),
    must(
        "R31",
        "A limit that ends on a Thursday is missed as Thursday ends",
        colours("yellow"),
        [("contact", "Thu 2031-03-06 24:00")],
    ),
    must("R2", "Its light is of Friday: no red before Monday has ended", colours("red"), []),
    must(
        "R29",
        "The message about a light of midnight is delivered in office hours",
        notices_of("letter-issued", "ZZ-JTJ", "next_at"),
        ["Fri 2031-03-07 08:30"],
    ),
    must(
        "R29",
        "A unit without a channel has it in its inbox: nothing says that it was delivered",
        notices_of("letter-issued", "LG-DD", "state"),
        ["quiet"],
    ),
)

STORIES: Final[tuple[Story, ...]] = (
    SILENCE,
    BEFORE_RED,
    REVOKED,
    REVOKED_AFTER_CLOSING,
    DISTRICT,
    OFFICE_HOURS,
)
