"""The golden matrix over HTTP: one recorded claim in each stage with its edition, and all possible callers.

Instead of a server, the procedure decides what the API sends, without changing the claim.
"""

import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from api.http.problems import problem_of
from claims import procedure
from claims.model.claim import Claim
from claims.model.journal import Outcome, TransitionRecord
from claims.model.messages.envelopes import Envelope
from claims.model.refusals import RefusalKind
from claims.model.terms import Action, Role, Stage
from records.claim_writer import write_step
from records.database.engine import open_records
from runtime.settings import Settings
from service_layer.errors import refused
from service_layer.services import Services
from service_layer.temporal_gateway import TemporalGateway
from tests.api.conftest import NOBODY_LISTENS
from tests.oracles.golden import CITED, MATRIX, Relation, Verdict, refusal, verdict
from tests.oracles.situations import CALLERS, Caller, Situation, in_stage
from tests.support.api import api_caller as http
from tests.support.api.claim_uploads import upload
from tests.support.claims.people import TENGZHOU, usual
from workflows.messages import ClaimState

CHOSEN: Final = {
    Stage.REGISTERED: "consultation",
    Stage.HANDLING: "contacted and replied",
    Stage.CALL_BACK: "disputed",
    Stage.REDO: "disputed",
    Stage.REVIEW: "disputed",
    Stage.VERIFICATION: "disputed",
    Stage.COMPLETION: "disputed",
    Stage.LEADERSHIP: "disputed",
    Stage.CLOSED: "verified and disputed",
}
"""For stages with several claims: the one with the most possible actions."""
NUMBERS: Final = {stage: f"QH2026112400{n:02}" for n, stage in enumerate(Stage, start=1)}
CALLING: Final = [
    caller
    for caller in CALLERS
    if caller.role is not Role.CONSOLE
    and (caller.actor.unit is not None or caller.role is not Role.HANDLER)
    and (caller.role is not Role.HEAD or caller.relation is Relation.LEAD)
    and caller.relation is not Relation.ABOVE
]
"""Possible token holders. The city itself handles no claims and has no handlers. Heads and handlers may
mostly do the same, so mostly handlers are used.
"""
NEVER: Final = verdict(Stage.CLOSED, Action.REOPEN, Role.AUDITOR, Relation.CITY, holds=frozenset())


def chosen(stage: Stage) -> Situation:
    found = in_stage(stage)
    return next(one for one in found if one.name == CHOSEN.get(stage, found[0].name))


class LawAlone(TemporalGateway):
    """Claims that answer and never change."""

    def __init__(self, settings: Settings, claims: Mapping[str, tuple[Claim, datetime]]) -> None:
        super().__init__(settings)
        self._claims = claims
        self._outcomes: dict[str, Outcome] = {}

    async def signal(self, number: str, action: Action, envelope: Envelope) -> None:
        claim, now = self._claims[number]
        _, outcome = procedure.act(claim, action, envelope, now=now)
        self._outcomes[outcome.request_id] = outcome

    async def claim_state(
        self, number: str, request_id: str = "", *, within: float | None = None
    ) -> ClaimState:
        claim, now = self._claims[number]
        return ClaimState(claim=claim, now=now, outcome=self._outcomes.get(request_id))


@dataclass
class City:
    """The API with a claim in each stage, and scans of signed papers where needed."""

    api: http.Caller
    scans: Mapping[Stage, str]
    headers: Mapping[Caller, dict[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(tmp_path_factory: pytest.TempPathFactory, blank_records: Path) -> AsyncIterator[City]:
    """One app for all tests."""
    home = tmp_path_factory.mktemp("city")
    shutil.copyfile(blank_records, home / "records.db")
    settings = Settings(home=home, temporal_address=NOBODY_LISTENS, virtual_time=True)
    claims = {}
    with open_records(settings.records_url) as records:
        for stage, number in NUMBERS.items():
            paper = chosen(stage).paper
            claim = paper.claim.model_copy(update={"number": number})
            claims[number] = (claim, paper.now)
            write_step(records, TransitionRecord(claim=claim, entries=tuple(paper.journal)))
    async with http.calling(settings) as api:
        services: Services = api.app.state.services
        api.app.state.services = replace(services, temporal=LawAlone(settings, claims))
        scans = {}
        for stage in (Stage.HANDLING, Stage.REVIEW):
            uploaded = await upload(api, at=TENGZHOU, claim=NUMBERS[stage])
            scans[stage] = uploaded.json()["id"]
        headers = {
            caller: api.headers(
                caller.role, caller.actor.unit.id if caller.actor.unit else "", caller.actor.name
            )
            for caller in CALLING
        }
        yield City(api, scans=scans, headers=headers)


def expected_answer(stage: Stage, action: Action, caller: Caller) -> Verdict:
    """Return the oracle's answer. The bureau is left out of further delegation, as no unit is below it."""
    situation = chosen(stage)
    found = verdict(
        stage, action, caller.role, situation.relation(caller), holds=situation.holds, over=situation.over
    )
    if found.allowed and action is Action.DELEGATE and caller.relation is Relation.DELEGATE:
        below = refusal("delegation to a unit that is not below")
        return Verdict(below.rule, below.kind)
    return found


def form(city: City, stage: Stage, action: Action, who: str) -> dict[str, object]:
    """Return a complete form; signatures and seals are files of its own claim."""
    scan = city.scans.get(stage, "")
    signature = {"head": "李主任", "paper": scan} if scan else None
    more: dict[Action, dict[str, object]] = {
        Action.REJECT: {"signature": signature},
        Action.REQUEST_EXTENSION: {"signature": signature},
        Action.DELEGATE: {"unit": f"{TENGZHOU}-SPJ"},
        Action.REVIEW_FORM: {"signature": signature, "seal": scan},
        Action.MERGE: {"into": NUMBERS[Stage.HANDLING if stage is Stage.REGISTERED else Stage.REGISTERED]},
    }
    return {
        "request_id": f"{stage}/{action}/{who}",
        **usual(action, chosen(stage).paper.now),
        **more.get(action, {}),
    }


def asking(stage: Stage, action: Action) -> list[Caller]:
    """Return all allowed callers, and one refused caller for each refusal and relation, a different one in
    each stage.
    """
    turn = list(Stage).index(stage)
    groups: dict[object, list[Caller]] = {}
    for caller in CALLING:
        wanted = expected_answer(stage, action, caller)
        if wanted == NEVER and turn:
            continue  # the same in every stage: tried in the first
        relation = caller.relation if MATRIX.stages[stage][action] else None
        groups.setdefault(caller if wanted.allowed else (wanted, relation), []).append(caller)
    return [callers[turn % len(callers)] for callers in groups.values()]


@pytest.mark.rule("§1")
@pytest.mark.parametrize("stage", Stage)
async def test_everybody_is_answered_as_the_matrix_says_with_its_rule(city: City, stage: Stage) -> None:
    statuses = {"": 200, **CITED["kinds"]}
    wrong = []
    for action in Action:
        for n, caller in enumerate(asking(stage, action)):
            path = f"/claims/{NUMBERS[stage]}/{action}"
            body = form(city, stage, action, str(n))
            answer = await city.api.http.post(path, json=body, headers=city.headers[caller])
            wanted = expected_answer(stage, action, caller)
            found = answer.json()
            if answer.status_code != statuses[wanted.kind] or found.get("rule", wanted.rule) != wanted.rule:
                wrong.append(f"{action} by {caller.role} ({caller.relation}): {answer.text}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.rule("§1")
@pytest.mark.parametrize("stage", Stage)
async def test_the_view_shows_a_caller_what_the_matrix_allows_and_nothing_else(
    city: City, stage: Stage
) -> None:
    situation = chosen(stage)
    for caller in CALLING:
        answer = await city.api.http.get(f"/claims/{NUMBERS[stage]}", headers=city.headers[caller])
        if situation.relation(caller) in (Relation.STRANGER, Relation.OTHER):
            assert (answer.status_code, answer.json()["rule"]) == (404, "§1"), caller
            continue
        allowed = [
            action
            for action in Action
            if verdict(stage, action, caller.role, situation.relation(caller), holds=situation.holds).allowed
        ]
        assert sorted(answer.json()["allowed_actions"]) == sorted(allowed), caller


def test_a_refusal_of_each_kind_has_the_status_that_was_written_down() -> None:
    statuses = {kind: problem_of(refused(kind, "", rule="", instead="")).kind.status for kind in RefusalKind}
    assert statuses == CITED["kinds"]
