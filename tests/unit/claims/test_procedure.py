"""The procedure rule by rule: dated cases with weekdays."""

from datetime import timedelta

import pytest

from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, CloseReason, Colour, LimitKind, LimitStatus, Role, Stage
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    ENTERPRISE,
    HANDLER,
    HEAD,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
    ref,
)
from tests.support.dates import beijing, day

TUESDAY = "Tue 2026-11-24 09:00"


@pytest.mark.rule("R10")
def test_registration_starts_the_platforms_own_limit_to_dispatch() -> None:
    paper = Paper(TUESDAY)
    limit = paper.limit(LimitKind.DISPATCH)
    assert limit.unit is None
    assert limit.schedule is not None
    assert limit.schedule.due_at == beijing("Wed 2026-11-25 24:00")


@pytest.mark.rule("R2", "R3", "R4", "R6", "§二.四.1", "§二.四.2")
@pytest.mark.parametrize(
    ("delivered", "contact", "reply", "resolve"),
    [
        # Tuesday: Wed, Thu, Tuesday two weeks on
        ("Tue 2026-11-24 09:00", "Wed 2026-11-25 24:00", "Thu 2026-11-26 24:00", "Tue 2026-12-08 24:00"),
        # Saturday is day 0: Mon, Tue, Friday week
        ("Sat 2026-11-28 12:00", "Mon 2026-11-30 24:00", "Tue 2026-12-01 24:00", "Fri 2026-12-11 24:00"),
        # Friday before the Spring Festival; Saturday 14 Feb is worked
        ("Fri 2026-02-13 10:00", "Sat 2026-02-14 24:00", "Tue 2026-02-24 24:00", "Thu 2026-03-05 24:00"),
        # one minute before and at midnight of Tuesday
        ("Tue 2026-11-24 23:59", "Wed 2026-11-25 24:00", "Thu 2026-11-26 24:00", "Tue 2026-12-08 24:00"),
        ("Wed 2026-11-25 00:00", "Thu 2026-11-26 24:00", "Fri 2026-11-27 24:00", "Wed 2026-12-09 24:00"),
    ],
)
def test_a_units_clocks_start_at_delivery(delivered: str, contact: str, reply: str, resolve: str) -> None:
    paper = Paper(delivered).dispatched()
    kinds = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE)
    due = [schedule.due_at for kind in kinds if (schedule := paper.limit(kind).schedule)]
    assert due == [beijing(contact), beijing(reply), beijing(resolve)]


@pytest.mark.rule("R1", "R6")
def test_a_limit_that_ends_in_a_year_without_arrangement_is_provisional() -> None:
    paper = Paper("Mon 2027-01-04 09:00").dispatched()
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert schedule.provisional
    assert schedule.calendar_version == paper.calendar.version


@pytest.mark.rule("R12")
def test_a_consultation_is_answered_at_once_with_its_article_and_waits_for_its_grade() -> None:
    paper = Paper(category=Category.CONSULTATION)
    assert paper.do(Action.ANSWER, OPERATOR, article="").rule == "R12"
    paper.must(Action.ANSWER, OPERATOR)
    assert paper.claim.closed is not None
    assert (paper.claim.closed.reason, paper.claim.stage) == (CloseReason.ANSWERED, Stage.ANSWERED)
    paper.must(Action.CALL_BACK, CALLER)
    assert paper.claim.over
    assert paper.claim.closed.reason is CloseReason.ANSWERED


@pytest.mark.rule("R12")
def test_an_answer_that_nobody_questions_stays_the_end() -> None:
    paper = Paper(category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    paper.until("Tue 2026-12-08 23:59")
    assert not paper.claim.over
    paper.until("Tue 2026-12-08 24:00")
    assert paper.claim.over


@pytest.mark.rule("R12")
def test_an_answer_that_does_not_satisfy_is_dispatched_after_all() -> None:
    paper = Paper(category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    assert (paper.claim.stage, paper.claim.closed) == (Stage.REGISTERED, None)
    paper.dispatched()
    assert paper.claim.stage is Stage.HANDLING
    paper.until("Tue 2026-12-15 09:00")  # the ten working days of an undisputed answer have long passed
    assert (paper.claim.over, paper.events(EventKind.FOLLOW_UP_ENDED)) == (False, [])


@pytest.mark.rule("R12")
@pytest.mark.parametrize("category", [Category.HELP, Category.SUGGESTION, Category.COMPLAINT])
def test_only_a_consultation_is_answered_at_once(category: Category) -> None:
    outcome = Paper(category=category).do(Action.ANSWER, OPERATOR)
    assert (outcome.status, outcome.rule) == ("refused", "R12")


@pytest.mark.rule("R13")
def test_a_declined_claim_names_the_right_door() -> None:
    paper = Paper()
    paper.must(Action.DECLINE, OPERATOR)
    assert paper.claim.over
    assert "人民法院" in paper.events(EventKind.DECLINED)[0].text


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": ""},
        {"unit": POWER, "co_units": [POWER]},
        {"unit": "ZZ-NOWHERE"},
        {"unit": POWER, "co_units": [WATER, "ZZ-NOWHERE"]},
    ],
    ids=str,
)
def test_a_dispatch_needs_a_basis_one_lead_and_known_units(wrong: dict[str, object]) -> None:
    paper = Paper()
    outcome = paper.do(Action.DISPATCH, OPERATOR, **wrong)
    assert (outcome.status, outcome.rule) == ("refused", "R14")
    assert paper.claim.stage is Stage.REGISTERED


@pytest.mark.rule("R14")
def test_co_units_parts_are_due_two_working_days_before_the_leads() -> None:
    paper = Paper(TUESDAY).dispatched(co_units=[WATER, HOUSING])
    assert paper.claim.dispatch is not None
    due = {co_unit.due_at for co_unit in paper.claim.dispatch.co_units}
    assert due == {beijing("Fri 2026-12-04 24:00")}  # the lead's is Tuesday 8 December


@pytest.mark.rule("R20")
def test_signing_is_recorded_with_its_delay_and_moves_no_clock() -> None:
    paper = Paper(TUESDAY).dispatched()
    before = paper.limit(LimitKind.CONTACT).schedule
    paper.wait(timedelta(minutes=119, seconds=59))
    paper.must(Action.SIGN_FOR, HANDLER)
    assert paper.events(EventKind.SIGNED_FOR)[0].data == {"delay_minutes": 119}
    assert paper.limit(LimitKind.CONTACT).schedule == before
    assert paper.do(Action.SIGN_FOR, HANDLER).rule == "R20"


@pytest.mark.rule("R21")
@pytest.mark.parametrize(
    "unit", [TENGZHOU_HOUSING, TENGZHOU, "ZJ-370481001"], ids=["itself", "above it", "beside it"]
)
def test_a_delegate_gives_a_claim_to_no_unit_but_those_below_itself(unit: str) -> None:
    paper = Paper().dispatched(TENGZHOU)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit=TENGZHOU_HOUSING)
    outcome = paper.do(Action.DELEGATE, person(Role.HANDLER, TENGZHOU_HOUSING), unit=unit)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R21", "incomplete")
    assert paper.claim.dispatches[0].delegate == ref(TENGZHOU_HOUSING)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit="ZJ-370481001")


@pytest.mark.rule("R15")
@pytest.mark.parametrize("missing", ["reason", "basis", "suggested_unit", "signature"])
def test_an_incomplete_return_is_refused_and_the_clocks_run_on(missing: str) -> None:
    paper = Paper().dispatched()
    outcome = paper.do(Action.REJECT, HANDLER, **{missing: None if missing == "signature" else ""})
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R15", "incomplete")
    assert paper.limit(LimitKind.CONTACT).status is LimitStatus.RUNNING


@pytest.mark.rule("R21")
def test_whoever_is_above_the_lead_gives_its_claim_to_no_unit_beside_the_lead() -> None:
    paper = Paper().dispatched(TENGZHOU_HOUSING)
    outcome = paper.do(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit="ZJ-370481001")
    assert (outcome.status, outcome.rule) == ("refused", "R21")
    assert "滕州市住房和城乡建设局" in outcome.reason
    assert paper.claim.dispatches[0].delegate is None


@pytest.mark.rule("R15", "R17")
@pytest.mark.parametrize(
    ("action", "fields", "what", "lacking"),
    [
        (
            Action.REJECT,
            ("reason", "basis", "suggested_unit"),
            "退单",
            "退单原因、退单依据、建议承办单位、主要负责人签字",
        ),
        (
            Action.REQUEST_EXTENSION,
            ("reason", "work_so_far", "plan"),
            "延期申请",
            "延期理由、已开展的工作、下一步计划、向企业解释沟通的记录、主要负责人签字",
        ),
    ],
)
def test_the_refusal_of_an_empty_form_names_all_that_it_lacks(
    action: Action, fields: tuple[str, ...], what: str, lacking: str
) -> None:
    empty = {**dict.fromkeys(fields, ""), "explained": None, "signature": None}
    refused = Paper().dispatched().do(action, HANDLER, **empty)
    assert refused.reason == f"{what}不完整，缺少：{lacking}；时限继续计算"
    assert refused.instead == f"请补齐{lacking}后重新提交"


@pytest.mark.rule("R15")
@pytest.mark.parametrize(("name", "signed"), [("李主任", "李主任"), ("", "u-17")])
def test_the_heads_own_call_is_the_signature(name: str, signed: str) -> None:
    paper = Paper().dispatched()
    head = HEAD.model_copy(update={"sub": "u-17", "name": name})
    paper.must(Action.REJECT, head, signature=None)
    returned = paper.claim.dispatches[0].returned
    assert returned is not None
    assert returned.signature.head == signed


@pytest.mark.rule("R15")
def test_a_unit_does_not_suggest_itself() -> None:
    paper = Paper().dispatched(POWER)
    outcome = paper.do(Action.REJECT, HEAD, suggested_unit=POWER)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R15", "incomplete")
    assert paper.claim.stage is Stage.HANDLING


@pytest.mark.rule("R15")
@pytest.mark.parametrize(
    ("moment", "status"), [("Wed 2026-11-25 23:59", "accepted"), ("Wed 2026-11-25 24:00", "refused")]
)
def test_a_return_after_the_window_is_refused(moment: str, status: str) -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until(moment)
    outcome = paper.do(Action.REJECT, HANDLER)
    assert outcome.status == status
    if status == "refused":
        assert outcome.rule == "R15"
        assert paper.events(EventKind.WINDOW_CLOSED)


@pytest.mark.rule("R15")
def test_a_return_received_in_time_counts_even_if_it_is_done_after_the_window() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.now = beijing("Thu 2026-11-26 00:30")  # the worker was away over midnight
    received_at = beijing("Wed 2026-11-25 23:50")
    outcome = paper.do(Action.REJECT, HANDLER, received_at)
    assert outcome.status == "accepted"
    assert paper.claim.lights == []


@pytest.mark.rule("R31")
def test_an_act_received_late_does_not_undo_the_light_that_was_due_before_it() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.now = beijing("Thu 2026-11-26 00:40")
    received_at = beijing("Thu 2026-11-26 00:30")
    paper.do(Action.CONTACT, HANDLER, received_at, at="2026-11-26T00:20:00+08:00")
    assert [light.at for light in paper.claim.lights] == [beijing("Wed 2026-11-25 24:00")]
    assert paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).status is LimitStatus.MET


@pytest.mark.rule("R5")
@pytest.mark.parametrize(
    ("returned_at", "confirmed_at", "reply"),
    [
        ("Tue 2026-11-24 15:00", "Tue 2026-11-24 16:00", "Thu 2026-11-26 24:00"),  # same day: nothing lost
        (
            "Tue 2026-11-24 15:00",
            "Wed 2026-11-25 11:00",
            "Fri 2026-11-27 24:00",
        ),  # 2 left from Wednesday: Friday
        ("Wed 2026-11-25 10:00", "Thu 2026-11-26 10:00", "Fri 2026-11-27 24:00"),  # 1 left from Thursday
        (
            "Wed 2026-11-25 10:00",
            "Sun 2026-11-29 10:00",
            "Mon 2026-11-30 24:00",
        ),  # 1 left from Sunday: Monday
    ],
)
def test_a_confirmed_unit_goes_on_with_what_was_left(returned_at: str, confirmed_at: str, reply: str) -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until(returned_at)
    paper.must(Action.REJECT, HANDLER)
    assert paper.limit(LimitKind.REPLY).status is LimitStatus.PAUSED
    paper.until(confirmed_at)
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    schedule = paper.limit(LimitKind.REPLY).schedule
    assert schedule is not None
    assert schedule.due_at == beijing(reply)
    assert paper.claim.lights == []


@pytest.mark.rule("R5")
def test_no_light_falls_on_paused_time_however_long_the_platform_takes() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.REJECT, HANDLER)
    paper.until("Fri 2027-01-15 09:00")
    assert paper.claim.lights == []
    assert [entry.at for entry in paper.events(EventKind.PLATFORM_DELAYED)] == [
        beijing("Wed 2026-11-25 24:00")
    ]


@pytest.mark.rule("R5", "R15")
def test_another_units_clocks_start_anew_at_its_delivery() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.REJECT, HANDLER)
    paper.until("Fri 2026-11-27 10:00")
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="redispatch", unit=WATER)
    assert [dispatch.unit.id for dispatch in paper.claim.dispatches] == [POWER, WATER]
    schedule = paper.limit(LimitKind.CONTACT).schedule
    assert schedule is not None
    assert schedule.due_at == beijing("Mon 2026-11-30 24:00")
    assert paper.claim.limits[1].status is not LimitStatus.RUNNING


@pytest.mark.rule("R16")
def test_a_claim_that_was_dispatched_as_often_as_it_may_be_is_kept_by_its_unit_or_referred() -> None:
    once = DEFAULT_POLICY.model_copy(update={"max_dispatches": 1})
    paper = Paper(TUESDAY, policy=once).returned()
    outcome = paper.do(Action.REDETERMINE, SUPERVISOR, decision="redispatch", unit=WATER)
    assert (outcome.status, outcome.rule) == ("refused", "R16")
    assert (paper.claim.stage, len(paper.claim.dispatches)) == (Stage.REDETERMINATION, 1)
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")


@pytest.mark.rule("R15")
def test_another_unit_than_the_one_that_returned_it_is_named() -> None:
    paper = Paper(TUESDAY).returned()
    for fields in ({"unit": POWER}, {"unit": ""}):
        outcome = paper.do(Action.REDETERMINE, SUPERVISOR, decision="redispatch", **fields)
        assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R15", "incomplete")
    assert paper.claim.stage is Stage.REDETERMINATION


@pytest.mark.rule("R16")
def test_the_second_unit_objects_to_the_arbiter_whose_ruling_is_final() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.REJECT, HANDLER)
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="redispatch", unit=WATER)
    water = person(Role.HEAD, WATER)
    paper.must(Action.REJECT, water, suggested_unit=HOUSING)
    assert paper.claim.stage is Stage.ARBITRATION
    paper.must(Action.ARBITRATE, ARBITER, unit=HOUSING)
    outcome = paper.do(Action.REJECT, person(Role.HEAD, HOUSING))
    assert (outcome.rule, outcome.kind) == ("R16", "not-now")
    assert len(paper.claim.dispatches) == 3


@pytest.mark.rule("R16", "R5")
def test_an_arbiter_may_leave_it_with_the_unit_which_goes_on_with_what_was_left() -> None:
    paper = Paper(TUESDAY).referred()
    paper.must(Action.ARBITRATE, ARBITER, unit=POWER)
    assert len(paper.claim.dispatches) == 1
    assert paper.limit(LimitKind.REPLY).status is LimitStatus.RUNNING
    assert paper.do(Action.REJECT, HANDLER).rule == "R16"


@pytest.mark.rule("R16")
def test_a_confirmed_unit_cannot_return_the_claim_again() -> None:
    paper = Paper(TUESDAY).returned()
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    assert paper.do(Action.REJECT, HANDLER).rule == "R16"


@pytest.mark.rule("R17")
def test_an_approved_extension_makes_it_25_working_days_in_total() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Mon 2026-12-07 10:00")  # day 9
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.until("Thu 2026-12-10 10:00")  # past the tenth day: no light while it is undecided
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    limit = paper.limit(LimitKind.RESOLVE)
    assert limit.schedule is not None
    assert limit.schedule.last_day == day("Tue 2026-12-29")  # day 25
    assert not any(light.limit is LimitKind.RESOLVE for light in paper.claim.lights)


@pytest.mark.rule("R17", "R30")
def test_the_unit_is_warned_of_the_end_that_an_extension_gives() -> None:
    paper = Paper(TUESDAY).dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Tue 2026-12-08 10:00")  # the tenth day; the warning was at Monday's end
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    paper.until("Tue 2026-12-29 10:00")  # day 25
    warned = [entry.at for entry in paper.events(EventKind.EARLY_WARNING) if "解决时限" in entry.text]
    assert warned == [beijing("Mon 2026-12-07 24:00"), beijing("Mon 2026-12-28 24:00")]


@pytest.mark.rule("R17")
@pytest.mark.parametrize(
    ("requested", "decided", "last_day"),
    [
        ("Mon 2026-12-07 10:00", "Mon 2026-12-07 15:00", "2026-12-08"),  # 1 left: Tuesday
        ("Tue 2026-12-08 10:00", "Thu 2026-12-10 10:00", "2026-12-11"),  # on the last day: at least 1, Friday
        ("Thu 2026-12-03 10:00", "Fri 2026-12-04 10:00", "2026-12-09"),  # 3 left from Friday: Wednesday
    ],
)
def test_a_refused_extension_leaves_what_remained(requested: str, decided: str, last_day: str) -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until(requested)
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.until(decided)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=False)
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert schedule.last_day.isoformat() == last_day


@pytest.mark.rule("R17")
def test_an_approval_that_comes_very_late_still_leaves_a_working_day() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Tue 2026-12-08 10:00")
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.until("Wed 2027-01-20 10:00")  # long after day 25
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert schedule.last_day == day("Thu 2027-01-21")


@pytest.mark.rule("R17")
@pytest.mark.parametrize("missing", ["reason", "work_so_far", "plan", "explained", "signature"])
def test_an_incomplete_extension_is_refused(missing: str) -> None:
    paper = Paper().dispatched()
    empty = None if missing in ("explained", "signature") else ""
    outcome = paper.do(Action.REQUEST_EXTENSION, HANDLER, **{missing: empty})
    assert (outcome.status, outcome.rule) == ("refused", "R17")


@pytest.mark.rule("R17")
def test_there_is_one_extension_and_only_before_the_tenth_day_ends() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    assert paper.do(Action.REQUEST_EXTENSION, HANDLER).rule == "R17"
    late = Paper(TUESDAY).dispatched()
    late.until("Tue 2026-12-08 24:00")
    assert late.do(Action.REQUEST_EXTENSION, HANDLER).rule == "R17"


@pytest.mark.rule("R17")
@pytest.mark.parametrize(
    ("status", "answered"), [(LimitStatus.VOID, "accepted"), (LimitStatus.MISSED, "refused")]
)
def test_the_day_that_follows_a_missed_limit_is_not_extended_and_a_voided_one_does_not_matter(
    status: LimitStatus, answered: str
) -> None:
    paper = Paper(TUESDAY).dispatched()
    earlier = paper.limit(LimitKind.RESOLVE).model_copy(update={"status": status, "id": "earlier"})
    paper.claim.limits.insert(0, earlier)
    assert paper.do(Action.REQUEST_EXTENSION, HANDLER).status == answered


@pytest.mark.rule("R17")
def test_an_extension_changes_neither_contact_nor_reply() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.until("Sat 2026-11-28 09:00")
    assert [(light.limit, light.colour) for light in paper.claim.lights] == [
        (LimitKind.CONTACT, Colour.YELLOW),
        (LimitKind.REPLY, Colour.YELLOW),
        (LimitKind.CONTACT, Colour.RED),
    ]


@pytest.mark.rule("R18")
def test_feedback_without_contact_and_reply_is_incomplete() -> None:
    paper = Paper().dispatched()
    assert paper.do(Action.FEEDBACK, HANDLER).rule == "R18"
    paper.must(Action.CONTACT, HANDLER)
    outcome = paper.do(Action.FEEDBACK, HANDLER)
    assert "答复" in outcome.reason
    paper.must(Action.REPLY, HANDLER)
    paper.must(Action.FEEDBACK, HANDLER)


@pytest.mark.rule("§二.四.1", "R17")
@pytest.mark.parametrize(
    ("seconds", "status"),
    [(60, "accepted"), (61, "refused")],  # clocks may differ by a minute
)
def test_a_contact_lies_no_further_ahead_than_clocks_differ(seconds: int, status: str) -> None:
    paper = Paper(TUESDAY).dispatched()
    at = (paper.now + timedelta(seconds=seconds)).isoformat()
    explained = {"at": at, "means": "电话", "person": "王经理"}
    contact = paper.do(Action.CONTACT, HANDLER, at=at)
    extension = paper.do(Action.REQUEST_EXTENSION, HANDLER, explained=explained)
    cited = ("§二.四.1", "R17") if status == "refused" else ("", "")
    assert [(one.status, one.rule) for one in (contact, extension)] == [(status, rule) for rule in cited]


@pytest.mark.rule("§二.四.1")
def test_a_contact_that_has_not_happened_is_refused() -> None:
    paper = Paper(TUESDAY).dispatched()
    outcome = paper.do(Action.CONTACT, HANDLER, at="2026-11-24T10:00:00+08:00")
    assert (outcome.status, outcome.kind) == ("refused", "incomplete")
    assert paper.claim.contacts == []


@pytest.mark.rule("R30")
def test_the_unit_is_warned_a_working_day_before_a_limit_ends() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.until("Wed 2026-11-25 24:00")
    assert [(entry.at, "答复时限" in entry.text) for entry in paper.events(EventKind.EARLY_WARNING)] == [
        (beijing("Wed 2026-11-25 24:00"), True)
    ]
    assert paper.claim.lights == []


@pytest.mark.rule("R31", "R32", "R33")
def test_a_claim_that_nobody_touches_lights_up_to_the_minute_and_ends_with_the_inspectors() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Mon 2027-03-01 09:00")
    lights = [(light.limit, light.colour, light.at) for light in paper.claim.lights]
    assert lights == [
        (LimitKind.CONTACT, Colour.YELLOW, beijing("Wed 2026-11-25 24:00")),
        (LimitKind.REPLY, Colour.YELLOW, beijing("Thu 2026-11-26 24:00")),
        (LimitKind.CONTACT, Colour.RED, beijing("Fri 2026-11-27 24:00")),  # of Thursday, day 0
        (LimitKind.REPLY, Colour.RED, beijing("Mon 2026-11-30 24:00")),  # of Friday
        (LimitKind.RESOLVE, Colour.YELLOW, beijing("Tue 2026-12-08 24:00")),
        (LimitKind.RESOLVE, Colour.RED, beijing("Thu 2026-12-10 24:00")),  # of Wednesday
    ]
    assert len(paper.claim.letters) == 3
    reminded = [entry.at for entry in paper.events(EventKind.UNIT_REMINDED)]
    assert reminded == [
        beijing("Mon 2026-11-30 09:00"),
        beijing("Tue 2026-12-01 09:00"),
        beijing("Wed 2026-12-02 09:00"),  # of both reds, the contact's and the reply's
        beijing("Thu 2026-12-03 09:00"),
        beijing("Fri 2026-12-04 09:00"),
        beijing("Mon 2026-12-14 09:00"),
        beijing("Tue 2026-12-15 09:00"),
        beijing("Wed 2026-12-16 09:00"),
    ]
    assert [entry.at for entry in paper.events(EventKind.ESCALATED)] == [beijing("Wed 2026-12-02 24:00")]


@pytest.mark.rule("R31")
def test_letters_and_lights_are_the_same_whether_time_is_watched_or_looked_at_once() -> None:
    watched, asleep = Paper(TUESDAY).dispatched(), Paper(TUESDAY).dispatched()
    for _ in range(40 * 24):
        watched.wait(timedelta(hours=1))
    asleep.wait(timedelta(hours=40 * 24))
    assert [(light.id, light.at) for light in watched.claim.lights] == [
        (light.id, light.at) for light in asleep.claim.lights
    ]
    assert watched.claim.letters == asleep.claim.letters


@pytest.mark.rule("R32")
def test_what_is_made_good_within_a_working_day_of_the_letter_gets_no_red() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Thu 2026-11-26 23:59")
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Tue 2026-12-01 09:00")
    assert [(light.limit, light.colour) for light in paper.claim.lights] == [
        (LimitKind.CONTACT, Colour.YELLOW)
    ]


@pytest.mark.rule("R40", "R42")
@pytest.mark.parametrize("grade", ["very-satisfied", "satisfied", "fairly-satisfied"])
def test_the_first_three_grades_close_the_claim(grade: str) -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade=grade)
    assert paper.claim.over
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.SATISFIED


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("attitude", "态度"),
        ("result", "结果"),
        ("timeliness", "时效"),
        ("not-contacted", "未联系"),
        ("untrue", "不实"),
        ("policy", "政策所限"),
        ("other", "其他"),
    ],
)
def test_why_an_enterprise_is_dissatisfied_is_kept_with_its_grade(reason: str, said: str) -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", reason=reason)
    assert paper.claim.call_backs[-1].reason == reason
    (called,) = paper.events(EventKind.CALLED_BACK)
    assert (called.data["reason"], called.text) == (reason, f"回访评价：不满意，主要原因：{said}")


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    "said",
    [{"grade": "satisfied"}, {"grade": "fairly-satisfied"}, {"grade": None, "reached": False}],
    ids=str,
)
def test_only_a_dissatisfied_enterprise_has_a_reason(said: dict[str, object]) -> None:
    paper = Paper().fed_back()
    outcome = paper.do(Action.CALL_BACK, CALLER, reason="attitude", **said)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R40", "incomplete")
    assert paper.claim.call_backs == []


@pytest.mark.rule("R40")
def test_a_call_that_reached_somebody_has_a_grade() -> None:
    assert Paper().fed_back().do(Action.CALL_BACK, CALLER, grade=None).rule == "R40"


@pytest.mark.rule("R43")
@pytest.mark.parametrize("grade", ["dissatisfied", "very-dissatisfied"])
def test_the_first_dissatisfaction_sends_it_back_for_five_working_days(grade: str) -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade=grade)
    assert (paper.claim.stage, paper.claim.round) == (Stage.REDO, 1)
    schedule = paper.limit(LimitKind.REDO).schedule
    assert schedule is not None
    assert schedule.due_at == beijing("Tue 2026-12-01 24:00")
    for action in (Action.REJECT, Action.REQUEST_EXTENSION):
        assert paper.do(action, HANDLER).kind == "not-now"
    paper.until("Wed 2026-12-02 09:00")
    assert [light.id.split("/", 1)[1] for light in paper.claim.lights] == ["1/1/redo/yellow"]


@pytest.mark.rule("R44")
def test_the_second_dissatisfaction_waits_for_its_review() -> None:
    paper = Paper().in_review()
    assert (paper.claim.stage, paper.claim.closed, paper.claim.over) == (Stage.REVIEW, None, False)


@pytest.mark.rule("R47")
def test_a_withdrawal_is_confirmed_by_a_call_stops_the_clocks_and_leaves_the_lights() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Thu 2026-11-26 09:00")
    assert paper.do(Action.WITHDRAW, CALLER, confirmed_by_call=False).rule == "R47"
    paper.must(Action.WITHDRAW, CALLER)
    lights = list(paper.claim.lights)
    paper.until("Fri 2027-01-29 09:00")
    assert paper.claim.lights == lights
    assert len(lights) == 1


@pytest.mark.rule("R47")
def test_an_enterprises_own_withdrawal_waits_for_the_call() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.WITHDRAW, ENTERPRISE, confirmed_by_call=True)
    assert paper.claim.stage is Stage.HANDLING
    assert len(paper.events(EventKind.WITHDRAWAL_REQUESTED)) == 1
    paper.must(Action.WITHDRAW, CALLER)
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.WITHDRAWN


@pytest.mark.rule("R46")
def test_reminders_and_supplements_start_no_clock_anew() -> None:
    paper = Paper(TUESDAY).dispatched()
    before = [limit.schedule for limit in paper.claim.limits]
    paper.must(Action.REMIND, ENTERPRISE)
    paper.must(Action.SUPPLEMENT, CALLER)
    assert [limit.schedule for limit in paper.claim.limits] == before


@pytest.mark.rule("§1")
@pytest.mark.parametrize("text", ["变压器\x00", "变压器\ud800"], ids=ascii)
def test_words_that_no_database_keeps_are_refused(text: str) -> None:
    paper = Paper().dispatched()
    outcome = paper.do(Action.PROGRESS, HANDLER, summary=text)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "§1", "incomplete")
    assert paper.events(EventKind.PROGRESSED) == []


def test_words_that_make_no_sense_are_refused_and_journalled() -> None:
    paper = Paper().dispatched()
    outcome = paper.do(Action.CONTACT, HANDLER, at="yesterday")
    assert (outcome.status, outcome.kind) == ("refused", "incomplete")
    assert paper.events(EventKind.REFUSED)[0].request_id == outcome.request_id


@pytest.mark.rule("R17", "R18")
def test_feedback_ends_the_wait_for_a_decision_on_an_extension() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    for action in (Action.CONTACT, Action.REPLY, Action.REQUEST_EXTENSION):
        paper.must(action, HEAD)
    assert paper.limit(LimitKind.EXTENSION_DECISION).status is LimitStatus.RUNNING
    paper.must(Action.FEEDBACK, HEAD)
    assert paper.limit(LimitKind.EXTENSION_DECISION).status is LimitStatus.VOID
    paper.until("Fri 2026-11-27 09:00")
    delays = [entry.data.get("limit") for entry in paper.events(EventKind.PLATFORM_DELAYED)]
    assert LimitKind.EXTENSION_DECISION not in delays


@pytest.mark.rule("R13")
def test_a_reason_that_is_not_in_the_list_is_quoted_with_its_first_forty_characters() -> None:
    outcome = Paper(TUESDAY).do(Action.DECLINE, OPERATOR, reason="甲" * 39 + "乙丙")
    assert (outcome.status, outcome.rule) == ("refused", "R13")
    assert outcome.reason == f"“{'甲' * 39}乙”不是不予受理的理由"


@pytest.mark.rule("R13")
def test_a_door_that_is_not_in_the_directory_is_quoted_with_its_first_forty_characters() -> None:
    outcome = Paper("Tue 2026-11-24 09:00").do(
        Action.DECLINE, OPERATOR, reason="litigation", door="甲" * 39 + "乙丙"
    )
    assert (outcome.status, outcome.rule) == ("refused", "R13")
    assert outcome.reason == f"渠道目录中没有“{'甲' * 39}乙”"
