"""Many orders in which the same lights, causes, revocations and records may reach a unit's account."""

from datetime import date, datetime, time, timedelta
from random import Random

import pytest

from calendar_rules import SHANGHAI
from claims.model.messages.unit_action_bodies import UnitAction, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Colour, LimitKind
from claims.model.unit_account import AccountLight, Cause, Measure, MeasureKind, MeasureStatus, UnitAccount
from claims.units.procedure import act
from claims.units.transition import UnitTransition, post_cause, post_light, update_measures
from tests.support.claims.people import INSPECTOR, PROMISES, SUPERVISOR, WATER
from tests.support.dates import beijing
from tests.support.hypothesis_profile import EFFORT

YEARS, ORDERS = (6, 20) if EFFORT == 1 else (20 * EFFORT, 100)
NOW = beijing("Thu 2026-12-31 09:00")
POLICY = DEFAULT_POLICY.model_copy(update={"interview_counts_from_revocation": False})
"""The effects of a revocation count from its arrival; nothing else depends on the order."""
Arrival = AccountLight | Cause | UnitEnvelope


def midnight(random: Random) -> datetime:
    """Lights come at midnight, often several at once."""
    day = date(2026, 1, 1) + timedelta(days=random.randrange(180))
    return datetime.combine(day, time(), SHANGHAI)


def a_light(random: Random, at: datetime) -> list[AccountLight]:
    """Return a yellow light, often with its red one a day later."""
    number, round = f"QH{random.randrange(8)}", random.randrange(2)
    limit = random.choice([LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE])
    lit = [(Colour.YELLOW, at), (Colour.RED, at + timedelta(days=1))][: random.choice([1, 2, 2])]
    return [
        AccountLight(
            id=f"{number}/1/{round}/{limit}/{colour}",
            number=number,
            unit=WATER,
            unit_name="市城乡水务局",
            colour=colour,
            limit=limit,
            dispatch=1,
            round=round,
            at=instant,
        )
        for colour, instant in lit
    ]


def a_cause(n: int, at: datetime) -> Cause:
    id, reason = f"QH{n}/R45/{n}", "未按期办结"
    return Cause(id=id, number=f"QH{n}", unit=WATER, unit_name="水务", rule="R45", reason=reason, at=at)


def a_year(random: Random) -> list[Arrival]:
    """Return a year's lights and causes in order, and what a supervisor then revokes."""
    found = {one.id: one for _ in range(9) for one in a_light(random, midnight(random))}
    lights = sorted(found.values(), key=lambda one: (one.at, one.id))
    revoked = random.sample(lights, k=2)
    words = [
        UnitEnvelope(
            action=UnitAction.REVOKE_LIGHT,
            actor=SUPERVISOR,
            body={"request_id": f"revoke-{one.id}", "light": one.id, "reason": "系统故障"},
        )
        for one in revoked
    ]
    return [*lights, *(a_cause(n, midnight(random)) for n in range(2)), *words]


def record_of(measure: Measure) -> UnitEnvelope:
    """Return the record that people write of a measure."""
    body = {"request_id": f"record-{measure.id}", "measure": measure.id}
    if measure.kind is MeasureKind.INTERVIEW:
        interview = {**body, "person": "李局长", "record": "已约谈", "measures": PROMISES}
        return UnitEnvelope(action=UnitAction.RECORD_INTERVIEW, actor=INSPECTOR, body=dict(interview))
    step = {**body, "text": "书面检查", "closes": True}
    return UnitEnvelope(action=UnitAction.RECORD_ACCOUNTABILITY_STEP, actor=INSPECTOR, body=dict(step))


class Desk:
    """An account that receives items; actions that are not possible yet are retried after more have arrived."""

    def __init__(self) -> None:
        self.account = UnitAccount(unit=WATER, policy=POLICY)
        self.waiting: list[UnitEnvelope] = []

    def receive(self, arrived: Arrival, *, count: bool) -> None:
        """Receive an item. Lights that come together are counted together (`count` with the last of them)."""
        if isinstance(arrived, UnitEnvelope):
            self.waiting.append(arrived)
        else:
            step = UnitTransition(self.account, at=NOW)
            if isinstance(arrived, AccountLight):
                post_light(step, arrived)
            else:
                post_cause(step, arrived)
            if count:
                update_measures(step)
            self.account = step.account
        if count:
            self._try_again()

    def _try_again(self) -> None:
        while (envelope := next(filter(self._is_possible, self.waiting), None)) is not None:
            step, outcome, _ = act(self.account, envelope, now=NOW)
            assert outcome.status == "accepted", outcome.reason
            self.account = step.account
            self.waiting.remove(envelope)

    def _is_possible(self, envelope: UnitEnvelope) -> bool:
        if envelope.action is UnitAction.REVOKE_LIGHT:
            return envelope.body["light"] in self.account.lights
        measure = self.account.measure(str(envelope.body["measure"]))
        return measure is not None and measure.status is MeasureStatus.OPEN

    def measures(self) -> dict[str, Measure]:
        """Return the measures in force by id."""
        assert self.waiting == []
        return {m.id: m for m in self.account.measures if m.status is not MeasureStatus.WITHDRAWN}


def delivered(arrivals: list[Arrival], random: Random | None = None) -> Desk:
    """Deliver in this order; with `random`, count from time to time, and deliver some items twice."""
    desk = Desk()
    for arrived in arrivals:
        twice = random is not None and not isinstance(arrived, UnitEnvelope) and random.random() < 0.1
        for _ in range(1 + twice):
            desk.receive(arrived, count=random is None or random.random() < 0.6)
    step = UnitTransition(desk.account, at=NOW)
    update_measures(step)
    desk.account = step.account
    desk._try_again()
    return desk


@pytest.mark.rule("R34", "R35", "R36", "R37")
@pytest.mark.parametrize("year", range(YEARS))
def test_any_order_of_arrival_gives_the_same_interviews_and_files(year: int) -> None:
    random = Random(year)
    arrivals = a_year(random)
    opened = delivered(arrivals).measures().values()
    arrivals += [record_of(measure) for measure in opened if random.random() < 0.5]
    expected = delivered(arrivals)
    for _ in range(ORDERS):
        shuffled = random.sample(arrivals, k=len(arrivals))
        found = delivered(shuffled, random)
        assert found.measures() == expected.measures()
        assert found.account.lights == expected.account.lights


@pytest.mark.rule("R34")
def test_the_years_have_something_to_count() -> None:
    kinds = [m.kind for year in range(YEARS) for m in delivered(a_year(Random(year))).measures().values()]
    assert kinds.count(MeasureKind.INTERVIEW) > YEARS
    assert kinds.count(MeasureKind.ACCOUNTABILITY) > 2 * YEARS  # the causes' own, and pairs of red lights
