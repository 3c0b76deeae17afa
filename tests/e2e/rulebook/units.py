"""R34-R37: two lights in a month, interviews, accountability files, in units' accounts."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from tests.e2e.rulebook.arrangement import day_before, is_worked
from tests.support.rulebook.account_probes import measures
from tests.support.rulebook.attempts import act, registered, unit_act
from tests.support.rulebook.instants import FIRST_MONDAY, SHIFT, Json, dated
from tests.support.rulebook.people import INSPECTOR, OPERATOR, SUPERVISOR, handler
from tests.support.rulebook.probes import lights, revoked
from tests.support.rulebook.scene import Step, Story, story
from tests.support.rulebook.steps import FORBIDDEN, UnitUntil, accepted, must, refused, until

DAY: Final = timedelta(days=1)
PROMISE: Final = {"text": "每日调度一次", "until": "2031-04-30"}
HELD: Final[Json] = {"person": "王局长", "place": "指挥平台", "record": "已约谈，明确任务"}


def delivered(claim: str, at: str, unit: str) -> tuple[Step, ...]:
    """Return a claim dispatched to a unit."""
    return (registered(claim), act(at, OPERATOR, "dispatch", claim, unit=unit))


def late_contact(claim: str, unit: str, delivery: str, morning: str) -> tuple[Step, ...]:
    """Return a claim whose contact is missed and recorded the next morning, and whose reply is in time."""
    return (
        *delivered(claim, delivery, unit),
        act(morning, handler(unit), "contact", claim),
        act("", handler(unit), "reply", claim),
    )


def late_by(claim: str, unit: str, light: date) -> tuple[Step, ...]:
    """Return a claim with a yellow light on a day: its contact was due at the end of the previous working day."""
    delivery = day_before(light - DAY)
    return (
        *delivered(claim, f"{dated(delivery)} 09:00", unit),
        act(f"{dated(delivery)} 10:00", handler(unit), "reply", claim),
        act(f"{dated(light)} 09:00", handler(unit), "contact", claim),
    )


def a_month_apart() -> tuple[date, date]:
    """Return two days of the stories whose real dates correspond in successive months, preferably the last of
    a month. Lights are possible on both and on the day after the second, as the days before them are working
    days.
    """
    days = [FIRST_MONDAY + offset * DAY for offset in range(2, 40)]
    pairs = [(day, _corresponding(day - SHIFT) + SHIFT) for day in days]
    usable = [
        (day, other)
        for day, other in pairs
        if is_worked(day - DAY) and is_worked(other - DAY) and is_worked(other)
    ]
    return max(
        usable, key=lambda pair: ((pair[0] - SHIFT).day > (pair[1] - SHIFT).day, (pair[0] - SHIFT).day)
    )


def _corresponding(day: date) -> date:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


PAIR: Final = story(
    "pair-of-yellows",
    *late_contact("first", "ZZ-HG", "Mon 2031-03-03 09:00", "Wed 2031-03-05 09:00"),
    must("R34", "One yellow light is no pair", measures("ZZ-HG", "interview", "status"), []),
    *delivered("punctual", "Wed 2031-03-05 09:00", "ZZ-HG"),
    act("Thu 2031-03-06 09:00", handler("ZZ-HG"), "contact", "punctual"),
    act("Fri 2031-03-07 09:00", handler("ZZ-HG"), "reply", "punctual"),
    *late_contact("second", "ZZ-HG", "Fri 2031-03-07 09:00", "Tue 2031-03-11 09:00"),
    must(
        "R34",
        "Two successive yellows of one unit, from two claims, within a month: on-time work in between does not break it",
        measures("ZZ-HG", "interview", "status", "rule", "opened_at"),
        [("open", "R35", "Mon 2031-03-10 24:00")],
    ),
    must(
        "R35",
        "The interview is due 5 working days after the second yellow, whose own day is day 0",
        measures("ZZ-HG", "interview", "due_at"),
        [("Tue 2031-03-18 24:00",)],
    ),
    must(
        "R36", "Two yellows bring no accountability file", measures("ZZ-HG", "accountability", "status"), []
    ),
    refused(
        "R35",
        "An interview's record without a measure is refused",
        unit_act(SUPERVISOR, "ZZ-HG", "record-interview", measure="interview", **HELD, measures=[]),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "R35",
        "A measure without its date is refused",
        unit_act(
            SUPERVISOR,
            "ZZ-HG",
            "record-interview",
            measure="interview",
            **HELD,
            measures=[{"text": "加强调度"}],
        ),
        status=(409, 422),
        cites=None,
    ),
    refused(
        "§1",
        "The unit does not record its own interview",
        unit_act(
            handler("ZZ-HG"), "ZZ-HG", "record-interview", measure="interview", **HELD, measures=[PROMISE]
        ),
        status=FORBIDDEN,
        cites=None,
    ),
    accepted(
        "R35",
        "An interview is recorded with a task, a record and a measure with a date",
        unit_act(INSPECTOR, "ZZ-HG", "record-interview", measure="interview", **HELD, measures=[PROMISE]),
    ),
    must("R35", "It is done then", measures("ZZ-HG", "interview", "status"), [("done",)]),
    *late_contact("third", "ZZ-HG", "Tue 2031-03-11 10:00", "Thu 2031-03-13 09:00"),
    must(
        "R34",
        "A pair uses up its two incidents: a third yellow brings no second interview",
        measures("ZZ-HG", "interview", "opened_at"),
        [("Mon 2031-03-10 24:00",)],
    ),
    unit_act(SUPERVISOR, "ZZ-HG", "revoke-light", light=("first", "contact", "yellow"), reason="系统故障"),
    must("R37", "The claim shows the light as revoked", revoked("first"), [("contact", "yellow")]),
    must(
        "R34",
        "An interview that was held stays held, with its pair: what is left of it makes no new pair",
        measures("ZZ-HG", "interview", "status"),
        [("done",)],
    ),
)

TWO_EACH: Final = story(
    "two-yellows-each",
    *delivered("first", "Mon 2031-03-03 09:00", "ZZ-XF"),
    *delivered("second", "Mon 2031-03-03 09:00", "ZZ-XF"),
    act("Thu 2031-03-06 09:00", handler("ZZ-XF"), "contact", "first"),
    act("Thu 2031-03-06 09:05", handler("ZZ-XF"), "reply", "first"),
    act("Thu 2031-03-06 09:00", handler("ZZ-XF"), "contact", "second"),
    act("Thu 2031-03-06 09:05", handler("ZZ-XF"), "reply", "second"),
    must(
        "R34",
        "Two claims with two yellows each: one interview",
        measures("ZZ-XF", "interview", "status"),
        [("open",)],
    ),
)

FIRST_LIGHT, LAST_LIGHT = a_month_apart()

MONTH: Final = story(
    "a-month-apart",
    *late_by("first", "ZZ-YC", FIRST_LIGHT),
    *late_by("second", "ZZ-YC", LAST_LIGHT),
    must(
        "R34",
        "The second light is no later than the corresponding date of the next month (month end if there is none)",
        measures("ZZ-YC", "interview", "opened_at"),
        [(f"{dated(LAST_LIGHT - DAY)} 24:00",)],
    ),
    unit_act(SUPERVISOR, "ZZ-YC", "revoke-light", light=("first", "contact", "yellow"), reason="系统故障"),
    must(
        "R34",
        "A revoked light makes the count anew: the interview that nobody held is withdrawn",
        measures("ZZ-YC", "interview", "status"),
        [("withdrawn",)],
    ),
)

A_DAY_TOO_LATE: Final = story(
    "a-day-too-late",
    *late_by("first", "ZZ-YZ", FIRST_LIGHT),
    *late_by("second", "ZZ-YZ", LAST_LIGHT + DAY),
    must(
        "R2",
        "A light given as a day ends is of the next",
        lights("second"),
        [("contact", "yellow", f"{dated(LAST_LIGHT)} 24:00")],
    ),
    must(
        "R34",
        "A light of the day after the corresponding date makes no pair",
        measures("ZZ-YZ", "interview", "status"),
        [],
    ),
)

TWO_REDS: Final = story(
    "two-reds",
    *delivered("first", "Mon 2031-03-03 09:00", "ZZ-DX"),
    *delivered("second", "Tue 2031-03-04 09:00", "ZZ-DX"),
    act("Tue 2031-03-04 10:00", handler("ZZ-DX"), "reply", "first"),
    act("Tue 2031-03-04 11:00", handler("ZZ-DX"), "reply", "second"),
    until("Fri 2031-03-07 09:00", "first"),
    until("Mon 2031-03-10 09:00", "second"),
    must(
        "R32",
        "The second claim's red, one working day after its yellow",
        lights("second"),
        [("contact", "yellow", "Wed 2031-03-05 24:00"), ("contact", "red", "Fri 2031-03-07 24:00")],
    ),
    must(
        "R36",
        "Two reds: the system prepares the accountability file",
        measures("ZZ-DX", "accountability", "status", "opened_at"),
        [("open", "Fri 2031-03-07 24:00")],
    ),
    must(
        "R34",
        "Every red was a yellow first and counts in both rows: there is an interview too",
        measures("ZZ-DX", "interview", "status"),
        [("open",)],
    ),
    accepted(
        "R36",
        "People decide and record each step",
        unit_act(
            INSPECTOR,
            "ZZ-DX",
            "record-accountability-step",
            measure="accountability",
            text="已谈话提醒",
            closes=True,
        ),
    ),
    must(
        "R36", "The step that closes it ends it", measures("ZZ-DX", "accountability", "status"), [("done",)]
    ),
    UnitUntil("ZZ-DX", "Mon 2031-03-17 09:00"),
    must(
        "R35",
        "An interview that nobody held by its day is shown as missed",
        measures("ZZ-DX", "interview", "missed"),
        [(True,)],
    ),
)

STORIES: Final[tuple[Story, ...]] = (
    PAIR,
    TWO_EACH,
    MONTH,
    A_DAY_TOO_LATE,
    TWO_REDS,
)
