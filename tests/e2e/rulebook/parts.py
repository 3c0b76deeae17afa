"""R22, R49: co-units' parts, and a call with several matters."""

from typing import Final

from tests.support.rulebook.attempts import act, registered
from tests.support.rulebook.instants import Json
from tests.support.rulebook.people import CALLER, OPERATOR, handler
from tests.support.rulebook.probes import happened, lights, seen, track
from tests.support.rulebook.scene import Story, story
from tests.support.rulebook.steps import accepted, must, refused, until


def _outcomes(view: Json) -> object:
    return [(part["unit"], part["outcome"]) for part in view["dispatches"][0]["co_unit_parts"]]


def _signed(view: Json) -> object:
    return [part["unit"] for part in view["dispatches"][0]["co_unit_parts"] if part["signed_for_at"]]


TWO: Final = [{"matter": "二期变压器供电验收排不上"}, {"matter": "厂区门口道路坑洼"}]

PARTS: Final = story(
    "co-units-parts",
    registered(),
    act("Mon 2031-03-03 09:00", OPERATOR, "dispatch", unit="ZZ-GXJ", co_units=["ZZ-CZJ", "ZZ-SPJ", "ZZ-SCJ"]),
    act("Mon 2031-03-03 10:00", handler("ZZ-GXJ"), "contact"),
    act("Mon 2031-03-03 11:00", handler("ZZ-GXJ"), "reply"),
    accepted(
        "R22", "A co-unit signs for its part", act("Mon 2031-03-03 12:00", handler("ZZ-CZJ"), "sign-for")
    ),
    refused(
        "R49",
        "After its dispatch a claim is not split",
        act("Mon 2031-03-03 12:10", OPERATOR, "split", matters=TWO),
    ),
    must("R22", "The lead sees who has signed", seen(_signed, by=handler("ZZ-GXJ")), ["ZZ-CZJ"]),
    accepted(
        "R22",
        "A co-unit reports its part done",
        act("Thu 2031-03-06 10:00", handler("ZZ-CZJ"), "report-part"),
    ),
    refused(
        "R22",
        "A co-unit that has no part says why",
        act("Thu 2031-03-06 11:00", handler("ZZ-SPJ"), "report-part", outcome="none", text=""),
        status=(409, 422),
        cites=None,
    ),
    accepted(
        "R22",
        "With its reason it is taken",
        act("Thu 2031-03-06 11:10", handler("ZZ-SPJ"), "report-part", outcome="none", text="不涉及审批事项"),
    ),
    refused(
        "R22",
        "The lead does not report a co-unit's part",
        act("Thu 2031-03-06 12:00", handler("ZZ-GXJ"), "report-part"),
        status=(403, 404, 409),
        cites=None,
    ),
    until("Thu 2031-03-13 23:00"),
    must("R22", "Until its own day ends nobody is late", happened("part-overdue"), []),
    until("Fri 2031-03-14 09:00"),
    must("R22", "Late: the co-unit is warned", happened("part-overdue"), ["part-overdue"]),
    must("R22", "No light", lights(), []),
    must(
        "R22",
        "The lead sees what became of each part",
        seen(_outcomes, by=handler("ZZ-GXJ")),
        [("ZZ-CZJ", "done"), ("ZZ-SPJ", "none"), ("ZZ-SCJ", None)],
    ),
)


SPLIT: Final = story(
    "split",
    registered(matter="供电验收排不上，门口道路也坏了"),
    refused(
        "R49",
        "One matter is no split",
        act("Mon 2031-03-03 09:00", OPERATOR, "split", matters=TWO[:1]),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R49",
        "The hotline's callers do not split",
        act("Mon 2031-03-03 09:05", CALLER, "split", matters=TWO),
        status=(403,),
        cites=None,
    ),
    accepted(
        "R49",
        "A call with several matters is split before dispatch",
        act("Mon 2031-03-03 09:10", OPERATOR, "split", matters=TWO),
    ),
    must("R49", "Into linked claims", seen(lambda view: len(view["split_into"])), 1),
    must(
        "R49",
        "The claim keeps its first matter",
        seen(lambda view: view["matter"]),
        "二期变压器供电验收排不上",
    ),
    must(
        "R49",
        "The enterprise hears all numbers",
        track("0004", lambda told: len(told["same_call"])),
        (200, 1),
    ),
)

STORIES: Final[tuple[Story, ...]] = (PARTS, SPLIT)
