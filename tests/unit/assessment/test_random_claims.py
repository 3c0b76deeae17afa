"""A hundred random claims, assessed by two independent implementations (R60)."""

from collections import Counter
from datetime import timedelta
from functools import cache
from random import Random
from typing import Final

import pytest

from assessment.facts.claim_run import ClaimRun
from assessment.facts.extraction import facts_of
from assessment.terms import Measure
from calendar_rules import SHANGHAI
from claims.model.terms import Stage
from tests.support.assessment.claim_stories import Play
from tests.support.assessment.journal_oracle import late_platform_days, rows_of
from tests.support.dates import beijing

CLAIM_TRACES: Final = 100
ACTS: Final[dict[Stage, str]] = {
    Stage.REGISTERED: "dispatch:GD dispatch:GD dispatch:TZ+SPJ dispatch:SWJ answer answer decline merge withdraw",
    Stage.ANSWERED: "satisfied dissatisfied dissatisfied",
    Stage.HANDLING: "sign sign sign contact reply feedback handled handled handled handled return:SWJ return:SWJ "
    "return:ZJJ extend extend approve refuse withdraw merge revoke part:SPJ",
    Stage.REDETERMINATION: "confirm redispatch:SWJ redispatch:ZJJ refer withdraw",
    Stage.ARBITRATION: "arbitrate:ZJJ arbitrate:GD arbitrate:SWJ",
    Stage.CALL_BACK: "satisfied unresolved dissatisfied dissatisfied denied denied unreached unreached incomplete",
    Stage.REDO: "feedback feedback false contact sign withdraw",
    Stage.REVIEW: "form form false revoke",
    Stage.VERIFICATION: "compliant order order false",
    Stage.COMPLETION: "feedback feedback withdraw",
    Stage.LEADERSHIP: "withdraw",
    Stage.CLOSED: "reopen false revoke",
}
HANDLED: Final = ("contact", "reply", "feedback")
HOURS: Final = (0, 0, 0, 0.2, 1, 3, 8, 20, 26, 50, 100, 300)


@cache
def random_run(seed: int) -> ClaimRun:
    """Play up to twenty random actions, most of them allowed in the stage."""
    random = Random(seed)
    start = beijing("Mon 2026-08-03 00:00") + timedelta(minutes=random.randrange(110 * 24 * 60))
    opening = f"{start.astimezone(SHANGHAI):%a %m-%d %H:%M} register"
    play = Play(f"{seed:04}", "TZ", opening, lenient=True, consultation=random.random() < 0.2)
    for _ in range(random.randint(2, 20)):
        play.paper.wait(timedelta(hours=random.choice(HOURS)))
        act = random.choice(ACTS[play.paper.claim.stage].split())
        if (act == "revoke" and not play.paper.claim.lights) or (act == "part:SPJ" and play.parts):
            continue
        if play.paper.claim.stage is Stage.CLOSED and random.random() < 0.6:
            break
        for each in HANDLED if act == "handled" else (act,):
            play.do(each)
    play.paper.wait(timedelta(days=random.choice((0, 1, 5, 40))))
    return play.run_now()


@pytest.mark.rule("R60")
@pytest.mark.parametrize("seed", range(CLAIM_TRACES))
def test_a_random_life_has_the_rows_that_the_slow_reckoning_finds(seed: int) -> None:
    run = random_run(seed)
    facts = facts_of(run)
    own = [fact for fact in facts if fact.counted and fact.measure is not Measure.PLATFORM_DELAY]
    assert sorted((f.unit, f.measure.value, f.day, f.n, f.of) for f in own) == rows_of(
        run.entries, run.until, [(part.unit, part.reported_at) for part in run.parts or ()]
    )
    late = [f.day for f in facts if f.measure is Measure.PLATFORM_DELAY and f.counted and f.n]
    assert sorted(late) == late_platform_days(run.entries)
    assert facts_of(run) == facts


def test_the_random_lives_are_varied_enough_to_prove_something() -> None:
    seen: Counter[tuple[str, int, bool]] = Counter()
    for seed in range(0, CLAIM_TRACES, 2):
        seen.update({(fact.measure.value, fact.n, fact.counted) for fact in facts_of(random_run(seed))})
    rates = ("contact", "reply", "completion", "resolved", "satisfied", "signed-for", "returns", "redo")
    for measure in rates:
        assert min(seen[measure, n, True] for n in (0, 1)) >= 1, (measure, seen)
        assert seen[measure, 0, False] >= 1, (measure, seen)
