"""Two lights within a month and their consequences: dated cases with weekdays."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.deadlines import schedule
from claims.deadlines.recalculation import NewCalendar
from claims.editions.edition import built_in_policy
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import UnitAction, UnitEnvelope
from claims.model.organisation import COORDINATION
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Colour, LimitKind, Role
from claims.model.unit_account import (
    AccountLight,
    Cause,
    MeasureKind,
    MeasureStatus,
    UnitAccount,
    corresponding_day,
)
from claims.notifications import INSPECTION, addressees
from claims.units.interviews import interviews_to_schedule, mark_for_recalculation, schedule_interviews
from claims.units.procedure import act
from claims.units.transition import UnitTransition, post_cause, post_light
from tests.support.claims.calendars import calendar_with, correction
from tests.support.claims.offline_unit_account import RED, Account, light
from tests.support.claims.people import INSPECTOR, SUPERVISOR, WATER, person
from tests.support.dates import beijing, day, iso


@pytest.mark.rule("R34")
@pytest.mark.parametrize(
    ("day", "last"),
    [
        (day("Thu 2026-01-15"), day("Sun 2026-02-15")),
        (day("Sat 2026-01-31"), day("Sat 2026-02-28")),
        (day("Mon 2028-01-31"), day("Tue 2028-02-29")),
        (day("Mon 2026-11-30"), day("Wed 2026-12-30")),
        (day("Thu 2026-12-31"), day("Sun 2027-01-31")),
        (day("Tue 2026-03-31"), day("Thu 2026-04-30")),
    ],
)
def test_the_corresponding_day_of_the_next_month(day: date, last: date) -> None:
    assert corresponding_day(day) == last


@pytest.mark.rule("R34", "R35")
@pytest.mark.parametrize(
    ("days", "interviews"),
    [
        (["Mon 2026-11-02"], 0),
        (["Mon 2026-11-02", "Fri 2026-11-20"], 1),
        (["Mon 2026-11-02", "Wed 2026-12-02"], 1),  # the corresponding date itself
        (["Mon 2026-11-02", "Thu 2026-12-03"], 0),  # a day later
        (["Sat 2026-01-31", "Sat 2026-02-28"], 1),  # the month's end
        (["Sat 2026-01-31", "Mon 2026-03-02"], 0),
        (["Mon 2026-11-02", "Thu 2026-11-05", "Mon 2026-11-09"], 1),  # used up: the third waits for a fourth
        (["Mon 2026-11-02", "Thu 2026-11-05", "Mon 2026-11-09", "Thu 2026-11-12"], 2),
        (["Tue 2026-09-01", "Tue 2026-10-20", "Wed 2026-11-18"], 1),  # only the last two are within a month
    ],
)
def test_two_yellow_lights_of_two_incidents_in_a_month_bring_an_interview(
    days: list[str], interviews: int
) -> None:
    assert Account().post(*(light(day) for day in days)).kinds == [MeasureKind.INTERVIEW] * interviews


@pytest.mark.rule("R34")
def test_two_lights_of_one_incident_are_no_pair_and_the_later_waits_for_the_next() -> None:
    account = Account().post(
        light("Mon 2026-11-02", "QH1"), light("Thu 2026-11-05", "QH1", limit=LimitKind.REPLY)
    )
    assert account.kinds == []
    account.post(light("Sat 2026-12-05", "QH2"))  # within a month of the later one only
    assert account.kinds == [MeasureKind.INTERVIEW]


@pytest.mark.rule("R34")
@pytest.mark.parametrize("other", [{"round": 1}, {"dispatch": 2}])
def test_two_rounds_or_two_dispatches_of_one_claim_are_two_incidents(other: dict[str, object]) -> None:
    first, second = light("Mon 2026-11-02", "QH1"), light("Thu 2026-11-05", "QH1", limit=LimitKind.REPLY)
    assert Account().post(first, second.model_copy(update=other)).kinds == [MeasureKind.INTERVIEW]


@pytest.mark.rule("R34", "R36")
def test_two_reds_bring_a_file_and_their_yellows_an_interview() -> None:
    account = Account()
    for yellow_day, red_day, number in (
        ("Mon 2026-11-02", "Tue 2026-11-03", "QH1"),
        ("Tue 2026-11-10", "Wed 2026-11-11", "QH2"),
    ):
        account.post(light(yellow_day, number), light(red_day, number, colour=RED))
    assert sorted(account.kinds) == [MeasureKind.ACCOUNTABILITY, MeasureKind.INTERVIEW]


def two_claims_with_two_yellows_each() -> tuple[AccountLight, ...]:
    """Both contacts were missed on one night, both replies on the next."""
    return tuple(
        light(day, number, limit=limit)
        for day, limit in (("Thu 2026-11-26", LimitKind.CONTACT), ("Fri 2026-11-27", LimitKind.REPLY))
        for number in ("QH1", "QH2")
    )


@pytest.mark.rule("R34")
def test_two_claims_with_two_yellows_each_bring_one_interview() -> None:
    account = Account().post(*two_claims_with_two_yellows_each())
    assert account.kinds == [MeasureKind.INTERVIEW]
    account.post(light("Mon 2026-11-30", "QH3"), light("Tue 2026-12-01", "QH4"))
    assert account.kinds == [MeasureKind.INTERVIEW] * 2  # two other incidents


@pytest.mark.rule("R34", "R37")
def test_a_revoked_light_makes_the_count_anew_among_the_incidents_that_are_left() -> None:
    account = Account().post(*two_claims_with_two_yellows_each(), light("Mon 2026-11-30", "QH3"))
    for limit in ("contact", "reply"):
        account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=f"QH1/1/0/{limit}/yellow", reason="系统故障")
    (interview,) = account.measures
    assert interview.lights == ("QH2/1/0/reply/yellow", "QH3/1/0/contact/yellow")


@pytest.mark.rule("R7", "R34")
def test_under_the_first_edition_they_bring_two() -> None:
    account = Account(built_in_policy(1)).post(*two_claims_with_two_yellows_each())
    assert account.kinds == [MeasureKind.INTERVIEW] * 2


@pytest.mark.rule("R35", "R37")
@pytest.mark.parametrize(
    ("policy", "opened_at", "last_day"),
    [
        (DEFAULT_POLICY, beijing("Tue 2026-12-01 09:00"), day("Tue 2026-12-08")),
        (built_in_policy(1), beijing("Wed 2026-11-18 00:00"), day("Wed 2026-11-25")),
    ],
)
def test_an_interview_that_a_revocation_brings_counts_from_the_revocation(
    policy: Policy, opened_at: datetime, last_day: date
) -> None:
    account = Account(policy).post(light("Mon 2026-11-16"), light("Tue 2026-11-17"), light("Wed 2026-11-18"))
    revoked = light("Mon 2026-11-16").id
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=revoked, reason="系统故障")  # 12-01 09:00
    (interview,) = account.measures
    assert interview.opened_at == opened_at
    assert interview.schedule is not None
    assert interview.schedule.last_day == last_day


@pytest.mark.rule("R32", "R37")
@pytest.mark.parametrize("red_first", [False, True])
def test_a_red_whose_yellow_was_revoked_before_it_counts_for_nothing(red_first: bool) -> None:
    yellow = light("Tue 2026-12-01", "QH1")
    red = light("Thu 2026-12-03", "QH1", colour=RED)
    account = Account().post(yellow, *([red] if red_first else []))
    account.now = beijing("Wed 2026-12-02 23:59")
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=yellow.id, reason="系统故障")
    account.post(red)
    assert account.account.lights[red.id].revoked


@pytest.mark.rule("R32", "R37")
@pytest.mark.parametrize("at", ["Thu 2026-12-03 00:00", "Thu 2026-12-03 09:00"])
@pytest.mark.parametrize("red_first", [False, True])
def test_a_yellow_that_is_revoked_with_its_red_or_after_it_leaves_the_red(
    at: str, *, red_first: bool
) -> None:
    yellow = light("Tue 2026-12-01", "QH1")
    red = light("Thu 2026-12-03", "QH1", colour=RED)
    account = Account().post(yellow, *([red] if red_first else []))
    account.now = beijing(at)
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=yellow.id, reason="系统故障")
    account.post(red)
    assert not account.account.lights[red.id].revoked


@pytest.mark.rule("R7", "R37")
@pytest.mark.parametrize("red_first", [False, True])
def test_under_the_first_edition_the_red_counts_and_the_revocation_has_no_date(red_first: bool) -> None:
    yellow = light("Tue 2026-12-01", "QH1")
    red = light("Thu 2026-12-03", "QH1", colour=RED)
    account = Account(built_in_policy(1)).post(yellow, *([red] if red_first else []))
    account.now = beijing("Wed 2026-12-02 23:59")
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=yellow.id, reason="系统故障")
    account.post(red)
    held = account.account.lights
    assert (held[yellow.id].revoked, held[yellow.id].revocation) == (True, None)
    assert not held[red.id].revoked


@pytest.mark.rule("R7", "R31", "R32", "R33")
@pytest.mark.parametrize(
    ("policy", "cited"), [(DEFAULT_POLICY, ["R31", "R32"]), (built_in_policy(1), ["R31", "R31"])]
)
def test_a_light_on_the_account_cites_the_rule_of_its_colour(policy: Policy, cited: list[str]) -> None:
    """Under the first edition every light cites the yellow's rule."""
    step = UnitTransition(UnitAccount(unit=WATER, policy=policy), at=beijing("Tue 2026-12-01 09:00"))
    for colour in (Colour.YELLOW, Colour.RED):
        post_light(step, light("Mon 2026-11-16", "QH1", colour=colour))
    assert [entry.rules for entry in step.entries] == [(rule, "R33") for rule in cited]


@pytest.mark.rule("R34")
def test_the_same_light_twice_counts_once() -> None:
    account = Account().post(*[light("Mon 2026-11-02")] * 3)
    assert len(account.account.lights) == 1
    assert account.events.count(EventKind.LIGHT_GIVEN) == 1


@pytest.mark.rule("R35")
def test_an_interview_has_five_working_days_and_is_shown_when_it_is_missed() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    (interview,) = account.measures
    assert interview.schedule is not None
    assert interview.schedule.last_day == day("Wed 2026-11-25")
    account.until("Thu 2026-11-26 00:00")
    assert account.measures[0].missed
    assert account.measures[0].status is MeasureStatus.OPEN
    assert account.events.count(EventKind.INTERVIEW_MISSED) == 1
    account.until("Fri 2026-11-27 00:00")
    assert account.events.count(EventKind.INTERVIEW_MISSED) == 1


@pytest.mark.rule("R35")
def test_a_recorded_interview_is_done_and_is_not_missed() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    (interview,) = account.measures
    promises = [{"text": "每日调度", "until": "2026-12-31"}]
    outcome = account.do(
        UnitAction.RECORD_INTERVIEW,
        INSPECTOR,
        measure=interview.id,
        person="李局长",
        record="已约谈",
        measures=promises,
    )
    assert outcome.status == "accepted"
    account.until("Thu 2026-12-31 09:00")
    assert (account.measures[0].status, account.measures[0].missed) == (MeasureStatus.DONE, False)
    again = account.do(
        UnitAction.RECORD_INTERVIEW, INSPECTOR, measure=interview.id, person="李局长", record="再次"
    )
    assert (again.status, again.rule) == ("refused", "R35")


@pytest.mark.rule("R32", "R37")
def test_a_red_whose_yellow_was_revoked_before_it_says_that_it_does_not_count() -> None:
    account = Account().post(light("Mon 2026-11-16", "QH1"))
    account.now = beijing("Mon 2026-11-16 10:00")
    (yellow,) = account.account.lights
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=yellow, reason="系统故障")
    step = UnitTransition(account.account, at=beijing("Wed 2026-11-18 00:00"))
    post_light(step, light("Wed 2026-11-18", "QH1", colour=RED))
    assert step.entries[0].text.endswith("，所随黄灯已先撤销，不计")
    assert [one.revoked for one in step.account.lights.values()] == [True, True]
    first, second = (one.revocation for one in step.account.lights.values())
    assert first is not None
    assert second is not None
    assert second.reason == first.reason == "系统故障"


@pytest.mark.rule("R37")
def test_on_virtual_time_a_light_is_revoked_no_earlier_than_it_came() -> None:
    """A claim's clock may be ahead of the account's."""
    account = Account().post(light("Mon 2026-12-07"))
    (held,) = account.account.lights.values()
    body = {"request_id": "r", "light": held.id, "reason": "系统故障"}
    sent = UnitEnvelope.model_validate(
        {"action": UnitAction.REVOKE_LIGHT, "actor": SUPERVISOR, "received_at": None, "body": body}
    )
    step, outcome, _ = act(account.account, sent, now=beijing("Tue 2026-12-01 09:00"))
    assert (outcome.status, outcome.at) == ("accepted", held.at)
    assert step.entries[0].at == held.at


@pytest.mark.rule("R7", "R37")
@pytest.mark.parametrize(
    ("policy", "received_at", "dated"),
    [
        (DEFAULT_POLICY, "Tue 2026-12-01 08:55", "Tue 2026-12-01 08:55"),
        (
            DEFAULT_POLICY,
            "Tue 2026-12-01 09:05",
            "Tue 2026-12-01 09:00",
        ),  # no clock is ahead of the account's
        (built_in_policy(1), "Tue 2026-12-01 08:55", "Tue 2026-12-01 08:55"),
        (built_in_policy(1), "", "Tue 2026-12-01 09:00"),
    ],
)
def test_an_action_is_dated_when_the_api_received_it_or_else_now(
    policy: Policy, received_at: str, dated: str
) -> None:
    account = Account(policy).post(light("Mon 2026-11-16"))
    (held,) = account.account.lights
    sent = {
        "action": UnitAction.REVOKE_LIGHT,
        "actor": SUPERVISOR,
        "received_at": beijing(received_at) if received_at else None,
        "body": {"request_id": "r", "light": held, "reason": "系统故障"},
    }
    step, outcome, _ = act(
        account.account, UnitEnvelope.model_validate(sent), now=beijing("Tue 2026-12-01 09:00")
    )
    assert (outcome.status, outcome.at, step.entries[0].at) == ("accepted", beijing(dated), beijing(dated))


@pytest.mark.rule("R35")
def test_an_interview_without_a_promise_is_refused() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    said = {"measure": account.measures[0].id, "person": "李局长", "record": "已约谈", "measures": []}
    outcome = account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, **said)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R35", "incomplete")


@pytest.mark.rule("R35")
def test_the_refusal_of_a_promise_without_a_date_quotes_its_first_forty_characters() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    text = "甲" * 39 + "乙丙"
    outcome = account.do(
        UnitAction.RECORD_INTERVIEW,
        INSPECTOR,
        measure=account.measures[0].id,
        person="李局长",
        record="已约谈",
        measures=[{"text": text}],
    )
    assert (outcome.status, outcome.rule) == ("refused", "R35")
    assert f"“{'甲' * 39}乙”没有完成日期" in outcome.reason


@pytest.mark.rule("R35")
def test_a_promise_without_words_is_refused() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    promises = [{"text": "每日调度", "until": "2026-12-31"}, {"text": " ", "until": "2026-12-31"}]
    said = {"measure": account.measures[0].id, "person": "李局长", "record": "已约谈", "measures": promises}
    outcome = account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, **said)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R35", "incomplete")


@pytest.mark.rule("R35")
@pytest.mark.parametrize(
    ("held_at", "refused"),
    [
        ("Tue 2026-11-17 23:59", "早于启动约谈"),  # the second light is of midnight before Wednesday
        ("Wed 2026-11-18 00:00", ""),
        ("Tue 2026-12-01 09:00", ""),
        ("Tue 2026-12-01 09:01", ""),  # as far as clocks may differ
        ("Tue 2026-12-01 09:02", "尚未到来"),
    ],
)
def test_an_interview_was_held_between_the_second_light_and_now(held_at: str, refused: str) -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    said = {"measure": account.measures[0].id, "person": "李局长", "record": "已约谈", "place": "市民中心"}
    outcome = account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, held_at=beijing(held_at).isoformat(), **said)
    assert outcome.status == ("refused" if refused else "accepted")
    assert refused in outcome.reason
    if not refused:
        note = account.measures[0].notes[0]
        assert (note.held_at, note.place) == (beijing(held_at), "市民中心")


@pytest.mark.rule("R6", "R35")
def test_an_open_interview_is_counted_anew_on_a_later_calendar_and_a_missed_one_is_not() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    account.now = beijing("Fri 2026-11-20 09:00")
    later = calendar_with(correction(off=iso("Wed 2026-11-25")))  # the interview's last day
    news = NewCalendar(version=later.version, reason="假日通知")
    for _ in range(2):
        step = UnitTransition(account.account, at=account.now)
        mark_for_recalculation(step, news)
        wanted = interviews_to_schedule(step.account)
        schedule_interviews(step, {one.limit_id: schedule(later, one) for one in wanted})
        account.adopt(step)
    (interview,) = account.measures
    assert interview.schedule is not None
    assert interview.schedule.last_day == day("Thu 2026-11-26")
    assert account.events.count(EventKind.LIMITS_RECOMPUTED) == 1
    account.until("Fri 2026-11-27 00:00")
    assert account.measures[0].missed
    step = UnitTransition(account.account, at=account.now)
    mark_for_recalculation(step, NewCalendar(version="cn-another"))
    assert not interviews_to_schedule(step.account)


@pytest.mark.rule("R35", "R38")
def test_what_falls_on_a_unit_is_told_to_it_and_an_interview_to_the_platform_that_holds_it() -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    account.until("Fri 2026-11-27 00:00")
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=light("Mon 2026-11-16").id, reason="系统故障")
    told = [(notice.kind, notice.unit) for notice in account.notices]
    assert told == [
        (EventKind.INTERVIEW_OPENED, WATER),
        (EventKind.INTERVIEW_OPENED, "PF"),
        (EventKind.INTERVIEW_MISSED, WATER),
        (EventKind.INTERVIEW_MISSED, "PF"),
        (EventKind.LIGHT_REVOKED, WATER),
        (EventKind.MEASURE_WITHDRAWN, WATER),
    ]
    assert {COORDINATION.id, INSPECTION} <= set(addressees(account.notices[0]))
    assert len({notice.id for notice in account.notices}) == len(told)


@pytest.mark.rule("R36", "R45", "R52")
def test_a_cause_brings_one_file_whose_steps_people_record() -> None:
    account = Account()
    cause = Cause(
        id="QH1/R45",
        number="QH1",
        unit=WATER,
        unit_name="水务",
        rule="R45",
        reason="未按期办结",
        at=account.now,
    )
    for _ in range(2):
        step = UnitTransition(account.account, at=account.now)
        post_cause(step, cause)
        account.adopt(step)
    (file,) = account.measures
    first = account.do(
        UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, measure=file.id, text="已约谈分管负责人"
    )
    last = account.do(
        UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, measure=file.id, text="书面检查", closes=True
    )
    assert (first.status, last.status) == ("accepted", "accepted")
    assert (account.measures[0].status, len(account.measures[0].notes)) == (MeasureStatus.DONE, 2)


@pytest.mark.rule("R37")
def test_a_revoked_light_makes_the_count_anew() -> None:
    lights = [light(on) for on in ("Mon 2026-11-02", "Thu 2026-11-05", "Mon 2026-11-09")]
    account = Account().post(*lights)
    before = account.measures[0].id
    outcome = account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=lights[0].id, reason="系统故障")
    assert outcome.status == "accepted"
    assert account.kinds == [MeasureKind.INTERVIEW]
    assert account.measures[0].id != before
    assert account.account.lights[lights[0].id].revoked
    again = account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=lights[0].id, reason="系统故障")
    assert (again.status, again.rule) == ("refused", "R37")


@pytest.mark.rule("R37")
def test_what_people_have_recorded_stays_when_its_light_is_revoked() -> None:
    lights = [light("Mon 2026-11-16"), light("Wed 2026-11-18")]
    account = Account().post(*lights)
    id = account.measures[0].id
    account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, measure=id, person="李局长", record="已约谈")
    account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=lights[0].id, reason="平台责任")
    assert [(measure.id, measure.superseded) for measure in account.measures] == [(id, True)]


@pytest.mark.rule("R34", "R35")
def test_an_interview_that_was_held_keeps_its_pair_when_a_light_comes_late_between_them() -> None:
    account = Account().post(light("Mon 2026-11-02"), light("Thu 2026-11-05"))
    (held,) = account.measures
    account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, measure=held.id, person="李局长", record="已约谈")
    account.post(light("Wed 2026-11-04"))
    assert [(one.id, one.status) for one in account.measures] == [(held.id, MeasureStatus.DONE)]


@pytest.mark.rule("§1", "R37")
@pytest.mark.parametrize("action", list(UnitAction))
def test_only_its_roles_may_do_it(action: UnitAction) -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    outcome = account.do(action, person(Role.HEAD, WATER), measure="x", light="x", reason="y", text="z")
    assert (outcome.status, outcome.kind) == ("refused", "wrong-role")


days = st.integers(min_value=0, max_value=150).map(
    lambda n: f"{day('Thu 2026-01-01') + timedelta(days=n):%a %Y-%m-%d}"
)
some_lights = st.lists(
    st.builds(
        light,
        days,
        st.sampled_from([f"QH{n}" for n in range(6)]),
        colour=st.sampled_from(list(Colour)),
        limit=st.sampled_from([LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE]),
    ),
    max_size=14,
    unique_by=lambda one: one.id,
)


@pytest.mark.rule("R34")
@given(lights=some_lights, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(lights: list[AccountLight], shuffle: Random) -> None:
    shuffled = list(lights)
    shuffle.shuffle(shuffled)
    one, other = Account().post(*lights), Account().post(*shuffled)
    assert {m.id for m in one.measures} == {m.id for m in other.measures}


@pytest.mark.rule("R34")
@given(lights=some_lights)
def test_no_light_is_used_twice_and_every_pair_is_of_two_incidents_within_a_month(
    lights: list[AccountLight],
) -> None:
    account = Account().post(*lights)
    for kind in MeasureKind:
        used = [id for measure in account.measures if measure.kind is kind for id in measure.lights]
        assert len(used) == len(set(used))
    for measure in account.measures:
        first, second = (account.account.lights[id] for id in measure.lights)
        assert first.incident != second.incident
        assert timedelta(0) <= second.at - first.at <= timedelta(days=31)
