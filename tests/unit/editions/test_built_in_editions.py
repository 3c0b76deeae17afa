"""Open claims and units' accounts under the plan alone adopt later built-in editions (R7)."""

import pytest

from activities.updates.edition_updates import EditionPage, news_for
from calendar_rules.loader import load_calendar
from claims import procedure
from claims.deadlines.recalculation import NewEdition
from claims.editions.edition import built_in_editions, built_in_policy, policy_after
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.units.interviews import adopt_edition
from claims.units.transition import UnitTransition
from tests.support.claims.offline_claim import Paper
from tests.support.claims.offline_unit_account import Account, light

PLAN_ALONE = built_in_policy(1)
OF_VERSION_0_1 = Policy()
"""A policy without later fields."""


def news_of_built_in(paper: Paper) -> NewEdition:
    news = news_for(
        paper.claim, EditionPage(edition=built_in_editions()[-1], at=paper.now), (), load_calendar()
    )
    assert news is not None
    return news


@pytest.mark.rule("R7")
@pytest.mark.parametrize("policy", [PLAN_ALONE, OF_VERSION_0_1])
def test_an_open_claim_takes_it_on_record_and_only_once(policy: Policy) -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=policy).dispatched()
    news = news_of_built_in(paper)
    assert (news.edition, news.reaches_open) == ("2021-4-2", True)
    assert "枣办发〔2021〕4号" in news.source
    paper.adopt(procedure.new_edition(paper.claim, news, now=paper.now))
    (adopted,) = paper.events(EventKind.EDITION_ADOPTED)
    assert (adopted.rules, adopted.data["edition"]) == (("R7",), "2021-4-2")
    changed = adopted.data["changes"]
    assert isinstance(changed, dict)
    assert set(changed) == {name for edition in built_in_editions()[1:] for name in edition.changes}
    assert paper.claim.policy.standstill_days == policy.standstill_days
    assert (
        news_for(paper.claim, EditionPage(edition=built_in_editions()[-1], at=paper.now), (), load_calendar())
        is None
    )
    again = procedure.new_edition(paper.claim, news, now=paper.now)
    assert (again.claim, again.entries) == (paper.claim, [])


@pytest.mark.rule("R7")
def test_what_was_missed_before_stays_as_it_was_decided() -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=PLAN_ALONE).dispatched()
    paper.until("Fri 2026-11-27 10:00")
    before = paper.claim
    paper.adopt(procedure.new_edition(paper.claim, news_of_built_in(paper), now=paper.now))
    assert (paper.claim.lights, paper.claim.letters) == (before.lights, before.letters)
    assert paper.claim.former_policies == {"2021-4": PLAN_ALONE}
    assert paper.claim.policy.version == DEFAULT_POLICY.version


@pytest.mark.rule("R7")
def test_an_account_of_the_plan_alone_takes_it_on_record() -> None:
    account = Account(OF_VERSION_0_1).post(light("Mon 2026-11-16"))
    policy = policy_after(account.account.policy, (), account.now, registered_at=account.now)
    news = NewEdition(edition="2021-4-2", source="", policy=policy)
    step = UnitTransition(account.account, at=account.now)
    adopt_edition(step, news)
    assert [entry.kind for entry in step.entries] == [EventKind.EDITION_ADOPTED]
    assert step.account.policy.built_in == 3
