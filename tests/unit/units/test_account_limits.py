"""Maximums of a unit's account, and that it can always continue (R33, R36, R46)."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import RecordInterview, UnitAction
from claims.model.policy import DEFAULT_POLICY
from claims.model.refusals import Refused
from claims.model.unit_account import AccountLight, Cause, Measure, MeasureKind, MeasureStatus, UnitAccount
from claims.units.limits import count_accepted, require_room_for_cause
from claims.units.procedure import post
from tests.support.claims.offline_unit_account import Account, light
from tests.support.claims.people import INSPECTOR, SUPERVISOR, WATER
from tests.support.dates import beijing

NOW = beijing("Tue 2026-12-01 09:00")
FULL = 600
STEPS = 50


def numbered(n: int, days: int = 0) -> AccountLight:
    first = light("Mon 2024-01-01")
    return first.model_copy(
        update={"id": f"QH{n}", "number": f"QH{n}", "at": first.at + timedelta(days=days)}
    )


@pytest.mark.rule("R46")
def test_an_account_begins_with_nothing_counted() -> None:
    begun = UnitAccount(unit=WATER)
    assert (begun.seq, begun.refusals, begun.accepted_bytes) == (0, 0, 0)


def account_with(count: int) -> UnitAccount:
    return UnitAccount(unit=WATER, lights={f"QH{n}": numbered(n) for n in range(count)})


def cause(n: int) -> Cause:
    return Cause(
        id=f"QH{n}/cause/1",
        number=f"QH{n}",
        unit=WATER,
        unit_name="市城乡水务局",
        rule="R45",
        reason="责成限期未办结",
        at=NOW,
    )


@pytest.mark.rule("R33")
def test_a_full_account_forgets_the_oldest_light_that_brings_nothing_any_more() -> None:
    step = post(account_with(FULL), numbered(FULL, days=500), now=NOW)
    assert len(step.account.lights) == FULL
    assert f"QH{FULL}" in step.account.lights
    assert "QH0" not in step.account.lights


@pytest.mark.rule("R33")
def test_with_the_forgotten_light_goes_the_measure_that_it_brought_and_no_other() -> None:
    account = account_with(FULL)
    measures = [
        Measure(
            id=f"{n}/interview",
            kind=MeasureKind.INTERVIEW,
            rule="R35",
            reason="两块黄牌",
            lights=(f"QH{n}", f"QH{n + 1}"),
            opened_at=NOW,
            status=MeasureStatus.DONE,
        )
        for n in (0, 10)
    ]
    account = account.model_copy(update={"measures": measures})
    step = post(account, numbered(FULL, days=500), now=NOW)
    assert "QH0" not in step.account.lights
    kept = {measure.id for measure in step.account.measures}
    assert "0/interview" not in kept
    assert "10/interview" in kept


@pytest.mark.rule("R33")
def test_an_account_holds_six_hundred_lights() -> None:
    step = post(account_with(FULL - 1), numbered(FULL, days=31), now=NOW)
    assert (len(step.account.lights), step.account.refusals) == (FULL, 0)


@pytest.mark.rule("R33")
def test_a_full_account_takes_no_light_in_place_of_one_that_may_still_count() -> None:
    step = post(account_with(FULL), numbered(FULL, days=31), now=NOW)
    assert f"QH{FULL}" not in step.account.lights
    assert [(entry.kind, entry.rules) for entry in step.entries] == [(EventKind.REFUSED, ("R33",))]


@pytest.mark.rule("R33")
def test_the_refusal_of_a_light_quotes_the_first_two_hundred_characters_of_its_id() -> None:
    one = numbered(FULL, days=31).model_copy(update={"id": "x" * 199 + "yz"})
    (entry,) = post(account_with(FULL), one, now=NOW).entries
    assert entry.text.startswith(f"不予计入：{'x' * 199}y：")


@pytest.mark.rule("R33")
@pytest.mark.parametrize(("days", "forgotten"), [(13 * 31 - 1, False), (13 * 31, True)])
def test_a_light_of_thirteen_months_ago_brings_nothing_any_more(days: int, *, forgotten: bool) -> None:
    oldest, newest = numbered(0), numbered(FULL, days=days)
    assert (newest.at - oldest.at).days == days
    assert (oldest.id not in post(account_with(FULL), newest, now=NOW).account.lights) is forgotten


@pytest.mark.rule("R36")
def test_an_account_holds_two_hundred_causes() -> None:
    account = UnitAccount(unit=WATER)
    for n in range(201):
        account = post(account, cause(n), now=NOW).account
    assert len(account.causes) == 200
    assert account.refusals == 1
    with pytest.raises(Refused) as full:
        require_room_for_cause(account)
    assert full.value.rule == "R36"


@pytest.mark.rule("R36")
def test_a_file_takes_fifty_steps_and_the_one_that_closes_it() -> None:
    account = Account()
    account.account = post(account.account, cause(1), now=account.now).account
    (file,) = account.measures
    fields: dict[str, object] = {"measure": file.id, "text": "已研究"}
    outcomes = [
        account.do(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, **fields) for _ in range(STEPS + 1)
    ]
    assert [outcome.status for outcome in outcomes] == ["accepted"] * STEPS + ["refused"]
    assert outcomes[-1].rule == "R36"
    last = account.do(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, **fields, closes=True)
    assert last.status == "accepted"
    assert account.measures[0].status is MeasureStatus.DONE


@pytest.mark.rule("R46")
def test_an_account_with_many_long_texts_takes_short_ones() -> None:
    account = Account().post(light("Mon 2026-11-16"))
    account.account.accepted_bytes = account.account.policy.claim_bytes
    (held,) = account.account.lights
    long = account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=held, reason="错" * 4000)
    assert (long.status, long.rule) == ("refused", "R46")
    assert long.reason == "本台账的内容已达200千字节，每次提交不得超过4千字节"
    assert account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=held, reason="系统故障").status == "accepted"


@pytest.mark.rule("R46")
def test_bytes_are_counted_until_there_are_as_many_as_half_a_claim_has() -> None:
    class Text(BaseModel):
        text: str

    policy = DEFAULT_POLICY.model_copy(update={"claim_bytes": 200, "short_body_bytes": 30})
    account = UnitAccount(unit=WATER, policy=policy)
    long = Text(text="x" * 89)
    assert len(long.model_dump_json()) == 100
    count_accepted(account, long)
    assert account.accepted_bytes == 100
    with pytest.raises(Refused, match="每次提交不得超过"):
        count_accepted(account, long)
    count_accepted(account, Text(text="x" * 19))
    assert account.accepted_bytes == 130


@pytest.mark.rule("R46")
def test_the_refusal_of_a_long_text_tells_thousands_of_bytes() -> None:
    class Text(BaseModel):
        text: str

    bounds = {"claim_bytes": 1_998_000, "short_body_bytes": 999_000}
    policy = DEFAULT_POLICY.model_copy(update=bounds)
    account = UnitAccount(unit=WATER, policy=policy, accepted_bytes=999_000)
    with pytest.raises(Refused) as full:
        count_accepted(account, Text(text="x" * 999_000))
    assert full.value.reason == "本台账的内容已达999千字节，每次提交不得超过999千字节"


@pytest.mark.rule("R46")
def test_refusals_are_recorded_a_hundred_times_and_then_counted() -> None:
    account = Account()
    for _ in range(130):
        account.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light="none", reason="系统故障")
    assert account.events.count(EventKind.REFUSED) == 100
    assert account.account.refusals == 130


@pytest.mark.rule("R35")
def test_a_promised_measure_is_no_longer_than_a_thousand_characters() -> None:
    promise = {"text": "改" * 1001}
    with pytest.raises(ValidationError, match="1000"):
        RecordInterview.model_validate(
            {"request_id": "r", "measure": "m", "person": "李局长", "record": "约谈", "measures": [promise]}
        )
