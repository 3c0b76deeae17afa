"""To whom a notice goes, and who may send it now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from claims.model.events import EventKind
from claims.model.terms import LimitKind
from claims.notifications import DeliveryState, addressees, compose, what
from claims.transition import ENTERPRISE
from data import load_organisation
from notices.relay import Pace, reference_of
from records import outbox
from records.database.engine import Records
from records.outbox import Lease
from tests.support.claims.offline_claim import Paper
from tests.support.dates import beijing
from tests.support.notices.outbox_samples import NUMBER, enqueue_notices, notice, to_enterprise

NOON = beijing("Wed 2026-11-25 12:00")
LEASE = timedelta(minutes=2)


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def route(records: Records, channels: Mapping[str, Sequence[str]] | None = None) -> None:
    outbox.route(records, channels or {"ZZ-GD": ["邮箱"]}, NOON)


def lease(records: Records, holder: str, at: datetime = NOON, **free: int) -> list[Lease]:
    return outbox.lease(records, holder=holder, free=free or {"邮箱": 100}, busy=[], now=at, until=at + LEASE)


@pytest.mark.rule("R29")
def test_who_has_chosen_so_hears_of_limits_at_once(records: Records) -> None:
    midnight, opening = beijing("Thu 2026-11-26 00:00"), beijing("Thu 2026-11-26 08:30")
    enqueue_notices(records, notice(1, kind=EventKind.LIGHT_GIVEN))
    channels = {"ZZ-GD": ["邮箱"], "LG-ZH": ["邮箱"], "LG-DD": ["邮箱"]}
    outbox.route(records, channels, midnight, opens=opening, at_once={"LG-DD"})
    at = {line.addressee: line.next_at for line in outbox.deliveries(records)}
    assert at == {"ZZ-GD": opening, "LG-ZH": opening, "LG-DD": midnight}


@pytest.mark.rule("R29")
def test_words_about_limits_wait_for_office_hours_and_others_do_not(records: Records) -> None:
    midnight, opening = beijing("Thu 2026-11-26 00:00"), beijing("Thu 2026-11-26 08:30")
    kinds = (EventKind.LIGHT_GIVEN, EventKind.EARLY_WARNING, EventKind.DISPATCHED)
    enqueue_notices(records, *(notice(n, kind=kind) for n, kind in enumerate(kinds)))
    outbox.route(records, {"ZZ-GD": ["邮箱"], "LG-ZH": [], "LG-DD": []}, midnight, opens=opening)
    at = {line.kind: line.next_at for line in outbox.deliveries(records) if line.addressee == "ZZ-GD"}
    assert at == {kinds[0]: opening, kinds[1]: opening, kinds[2]: midnight}
    assert [one.kind for one in lease(records, "a", midnight)] == [EventKind.DISPATCHED]
    assert {one.kind for one in lease(records, "b", opening)} >= set(kinds[:2])


@pytest.mark.rule("R38")
@pytest.mark.parametrize(
    "kind",
    [
        EventKind.LETTER_ISSUED,
        EventKind.LIGHT_GIVEN,
        EventKind.CRITICISED,
        EventKind.ACCOUNTABILITY_OPENED,
        EventKind.ESCALATED,
    ],
)
def test_letters_lights_and_measures_are_copied_to_both_groups(records: Records, kind: EventKind) -> None:
    enqueue_notices(records, notice(1, kind=kind))
    assert {line.addressee for line in outbox.deliveries(records)} == {"ZZ-GD", "LG-ZH", "LG-DD"}


@pytest.mark.rule("R38")
def test_the_groups_that_get_copies_are_units_of_the_city() -> None:
    organisation = load_organisation()
    copies = addressees(notice(1, kind=EventKind.LIGHT_GIVEN))[1:]
    assert [organisation.get(unit).short for unit in copies] == ["市综合协调组", "市督导问效组"]


@pytest.mark.rule("R20", "R38")
def test_a_dispatch_goes_to_the_unit_alone(records: Records) -> None:
    enqueue_notices(records, notice(1))
    assert [line.addressee for line in outbox.deliveries(records)] == ["ZZ-GD"]


@pytest.mark.rule("R41", "R70")
def test_what_is_for_the_enterprise_is_copied_to_nobody() -> None:
    assert addressees(notice(1, ENTERPRISE, EventKind.LIGHT_GIVEN)) == (ENTERPRISE,)


@pytest.mark.rule("R32")
def test_an_escalation_is_told_once() -> None:
    paper = Paper().dispatched()
    paper.until("Thu 2026-12-10 09:00")
    limit = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT)
    assert limit.escalated
    escalated = [told for told in paper.notices if told.kind is EventKind.ESCALATED]
    assert {told.unit for told in escalated} == {"ZZ-GD"}
    assert len({told.id for told in escalated}) == len(escalated)


@pytest.mark.rule("R20")
def test_a_step_that_is_written_again_puts_nothing_out_again(records: Records) -> None:
    told = notice(1, kind=EventKind.LIGHT_GIVEN)
    enqueue_notices(records, told)
    route(records, {"ZZ-GD": ["邮箱", "企业微信"], "LG-ZH": ["邮箱"], "LG-DD": []})
    once = outbox.deliveries(records)
    enqueue_notices(records, told)
    route(records, {"ZZ-GD": ["邮箱", "企业微信"], "LG-ZH": ["邮箱"], "LG-DD": []})
    assert outbox.deliveries(records) == once
    assert len(once) == 4


@pytest.mark.rule("R20")
def test_an_addressee_without_a_channel_is_quiet_and_shown_so(records: Records) -> None:
    enqueue_notices(records, notice(1))
    route(records, {"ZZ-GD": []})
    (line,) = outbox.deliveries(records, state=DeliveryState.QUIET)
    assert (line.addressee, line.channel, line.ended_at) == ("ZZ-GD", "", NOON)
    assert outbox.outbox_state(records).counts == {DeliveryState.QUIET: 1}
    assert lease(records, "a") == []


def test_a_leased_delivery_is_nobody_elses_until_the_lease_ends(records: Records) -> None:
    enqueue_notices(records, notice(1))
    route(records)
    (held,) = lease(records, "a")
    assert lease(records, "b", NOON + LEASE - timedelta(seconds=1)) == []
    (again,) = lease(records, "b", NOON + LEASE)
    assert again.id == held.id


def test_whoever_lost_the_lease_cannot_put_a_delivery_off(records: Records) -> None:
    enqueue_notices(records, notice(1))
    route(records)
    (lost,) = lease(records, "a")
    (held,) = lease(records, "b", NOON + LEASE)
    outbox.mark_failed(records, lost, "通道未接受", at=NOON + LEASE, again_at=None)
    assert outbox.deliveries(records)[0].state is DeliveryState.WAITING
    outbox.mark_sent(records, held, NOON + LEASE)
    outbox.mark_failed(records, held, "通道未接受", at=NOON + LEASE, again_at=None)
    assert outbox.deliveries(records)[0].state is DeliveryState.SENT


def test_no_more_is_taken_than_a_channel_has_places(records: Records) -> None:
    enqueue_notices(records, *(notice(seq) for seq in range(1, 6)), notice(9, "ZZ-SWJ"))
    route(records, {"ZZ-GD": ["邮箱"], "ZZ-SWJ": ["企业微信"]})
    taken = lease(records, "a", 邮箱=2, 企业微信=2)
    assert sorted(held.channel for held in taken) == sorted(["邮箱", "邮箱", "企业微信"])


def test_the_oldest_waiting_is_counted_since_it_was_put_out(records: Records) -> None:
    assert outbox.outbox_state(records).oldest_waiting is None
    enqueue_notices(records, notice(1))
    route(records)
    assert outbox.outbox_state(records).oldest_waiting == NOON
    outbox.mark_sent(records, lease(records, "a")[0], NOON)
    assert outbox.outbox_state(records).oldest_waiting is None


def test_the_ledger_is_searched_by_state_unit_and_claim(records: Records) -> None:
    enqueue_notices(records, notice(1), notice(2, "ZZ-SWJ"), to_enterprise(3))
    assert len(outbox.deliveries(records, number=NUMBER)) == 3
    assert len(outbox.deliveries(records, number="QH202611250002")) == 0
    assert [line.addressee for line in outbox.deliveries(records, addressee="ZZ-SWJ")] == ["ZZ-SWJ"]
    assert len(outbox.deliveries(records, limit=2)) == 2
    assert outbox.deliveries(records, state=DeliveryState.SENT) == []


def test_back_off_doubles_with_jitter_and_gives_up_after_about_three_days() -> None:
    pace, at = Pace(), NOON
    pauses = []
    for tries in range(1, pace.tries):
        again = pace.again_at(tries, at)
        assert again is not None
        pauses.append(again - at)
        at = again
    assert pace.again_at(pace.tries, at) is None
    assert timedelta(seconds=24) <= pauses[0] <= timedelta(seconds=36)
    assert max(pauses) <= timedelta(hours=4.8)
    assert timedelta(days=2.3) < at - NOON < timedelta(days=3.7)


@pytest.mark.rule("R70")
@pytest.mark.parametrize("kind", [EventKind.SUPPLEMENTED, EventKind.REMINDED, EventKind.DISPATCHED])
def test_words_that_people_wrote_do_not_go_out(kind: EventKind) -> None:
    assert "甲公司" not in what(kind, "甲公司：请尽快")


def test_a_message_says_number_what_and_where() -> None:
    reference = reference_of("QH202611250001/1/ZZ-GD>ZZ-GD")
    message = compose(
        subject=f"工单{NUMBER}", news="收到派单", copied_about="", where="https://z/1", reference=reference
    )
    assert message.body == f"工单{NUMBER}：收到派单。\n查看：https://z/1\n编号：{reference}"
    assert reference == reference_of("QH202611250001/1/ZZ-GD>ZZ-GD")
