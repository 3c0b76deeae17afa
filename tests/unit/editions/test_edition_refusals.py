"""Refused editions: unknown parameters, contradictions, wrong order (R7, R8)."""

import pytest

from claims.editions.edition import Edition, Reach
from claims.editions.ranges import range_of
from claims.editions.validation import PARAMETERS, EditionRefused, check_fits, validate_edition
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import LimitKind
from tests.support.claims.editions import edition, raw_edition
from tests.support.claims.offline_claim import Paper
from tests.support.dates import beijing

NOW = beijing("Wed 2026-11-25 10:00")


def refused(raw: dict[str, object], published: tuple[Edition, ...] = ()) -> EditionRefused:
    with pytest.raises(EditionRefused) as caught:
        check_fits(validate_edition(raw), published, now=NOW)
    return caught.value


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"changes": {"resolve_day": 8}}, "没有名为 resolve_day 的参数，是否想填 resolve_days？"),
        ({"changes": {"version": "x"}}, "没有名为 version 的参数"),
        ({"changes": {"revision": 3}}, "没有名为 revision 的参数"),
        ({"changes": {"resolve_days": -1}}, "1 至 250 的整数"),
        ({"changes": {"resolve_days": 0}}, "1 至 250 的整数"),
        ({"changes": {"resolve_days": 251}}, "1 至 250 的整数"),
        ({"changes": {"resolve_days": "8"}}, "收到的是 '8'"),
        ({"changes": {"resolve_days": True}}, "收到的是 True"),
        ({"changes": {"resolve_days": 8.0}}, "收到的是 8.0"),
        ({"changes": {"resolve_days": None}}, "收到的是 None"),
        ({"changes": {"reminders_after_red": 61}}, "0 至 60 的整数"),
        ({"changes": {"journal_lines": 0}}, "100 至 1000 的整数"),
        ({"changes": {"journal_lines": 1001}}, "100 至 1000 的整数"),
        ({"changes": {"claim_bytes": 1}}, "20000 至 400000 的整数"),
        ({"changes": {"repeats_per_side": 0}}, "1 至 200 的整数"),
        ({"changes": {"refusals_recorded": 10**30}}, "10 至 200 的整数"),
        ({"changes": {"merge_answer_minutes": 0}}, "1 至 1440 的整数"),
        ({"changes": {"clock_skew_seconds": 3601}}, "0 至 3600 的整数"),
        ({"changes": {"contact_after_signing": 1}}, "是开关"),
        ({"changes": {"cutoff": "25:00"}}, "17:30 这样的北京时间"),
        ({"changes": {"cutoff": "00:00"}}, "17:30 这样的北京时间"),
        ({"changes": {"reminder_time": None}}, "17:30 这样的北京时间"),
        ({"changes": {"extended_resolve_days": 9}}, "大于 extended_resolve_days=9"),
        ({"changes": {"resolve_days": 26}}, "resolve_days=26 大于"),
        ({"changes": {"reply_days": 11}}, "reply_days=11 大于"),
        ({"changes": {"contact_days": 3}}, "contact_days=3 大于"),
        ({"changes": {"warning_days": 10}}, "预警没有意义"),
        ({"changes": {"warning_days": 2}}, "reply_days=2 ，预警没有意义"),
        ({"changes": {"co_unit_lead_days": 10}}, "协办没有时间"),
        ({"changes": {"ordered_completion_days": 16}}, "大于 ordered_completion_most_days=15"),
        ({"changes": {"unreachable_attempt_days": 4}}, "大于 unreachable_attempts=3"),
        ({"changes": {"at_least_days": 2}}, "at_least_days=2 大于"),
        ({"changes": {}}, "没有改变任何参数"),
        ({"changes": ["resolve_days"]}, "应是参数和数值的对象"),
        ({"id": ""}, "编号 id"),
        ({"id": "第一版"}, "编号 id"),
        ({"id": None}, "编号 id"),
        ({"source": " "}, "依据 source"),
        ({"source": None}, "依据 source"),
        ({"note": "长" * 501}, "不超过 500 字"),
        ({"in_force_from": "2027-02-30"}, "生效时间 in_force_from 不对"),
        ({"in_force_from": "2027-01-01T00:00:00"}, "生效时间 in_force_from 不对"),
        ({"in_force_from": 2027}, "生效时间 in_force_from 不对"),
        ({"reaches": "all"}, "应为 new、open 之一"),
        ({"in_force": "2027-01-01"}, "不认识的字段：in_force"),
    ],
)
def test_an_edition_that_contradicts_itself_is_refused(changes: dict[str, object], says: str) -> None:
    error = refused(raw_edition(**changes))
    assert says in str(error)
    assert (error.rule, error.conflict) == ("R7", False)


@pytest.mark.rule("R7")
def test_every_number_that_an_edition_can_change_has_a_range_with_the_built_in_one_in_it() -> None:
    numbers = [name for name in PARAMETERS if Policy.model_fields[name].annotation is int]
    assert len(numbers) > 30
    for name in numbers:
        least, most = range_of(name)
        assert least <= getattr(DEFAULT_POLICY, name) <= most, name


@pytest.mark.rule("R7", "R32")
def test_as_many_reminders_as_an_edition_may_ask_for_have_their_days() -> None:
    _, most = range_of("reminders_after_red")
    paper = Paper(policy=DEFAULT_POLICY.model_copy(update={"reminders_after_red": most})).dispatched()
    schedule = paper.limit(LimitKind.CONTACT).schedule
    assert schedule is not None
    assert len({at.date() for at in schedule.remind_at}) == most


@pytest.mark.rule("R8")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"channels": {"fax": {"resolve_days": 7}}}, "channels 不对"),
        ({"channels": {"app": {"interview_days": 7}}}, "不能按渠道或类别另定"),
        ({"categories": {"help": {"contact_after_signing": True}}}, "不能按渠道或类别另定"),
        ({"categories": {"help": {}}}, "没有填写参数"),
        ({"categories": {"help": {"resolve_days": 30}}}, "（求助类）"),
        (
            {
                "channels": {"app": {"resolve_days": 20}},
                "categories": {"help": {"extended_resolve_days": 15}},
            },
            "、求助类）",
        ),
    ],
)
def test_own_numbers_that_contradict_each_other_are_refused(changes: dict[str, object], says: str) -> None:
    assert says in str(refused(raw_edition(**changes)))


@pytest.mark.rule("R7")
def test_an_edition_does_not_go_back_in_time() -> None:
    published = (edition("first", in_force_from="2027-03-01"),)
    error = refused(raw_edition("second", in_force_from="2027-02-28"), published)
    assert ("早于已公布的 first" in str(error), error.conflict) == (True, True)
    error = refused(raw_edition("old", in_force_from="2026-11-24"))
    assert ("不溯及既往" in str(error), error.conflict) == (True, True)
    check_fits(edition("today", in_force_from="2026-11-25"), (), now=NOW)
    check_fits(edition("second", in_force_from="2027-03-01"), published, now=NOW)


@pytest.mark.rule("R7")
def test_a_mistyped_year_does_not_keep_the_law_as_it_is() -> None:
    """Nothing could come into force before it, and nothing withdraws it."""
    for day in ("2028-11-25", "2926-12-01", "9999-12-31"):
        error = refused(raw_edition("typo", in_force_from=day))
        assert ("请核对年份" in str(error), error.conflict) == (True, False)
    check_fits(edition("far", in_force_from="2028-11-24"), (), now=NOW)


@pytest.mark.rule("R7")
@pytest.mark.parametrize("id", ["first", "2021-4", "2021-4-1", "2021-4-2"])
def test_an_id_stands_for_one_edition(id: str) -> None:
    error = refused(raw_edition(id), (edition("first"),))
    assert ("已用于内容不同的版本" in str(error), error.conflict) == (True, True)


@pytest.mark.rule("R7")
def test_editions_are_checked_together_also_for_claims_that_only_the_later_reaches() -> None:
    longer = edition("longer", {"extended_resolve_days": 40})
    for_all = raw_edition("all", changes={"resolve_days": 30})
    check_fits(validate_edition(for_all), (longer.model_copy(update={"reaches": Reach.OPEN}),), now=NOW)
    assert "resolve_days=30 大于 extended_resolve_days=25" in str(
        refused({**for_all, "reaches": "open"}, (longer,))
    )
