"""R17, R18, §二.四: extensions, contacts, replies, feedback."""

from typing import Final

from tests.support.rulebook.attempts import act, registered
from tests.support.rulebook.instants import played
from tests.support.rulebook.people import OPERATOR, SUPERVISOR, handler, head
from tests.support.rulebook.probes import (
    events,
    lights,
    limit,
    limit_of,
    of_limit,
    seen,
)
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import FORBIDDEN, accepted, must, refused, until

EXTENDED: Final = story(
    "extended",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-YBJ"),
    act("Mon 2031-03-03 09:05", handler("ZZ-YBJ"), "contact"),
    act("", handler("ZZ-YBJ"), "reply"),
    refused(
        "R17",
        "A handler's application without the head's signature is refused",
        act("Mon 2031-03-17 19:00", handler("ZZ-YBJ"), "request-extension"),
    ),
    refused(
        "R17",
        "An application without a record of explaining it to the enterprise is refused",
        act("Mon 2031-03-17 19:10", head("ZZ-YBJ"), "request-extension", explained=None),
    ),
    refused(
        "R17",
        "An application without the work so far is refused",
        act("Mon 2031-03-17 19:20", head("ZZ-YBJ"), "request-extension", work_so_far=""),
    ),
    refused(
        "R17",
        "An application without a plan is refused",
        act("Mon 2031-03-17 19:30", head("ZZ-YBJ"), "request-extension", plan=""),
    ),
    accepted(
        "R17",
        "It may be filed until the 10th day ends",
        act("Mon 2031-03-17 23:30", head("ZZ-YBJ"), "request-extension"),
    ),
    must(
        "R17",
        "The platform decides within 1 working day",
        limit("extension-decision"),
        ("running", "Tue 2031-03-18 24:00"),
    ),
    until("Tue 2031-03-18 10:00"),
    must("R17", "While it is undecided the resolve limit lights nothing", lights(), []),
    refused(
        "§1",
        "The unit does not decide on its own application",
        act("Tue 2031-03-18 10:30", head("ZZ-YBJ"), "decide-extension"),
        status=FORBIDDEN,
        cites=None,
    ),
    act("Tue 2031-03-18 11:00", SUPERVISOR, "decide-extension"),
    must(
        "R17",
        "Approved: 25 working days in total from delivery, Qingming's Monday not counted",
        limit("resolve"),
        ("running", "Tue 2031-04-08 24:00"),
    ),
    must("R17", "It is the same limit, of 25 days", of_limit("resolve", "working_days"), 25),
    refused(
        "R17",
        "Once: a second application is refused",
        act("Wed 2031-03-19 10:00", head("ZZ-YBJ"), "request-extension"),
    ),
    until("Wed 2031-04-09 09:00"),
    must(
        "R31",
        "The extended limit is missed as its last day ends",
        lights(),
        [("resolve", "yellow", "Tue 2031-04-08 24:00")],
    ),
)

REFUSED_EXTENSION: Final = story(
    "refused-extension",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-XFJ"),
    act("Mon 2031-03-03 09:05", handler("ZZ-XFJ"), "contact"),
    act("", handler("ZZ-XFJ"), "reply"),
    act("Fri 2031-03-14 10:00", head("ZZ-XFJ"), "request-extension"),
    act("Thu 2031-03-20 10:00", SUPERVISOR, "decide-extension", approve=False, reason="理由不足"),
    must(
        "R17",
        "Refused: what remains runs on: one working day was left",
        limit("resolve"),
        ("running", "Fri 2031-03-21 24:00"),
    ),
    must("R17", "The days of the decision brought no light", lights(), []),
    refused(
        "R17",
        "Once: a refused application was the one",
        act("Thu 2031-03-20 11:00", head("ZZ-XFJ"), "request-extension"),
    ),
    until("Sat 2031-03-22 09:00"),
    must("R31", "What remained has ended", lights(), [("resolve", "yellow", "Fri 2031-03-21 24:00")]),
)

REFUSED_LATE: Final = story(
    "extension-refused-late",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-DSJ"),
    act("Mon 2031-03-03 09:05", handler("ZZ-DSJ"), "contact"),
    act("", handler("ZZ-DSJ"), "reply"),
    act("Mon 2031-03-03 12:00", head("ZZ-DSJ"), "request-extension"),
    act("Thu 2031-04-03 10:00", SUPERVISOR, "decide-extension", approve=False, reason="理由不足"),
    must(
        "R17",
        "Refused late: never beyond the day that an approval would have given",
        limit("resolve"),
        ("running", "Tue 2031-04-08 24:00"),
    ),
)

LATE_EXTENSION: Final = story(
    "late-extension",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-JRJ"),
    act("Mon 2031-03-03 09:05", handler("ZZ-JRJ"), "contact"),
    act("", handler("ZZ-JRJ"), "reply"),
    refused(
        "R17",
        "An application after the 10th day is refused",
        act("Tue 2031-03-18 08:00", head("ZZ-JRJ"), "request-extension"),
    ),
    act("Tue 2031-03-18 09:00", handler("ZZ-JRJ"), "feedback", summary="。"),
    act("Tue 2031-03-18 10:00", SUPERVISOR, "verify", compliant=False, opinion="没有办理情况"),
    until("Fri 2031-03-21 09:00"),
    must(
        "R18",
        "After a yellow an incomplete feedback does not hold off the red; one yellow and one red at most",
        lights(),
        [("resolve", "yellow", "Mon 2031-03-17 24:00"), ("resolve", "red", "Wed 2031-03-19 24:00")],
    ),
    act("Fri 2031-03-21 10:00", handler("ZZ-JRJ"), "feedback", summary="。"),
    act("Fri 2031-03-21 11:00", SUPERVISOR, "verify", compliant=False, opinion="还是没有办理情况"),
    until("Thu 2031-03-27 09:00"),
    must(
        "R18",
        "After yellow and red no second pair comes for the same limit",
        seen(lambda view: sorted((one["limit"], one["colour"]) for one in view["lights"])),
        [("resolve", "red"), ("resolve", "yellow")],
    ),
)

SENT_BACK_LATE: Final = story(
    "sent-back-late",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-LYJ"),
    act("Mon 2031-03-03 09:05", handler("ZZ-LYJ"), "contact"),
    act("", handler("ZZ-LYJ"), "reply"),
    act("Mon 2031-03-17 20:00", handler("ZZ-LYJ"), "feedback", summary="。"),
    act("Tue 2031-03-18 10:00", SUPERVISOR, "verify", compliant=False, opinion="没有办理情况"),
    must(
        "R18",
        "The first time in a round: due 1 working day later if that is later",
        limit("resolve"),
        ("running", "Wed 2031-03-19 24:00"),
    ),
    act("Wed 2031-03-19 10:00", handler("ZZ-LYJ"), "feedback", summary="已办"),
    act("Wed 2031-03-19 16:00", SUPERVISOR, "verify", compliant=False, opinion="仍无办理情况"),
    until("Wed 2031-03-19 17:00"),
    must("R18", "A second time moves nothing", limit("resolve"), ("running", "Wed 2031-03-19 24:00")),
    until("Mon 2031-03-24 09:00"),
    must(
        "R18",
        "It is the same limit, with one yellow and one red",
        lights(),
        [("resolve", "yellow", "Wed 2031-03-19 24:00"), ("resolve", "red", "Fri 2031-03-21 24:00")],
    ),
    must("R18", "One limit in the record of the claim", seen(lambda view: _count(view, "resolve")), 1),
)

DATES: Final = story(
    "dates-of-contact",
    registered(),
    act("Thu 2031-03-06 09:00", OPERATOR, "dispatch", unit="ZZ-SWT"),
    refused(
        "R18",
        "A contact dated 3 days before the delivery is refused",
        act("Thu 2031-03-06 10:00", handler("ZZ-SWT"), "contact", at=played("Mon 2031-03-03 09:00")),
        cites=None,
    ),
    refused(
        "R18",
        "A contact dated before registration is refused",
        act("Thu 2031-03-06 10:05", handler("ZZ-SWT"), "contact", at=played("Thu 2031-01-02 09:00")),
        cites=None,
    ),
    refused(
        "R18",
        "A contact that is still to come is refused",
        act("Thu 2031-03-06 10:10", handler("ZZ-SWT"), "contact", at=played("Fri 2031-03-07 09:00")),
        cites=None,
        status=(409, 422),
    ),
    accepted(
        "R18",
        "A contact dated at the instant of the delivery's own minute and later is taken",
        act("Thu 2031-03-06 10:15", handler("ZZ-SWT"), "contact", at=played("Thu 2031-03-06 09:30")),
    ),
    must(
        "§二.四.1",
        "The contact record holds time, means and person",
        seen(lambda view: [(one["means"], one["person"]) for one in view["contacts"]]),
        [("电话", "王经理")],
    ),
    must(
        "R18",
        "Only what was taken is in the journal",
        events("contacted"),
        [("contacted", "Thu 2031-03-06 10:15")],
    ),
    act("Thu 2031-03-06 11:00", handler("ZZ-SWT"), "reply"),
    accepted(
        "R18",
        "“Service confirmed” is a feedback like “resolved”",
        act("Fri 2031-03-07 10:00", handler("ZZ-SWT"), "feedback", outcome="service-confirmed"),
    ),
    must("R18", "It meets the resolve limit", of_limit("resolve", "status"), "met"),
)


def _count(view: dict[str, object], kind: str) -> int:
    found = view["limits"]
    assert isinstance(found, list)
    assert limit_of(view, kind)
    return sum(one["kind"] == kind for one in found)


STORIES: Final[tuple[Story, ...]] = (
    EXTENDED,
    REFUSED_EXTENSION,
    REFUSED_LATE,
    LATE_EXTENSION,
    SENT_BACK_LATE,
    DATES,
)
