"""The consequences of a yellow light, and how it ends: dated cases with weekdays."""

from datetime import datetime, time

import pytest

from activities.updates.edition_updates import EditionPage, news_for
from claims import procedure
from claims.actions.revocation import revoke_after_end
from claims.editions.edition import built_in_editions, built_in_policy
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.policy import Policy
from claims.model.terms import Action, CloseReason, LimitKind, LimitStatus, Stage
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import COORDINATOR, HANDLER, POWER, SUPERVISOR
from tests.support.dates import beijing, day

FIRST_EDITION = built_in_policy(1)
FRIDAY = "Fri 2026-11-27 09:00"
"""A contact is due as Monday the 30th ends: its yellow is of Tuesday, 1 December."""
YELLOW = "QH202611240001/1/0/contact/yellow"


def silent(policy: Policy | None = None) -> Paper:
    """Delivered on Friday; replied, not contacted."""
    paper = Paper(FRIDAY, policy=policy) if policy else Paper(FRIDAY)
    paper.dispatched().must(Action.REPLY, HANDLER)
    return paper


def lights(paper: Paper) -> list[tuple[str, datetime]]:
    return [(f"{light.limit}/{light.colour}", light.at) for light in paper.claim.lights]


def revoked(paper: Paper, at: str = "", *, light: str = YELLOW) -> None:
    """Revoke a light by the unit's account, with or without an instant; the claim is notified now."""
    dated = beijing(at) if at else None
    word = LightRevoked(number=paper.claim.number, light=light, reason="系统故障", actor=SUPERVISOR, at=dated)
    paper.adopt(procedure.revoke_light(paper.claim, word, now=paper.now))


def adopted(paper: Paper) -> None:
    """The claim adopts the edition 2021-4-1 now."""
    page = EditionPage(edition=built_in_editions()[-1], at=paper.now)
    news = news_for(paper.claim, page, (), paper.calendar)
    assert news is not None
    paper.adopt(procedure.new_edition(paper.claim, news, now=paper.now))


@pytest.mark.rule("R37")
def test_a_light_of_a_claim_that_has_ended_is_revoked_as_of_the_decision() -> None:
    paper = silent()
    paper.until("Tue 2026-12-01 09:00")
    (light, *_) = paper.claim.lights
    decided = beijing("Tue 2026-12-01 10:00")
    word = LightRevoked(number=paper.claim.number, light=light.id, reason="系统故障", actor=SUPERVISOR)
    step = revoke_after_end(paper.claim, word, decided)
    assert [one.revoked for one in step.claim.lights if one.id == light.id] == [True]
    (entry,) = step.entries
    assert (entry.kind, entry.rules, entry.at, entry.actor) == (
        EventKind.LIGHT_REVOKED,
        ("R37",),
        decided,
        SUPERVISOR,
    )


@pytest.mark.rule("R7", "R31")
@pytest.mark.parametrize(
    ("policy", "until"),
    [(None, "请于2026-12-02 24:00前反馈"), (FIRST_EDITION, "请于收函之日起1个工作日内反馈")],
)
def test_a_letter_says_until_when_and_under_the_first_edition_how_long(
    policy: Policy | None, until: str
) -> None:
    paper = silent(policy)
    paper.until("Tue 2026-12-01 09:00")
    (letter,) = paper.claim.letters
    assert until in letter.text
    assert [entry.text for entry in paper.events(EventKind.LETTER_ISSUED)] == [letter.text]


@pytest.mark.rule("R2", "R32")
def test_the_day_of_the_light_is_day_0_of_its_red_as_it_is_of_its_letter() -> None:
    paper = silent()
    paper.until("Thu 2026-12-03 00:00")
    assert lights(paper) == [
        ("contact/yellow", beijing("Mon 2026-11-30 24:00")),
        ("contact/red", beijing("Wed 2026-12-02 24:00")),  # 12-03T00: a working day after Tuesday the 1st
    ]


@pytest.mark.rule("R7", "R32")
def test_under_the_first_edition_the_last_day_of_the_limit_is_day_0() -> None:
    paper = silent(FIRST_EDITION)
    paper.until("Thu 2026-12-03 00:00")
    assert lights(paper)[1] == ("contact/red", beijing("Tue 2026-12-01 24:00"))


@pytest.mark.rule("R2", "R32")
def test_over_a_weekend_the_red_comes_with_the_end_of_monday() -> None:
    paper = Paper("Thu 2026-11-26 09:00").dispatched()
    paper.must(Action.REPLY, HANDLER)
    paper.until("Tue 2026-12-01 00:00")  # the yellow is of Saturday, the 28th
    assert lights(paper)[1] == ("contact/red", beijing("Mon 2026-11-30 24:00"))


@pytest.mark.rule("R2", "R32")
def test_with_a_close_of_business_the_day_of_the_light_is_the_last_of_the_limit() -> None:
    paper = silent(Paper().claim.policy.model_copy(update={"cutoff": time(17, 30)}))
    paper.until("Thu 2026-12-03 00:00")
    assert lights(paper) == [
        ("contact/yellow", beijing("Mon 2026-11-30 17:30")),
        ("contact/red", beijing("Tue 2026-12-01 17:30")),
    ]


@pytest.mark.rule("R6", "R32")
def test_the_supervised_feedback_says_day_by_day_how_it_was_counted() -> None:
    paper = silent()
    paper.until("Tue 2026-12-01 09:00")
    schedule = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).schedule
    assert schedule is not None
    assert [(line.date, line.counted, line.n) for line in schedule.explanation] == [
        (day("Tue 2026-12-01"), False, None),
        (day("Wed 2026-12-02"), True, 1),
    ]


@pytest.mark.rule("R32", "R37")
def test_a_yellow_that_is_revoked_before_its_red_leaves_no_red() -> None:
    paper = silent()
    paper.until("Tue 2026-12-01 10:00")
    revoked(paper, "Tue 2026-12-01 09:59")
    assert paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).status is LimitStatus.VOID
    paper.until("Wed 2026-12-09 10:00")
    assert lights(paper) == [("contact/yellow", beijing("Mon 2026-11-30 24:00"))]
    assert paper.claim.lights[0].revoked
    assert not paper.events(EventKind.UNIT_REMINDED, EventKind.ESCALATED)


@pytest.mark.rule("R32", "R37")
def test_what_was_due_before_a_revocation_comes_first() -> None:
    paper = silent()
    paper.now = beijing("Tue 2026-12-01 10:00")
    told = len(paper.journal)
    revoked(paper, "Tue 2026-12-01 09:59")
    kinds = [entry.kind for entry in paper.journal[told:]]
    assert {EventKind.LETTER_ISSUED, EventKind.LIGHT_GIVEN} <= {*kinds[:-1]}
    assert kinds[-1] is EventKind.LIGHT_REVOKED


@pytest.mark.rule("R32", "R37")
def test_a_claim_that_stands_still_by_a_revocation_is_not_forgotten() -> None:
    paper = Paper("Tue 2026-11-24 09:00").in_review()
    paper.until("Sat 2026-11-28 10:00")  # the form was due as Friday ended
    (light,) = paper.claim.lights
    assert paper.claim.live(LimitKind.STANDSTILL) is None
    revoked(paper, "Sat 2026-11-28 09:59", light=light.id)
    timer = paper.claim.live(LimitKind.STANDSTILL)
    assert timer is not None
    assert timer.schedule is not None
    assert timer.schedule.last_day == day("Fri 2026-12-04")


@pytest.mark.rule("R32", "R37")
def test_a_yellow_that_is_revoked_leaves_the_red_of_another_limit() -> None:
    paper = Paper(FRIDAY).dispatched()
    paper.until("Wed 2026-12-02 10:00")  # both yellow, as Monday and Tuesday ended
    revoked(paper, "Wed 2026-12-02 09:59")
    paper.until("Mon 2026-12-07 10:00")
    assert [name for name, _ in lights(paper)] == ["contact/yellow", "reply/yellow", "reply/red"]


@pytest.mark.rule("R7", "R37")
def test_under_the_first_edition_the_red_comes_all_the_same() -> None:
    paper = silent(FIRST_EDITION)
    paper.until("Tue 2026-12-01 10:00")
    revoked(paper, "Tue 2026-12-01 09:59")
    assert paper.claim.lights[0].revoked
    assert len(paper.events(EventKind.LIGHT_REVOKED)) == 1
    paper.until("Wed 2026-12-02 10:00")
    assert [name for name, _ in lights(paper)] == ["contact/yellow", "contact/red"]


@pytest.mark.rule("R32", "R37")
@pytest.mark.parametrize(
    ("at", "red_stays"), [("Wed 2026-12-02 23:59", False), ("Wed 2026-12-02 24:00", True)]
)
def test_a_revocation_that_races_its_red_wins_where_it_was_decided_before(at: str, red_stays: bool) -> None:
    paper = silent()
    paper.until("Thu 2026-12-03 00:01")  # the red was given a minute ago
    revoked(paper, at)
    yellow, red = paper.claim.lights
    assert (yellow.revoked, red.revoked) == (True, not red_stays)
    assert len(paper.events(EventKind.LIGHT_REVOKED)) == (1 if red_stays else 2)
    paper.until("Wed 2026-12-09 10:00")
    assert bool(paper.events(EventKind.UNIT_REMINDED)) is red_stays


@pytest.mark.rule("R7", "R32", "R37")
@pytest.mark.parametrize(
    ("policy", "at"), [(None, ""), (FIRST_EDITION, "Tue 2026-12-01 09:00"), (FIRST_EDITION, "")]
)
def test_a_red_stays_where_the_revocation_has_no_date_or_the_edition_asks_for_none(
    policy: Policy | None, at: str
) -> None:
    paper = silent(policy)
    paper.until("Thu 2026-12-03 00:01")
    revoked(paper, at)
    assert [(light.colour, light.revoked) for light in paper.claim.lights] == [
        ("yellow", True),
        ("red", False),
    ]


@pytest.mark.rule("R32", "R37")
def test_the_same_revocation_twice_says_nothing_more() -> None:
    paper = silent()
    paper.until("Tue 2026-12-01 10:00")
    for _ in range(2):
        revoked(paper, "Tue 2026-12-01 09:59")
    assert len(paper.events(EventKind.LIGHT_REVOKED)) == 1


@pytest.mark.rule("R6", "R7", "R32")
def test_an_edition_in_the_middle_of_the_red_day_moves_the_red_on_record_and_nothing_else() -> None:
    paper = silent(FIRST_EDITION)
    paper.until("Tue 2026-12-01 10:00")
    before = lights(paper)
    adopted(paper)
    (recomputed,) = paper.events(EventKind.LIMITS_RECOMPUTED)
    assert "核实时限督办后反馈时限 2026-12-01 24:00 → 2026-12-02 24:00" in recomputed.text
    assert lights(paper) == before
    paper.until("Thu 2026-12-03 00:00")
    assert lights(paper)[1] == ("contact/red", beijing("Wed 2026-12-02 24:00"))


@pytest.mark.rule("R6", "R7", "R32")
def test_an_edition_after_the_red_leaves_its_reminders_where_they_were() -> None:
    paper = silent(FIRST_EDITION)
    paper.until("Wed 2026-12-02 08:00")
    adopted(paper)
    assert lights(paper)[1] == ("contact/red", beijing("Tue 2026-12-01 24:00"))
    paper.until("Mon 2026-12-07 10:00")
    assert [entry.at for entry in paper.events(EventKind.UNIT_REMINDED)] == [
        beijing("Wed 2026-12-02 09:00"),
        beijing("Thu 2026-12-03 09:00"),
        beijing("Fri 2026-12-04 09:00"),
    ]
    assert [entry.at for entry in paper.events(EventKind.ESCALATED)] == [beijing("Fri 2026-12-04 24:00")]


@pytest.mark.rule("R32")
def test_there_is_one_reminder_a_day_and_one_escalation_a_round() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()  # reds as 27 and 30 November end
    paper.until("Mon 2026-12-07 10:00")
    reminded = paper.events(EventKind.UNIT_REMINDED)
    assert [f"{entry.at.astimezone(beijing('Tue 2026-11-24 09:00').tzinfo):%m-%d}" for entry in reminded] == [
        "11-30",
        "12-01",
        "12-02",
        "12-03",
        "12-04",
    ]
    assert [entry.text[:8] for entry in reminded] == [f"红灯后第{n}次催办" for n in range(1, 6)]
    assert len(paper.events(EventKind.ESCALATED)) == 1


@pytest.mark.rule("R16")
@pytest.mark.parametrize(("policy", "told"), [(None, ["LG-ZH"]), (FIRST_EDITION, [])])
def test_the_coordination_group_is_told_of_an_overdue_arbitration_once(
    policy: Policy | None, told: list[str]
) -> None:
    paper = (Paper(policy=policy) if policy else Paper()).referred()
    paper.until("Fri 2026-11-27 09:00")
    assert len(paper.events(EventKind.PLATFORM_DELAYED)) == 1
    assert [one.unit for one in paper.notices if one.kind is EventKind.PLATFORM_DELAYED] == told


def undecided(policy: Policy | None = None) -> Paper:
    """Delivered on Tuesday 24 November; an extension is applied for the next day: nine working days are left,
    and an approval would extend to Tuesday 29 December.
    """
    paper = Paper("Tue 2026-11-24 09:00", policy=policy) if policy else Paper("Tue 2026-11-24 09:00")
    paper.dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Wed 2026-11-25 09:00")
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    return paper


@pytest.mark.rule("R17")
@pytest.mark.parametrize(
    ("refused_on", "last_day"),
    [
        ("Thu 2026-11-26 09:00", "Wed 2026-12-09"),  # nine working days, as before
        ("Tue 2026-12-22 09:00", "Tue 2026-12-29"),  # nine would be Tuesday 5 January
        ("Tue 2026-12-29 09:00", "Wed 2026-12-30"),  # a working day, as an approval would have given
    ],
)
def test_an_extension_that_is_refused_late_gives_no_more_than_an_approval(
    refused_on: str, last_day: str
) -> None:
    paper = undecided()
    paper.until(refused_on)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=False)
    resolve = paper.limit(LimitKind.RESOLVE)
    assert resolve.schedule is not None
    assert resolve.schedule.last_day == day(last_day)
    assert (resolve.paused_at, resolve.rerun_from, resolve.most_days) == (
        None,
        None,
        0,
    )  # it runs like any other


@pytest.mark.rule("R7", "R17")
def test_under_the_first_edition_it_runs_on_however_late_it_is_refused() -> None:
    paper = undecided(FIRST_EDITION)
    paper.until("Tue 2026-12-22 09:00")
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=False)
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert schedule.last_day == day("Tue 2027-01-05")


@pytest.mark.rule("R45")
def test_the_leadership_group_is_told_and_orders_nothing_more() -> None:
    paper = Paper().before_leadership()
    assert [one.unit for one in paper.notices if one.kind is EventKind.REFERRED_TO_LEADERSHIP] == ["LG-ZH"]
    refused = paper.do(Action.VERIFY, COORDINATOR, compliant=False, order_days=3)
    assert (refused.status, refused.rule, paper.claim.stage) == ("refused", "R45", Stage.LEADERSHIP)
    paper.must(
        Action.VERIFY, COORDINATOR, compliant=False, opinion="由区政府专题协调，予以办结", order_days=None
    )
    assert paper.claim.closed is not None
    assert (paper.claim.closed.reason, paper.claim.over) == (CloseReason.DECIDED, True)
    decided = paper.claim.verifications[-1]
    assert (decided.compliant, decided.order_days) == (False, None)
    (said,) = paper.events(EventKind.LEADERSHIP_DECIDED)
    assert "由区政府专题协调" in said.text
    assert [entry.rules for entry in (said, *paper.events(EventKind.CLOSED))] == [("R45",)] * 2
    assert [one.unit for one in paper.notices if one.kind is EventKind.LEADERSHIP_DECIDED] == [POWER]


@pytest.mark.rule("R44", "R45")
def test_the_leadership_group_may_find_it_compliant() -> None:
    paper = Paper().before_leadership()
    paper.must(Action.VERIFY, COORDINATOR, compliant=True)
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.VERIFIED


@pytest.mark.rule("R7", "R45")
def test_under_the_first_edition_it_may_order_a_third_time() -> None:
    paper = Paper(policy=FIRST_EDITION).before_leadership()
    paper.must(Action.VERIFY, COORDINATOR, compliant=False)
    assert paper.claim.stage is Stage.COMPLETION
