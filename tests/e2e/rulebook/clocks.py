"""R1-R6: the calendar and the clocks of a claim."""

from typing import Final

from tests.e2e.rulebook.arrangement import late_correction
from tests.support.rulebook.attempts import act, registered, request
from tests.support.rulebook.instants import shown_day
from tests.support.rulebook.people import ADMIN, AUDITOR, COORDINATOR, OPERATOR, SUPERVISOR, handler, head
from tests.support.rulebook.probes import (
    allows,
    answered,
    happened,
    limit,
    limit_end,
    limit_of,
    limits,
    of_limit,
    seen,
    stage,
    status_of,
)
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import FORBIDDEN, holds, must, refused, until

CALENDAR: Final = story(
    "calendar",
    must(
        "R1",
        "Working days are Monday to Friday minus the State Council's holidays plus its make-up working days",
        limit_end("2026-02-13T10:00:00+08:00", 10),
        ("Thu 2026-03-05", "Thu 2026-03-05 24:00", False),
    ),
    must(
        "R1",
        "A make-up Saturday is a working day",
        limit_end("2026-02-13T10:00:00+08:00", 1),
        ("Sat 2026-02-14", "Sat 2026-02-14 24:00", False),
    ),
    must(
        "R1",
        "A year whose arrangement is not published is provisional, and never silently weekends only",
        limit_end("2034-12-29T10:00:00+08:00", 1),
        ("Tue 2035-01-02", "Tue 2035-01-02 24:00", True),
    ),
    must(
        "R1",
        "A published year is not provisional",
        answered(AUDITOR, "/calendar/2026", lambda found: found["provisional"]),
        (200, False),
    ),
    must(
        "R1",
        "An unpublished year says that it is provisional",
        answered(AUDITOR, "/calendar/2035", lambda found: found["provisional"]),
        (200, True),
    ),
    must(
        "R2",
        "The day of the starting act is not counted",
        limit_end("2026-11-23T00:30:00+08:00", 1),
        ("Tue 2026-11-24", "Tue 2026-11-24 24:00", False),
    ),
    must(
        "R2",
        "An act on a rest day: that day is day 0",
        limit_end("2026-11-21T10:00:00+08:00", 1),
        ("Mon 2026-11-23", "Mon 2026-11-23 24:00", False),
    ),
    must(
        "R2",
        "An act in a long holiday: day 1 is the next working day",
        limit_end("2026-10-03T10:00:00+08:00", 2),
        ("Fri 2026-10-09", "Fri 2026-10-09 24:00", False),
    ),
    must(
        "R2",
        "00:00 belongs to the day that begins",
        limit_end("2026-11-24T00:00:00+08:00", 1),
        ("Wed 2026-11-25", "Wed 2026-11-25 24:00", False),
    ),
    must(
        "R2",
        "The last second of a day belongs to that day",
        limit_end("2026-11-23T23:59:59+08:00", 1),
        ("Tue 2026-11-24", "Tue 2026-11-24 24:00", False),
    ),
    must(
        "R2",
        "An instant belongs to the Beijing date it falls on, whatever its offset",
        limit_end("2026-11-23T16:00:00Z", 1),
        ("Wed 2026-11-25", "Wed 2026-11-25 24:00", False),
    ),
    must(
        "R6",
        "The explanation names every day from day 0 and counts the working days",
        answered(
            AUDITOR,
            "/deadlines/explain?start=2026-11-20T10:00:00%2B08:00&days=2",
            lambda found: [(day["date"], day["counted"], day["n"]) for day in found["days"]],
        ),
        (
            200,
            [
                ("2026-11-20", False, None),
                ("2026-11-21", False, None),
                ("2026-11-22", False, None),
                ("2026-11-23", True, 1),
                ("2026-11-24", True, 2),
            ],
        ),
    ),
    must(
        "R2",
        "A plus sign that has become a space is refused, not read as another day",
        status_of(AUDITOR, "/deadlines/explain?start=2026-02-13T10:00:00+08:00&days=1"),
        422,
    ),
    refused(
        "§1",
        "A supervisor publishes no arrangement: coordinators and administrators do",
        request(SUPERVISOR, "/calendar/arrangements", dry_run=True, **late_correction()),
        status=FORBIDDEN,
        cites=None,
    ),
)

LIMITS: Final = story(
    "limits",
    registered(),
    must("R10", "A new claim waits for answer, decline or dispatch", stage(), "registered"),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-SFJ", co_units=["ZZ-CZJ"]),
    must(
        "§二.四.2",
        "Contact 1, return window 1, reply 2, resolve 10 working days from delivery",
        limits("contact", "return-window", "reply", "resolve"),
        {
            "contact": ("running", "Tue 2031-03-04 24:00"),
            "return-window": ("running", "Tue 2031-03-04 24:00"),
            "reply": ("running", "Wed 2031-03-05 24:00"),
            "resolve": ("running", "Mon 2031-03-17 24:00"),
        },
    ),
    must(
        "R14",
        "Co-units' parts are due 2 working days before the lead's",
        seen(lambda view: [shown_day(one["last_day"]) for one in view["dispatches"][0]["co_unit_parts"]]),
        ["Thu 2031-03-13"],
    ),
    must(
        "R6",
        "A deadline has its calendar version and its day-by-day explanation",
        seen(lambda view: _explained(limit_of(view, "resolve") or {})),
        (True, 10, "Mon 2031-03-17"),
    ),
    act("Mon 2031-03-03 17:00", handler("ZZ-SFJ"), "sign-for"),
    must(
        "R4",
        "A unit's clocks start at delivery, not at its signing for it",
        limit("contact"),
        ("running", "Tue 2031-03-04 24:00"),
    ),
    holds(
        "R20",
        "Signing for it is recorded",
        seen(lambda view: bool(view["dispatches"][0]["signed_for_at"])),
    ),
    act("Tue 2031-03-04 23:30", handler("ZZ-SFJ"), "contact"),
    must("R3", "The limit ends when the last day ends", of_limit("contact", "status"), "met"),
    refused(
        "R15",
        "A return after the window is refused",
        act("Wed 2031-03-05 08:00", head("ZZ-SFJ"), "reject"),
    ),
    must("R15", "The window closes: the unit has accepted", happened("window-closed"), ["window-closed"]),
    must("R15", "A return is offered no more", allows(head("ZZ-SFJ"), "reject", "reply"), ["reply"]),
    act("Wed 2031-03-05 23:30", handler("ZZ-SFJ"), "reply"),
    must("R3", "A reply on the evening of the second day is in time", of_limit("reply", "status"), "met"),
    act("Mon 2031-03-17 23:30", handler("ZZ-SFJ"), "feedback"),
    must("R3", "Feedback on the evening of the tenth day is in time", of_limit("resolve", "status"), "met"),
    must("R31", "Who keeps every limit has no light", seen(lambda view: view["lights"]), []),
    must(
        "R40",
        "The first call-back is due 1 working day after the feedback",
        limit("call-back"),
        ("running", "Tue 2031-03-18 24:00"),
    ),
    until("Wed 2031-03-19 09:00"),
    must(
        "R31",
        "A call-back that is late is the platform's delay: no light",
        seen(lambda view: view["lights"]),
        [],
    ),
    must("R60", "The platform's own delay is on record", of_limit("call-back", "status"), "missed"),
)

REST_DAY: Final = story(
    "rest-day",
    registered(),
    act("Sat 2031-03-08 10:00", OPERATOR, "dispatch", unit="ZZ-MZJ"),
    must(
        "R2",
        "Delivered on a Saturday: Saturday is day 0",
        limits("contact", "reply", "resolve"),
        {
            "contact": ("running", "Mon 2031-03-10 24:00"),
            "reply": ("running", "Tue 2031-03-11 24:00"),
            "resolve": ("running", "Fri 2031-03-21 24:00"),
        },
    ),
    act("Sat 2031-03-08 11:00", head("ZZ-MZJ"), "request-extension", kind="several-units"),
    act("Sat 2031-03-08 15:00", SUPERVISOR, "decide-extension"),
    must(
        "R17",
        "An extension changes neither contact nor reply: 25 days in total, Qingming's Monday not counted",
        limits("contact", "reply", "resolve"),
        {
            "contact": ("running", "Mon 2031-03-10 24:00"),
            "reply": ("running", "Tue 2031-03-11 24:00"),
            "resolve": ("running", "Mon 2031-04-14 24:00"),
        },
    ),
)

MIDNIGHT: Final = story(
    "midnight",
    registered(),
    act("Mon 2031-03-10 24:00", OPERATOR, "dispatch", unit="ZZ-MZJ"),
    must(
        "R2",
        "Delivered as Monday ends: Tuesday is day 0",
        limit("contact"),
        ("running", "Wed 2031-03-12 24:00"),
    ),
)

RECALCULATION: Final = story(
    "recalculation",
    registered(),
    act("Mon 2031-04-14 09:00", OPERATOR, "dispatch", unit="ZZ-MZJ"),
    must(
        "R1",
        "Ten working days",
        limit("resolve"),
        ("running", "Mon 2031-04-28 24:00"),
    ),
    request(ADMIN, "/calendar/arrangements", **late_correction()),
    must(
        "R1",
        "It is recomputed for every open claim when a correction is published: Wednesday 16 is off",
        limit("resolve"),
        ("running", "Tue 2031-04-29 24:00"),
    ),
    must(
        "R6", "Only a recorded recomputation moves it", happened("limits-recomputed"), ["limits-recomputed"]
    ),
    must(
        "R1",
        "What ends before the day that changed stays",
        limit("contact"),
        ("running", "Tue 2031-04-15 24:00"),
    ),
    must(
        "R7",
        "A coordinator may read every edition of the law",
        status_of(COORDINATOR, "/editions"),
        200,
    ),
)


def _explained(found: dict[str, object]) -> object:
    days = found.get("explanation")
    assert isinstance(days, list)
    counted = [day for day in days if day["counted"]]
    return (bool(found.get("calendar_version")), len(counted), shown_day(counted[-1]["date"]))


STORIES: Final[tuple[Story, ...]] = (CALENDAR, LIMITS, REST_DAY, MIDNIGHT, RECALCULATION)
