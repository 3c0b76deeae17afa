"""The second built-in edition's requirements over HTTP, on the real server."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client

from claims.model.terms import Action, Category, Role
from records.database.engine import open_records
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.api.api_caller import ORDER, Caller, calling
from tests.support.api.city_desk import Json, parts
from tests.support.api.claim_uploads import upload
from tests.support.claims.people import (
    ENTERPRISE,
    HOUSING,
    POWER,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    usual,
)
from tests.support.polling import PATIENCE, eventually
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(
    server: DevServer, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path_factory.mktemp("city"),
        temporal_address=server.target,
        task_queue="api-second-edition",
        action_timeout=PATIENCE,
    )
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


class Claim:
    """One claim and its people; each action has its own request id."""

    def __init__(self, city: Caller, number: str) -> None:
        self.city = city
        self.number = number
        self._acts = 0

    @classmethod
    async def registered(cls, city: Caller, **fields: object) -> "Claim":
        answer = await city.post("/claims", {**ORDER, "external_id": "", **fields}, Role.OPERATOR)
        assert answer.status_code == 201, answer.text
        return cls(city, str(answer.json()["number"]))

    async def act(self, action: Action, role: Role, at: str = "", /, **fields: object) -> httpx.Response:
        self._acts += 1
        body = {"request_id": f"r{self._acts}", **usual(action, now()), **fields}
        called = ENTERPRISE.name if role is Role.ENTERPRISE else ""
        return await self.city.post(f"/claims/{self.number}/{action}", body, role, at=at, called=called)

    async def must(self, action: Action, role: Role, at: str = "", /, **fields: object) -> Json:
        answer = await self.act(action, role, at, **fields)
        assert answer.status_code == 200, answer.text
        view: Json = answer.json()
        return view

    async def refused(self, action: Action, role: Role, at: str = "", /, **fields: object) -> tuple[int, str]:
        answer = await self.act(action, role, at, **fields)
        assert answer.status_code != 200, answer.text
        return answer.status_code, answer.json()["rule"]

    async def scan(self, at: str) -> dict[str, str]:
        answer = await upload(self.city, claim=self.number, at=at)
        return {"head": "李主任", "paper": answer.json()["id"]}

    async def tracked(self, *words: str) -> bool:
        """Return whether the enterprise sees an event with these words."""
        page = (await self.city.get(f"/track/{self.number}", phone="0004")).json()
        return any(all(word in event["text"] for word in words) for event in page["events"])

    async def fed_back(self) -> "Claim":
        await self.must(Action.DISPATCH, Role.OPERATOR)
        for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
            await self.must(action, Role.HANDLER, POWER)
        return self


@pytest.mark.rule("R13")
async def test_a_claim_is_declined_by_the_directory_of_doors(city: Caller) -> None:
    listed = (await city.get("/directory/doors", Role.OPERATOR)).json()
    doors = {door["id"]: door["reasons"] for door in listed["doors"]}
    assert {one["reason"] for one in listed["reasons"]} == {
        one for reasons in doors.values() for one in reasons
    }
    claim = await Claim.registered(city)
    assert await claim.refused(Action.DECLINE, Role.OPERATOR, reason="太忙了") == (409, "R13")
    assert await claim.refused(Action.DECLINE, Role.OPERATOR, door="以后再说") == (409, "R13")
    view = await claim.must(Action.DECLINE, Role.OPERATOR, reason="litigation", door="court")
    assert view["stage"] == "closed"
    assert await eventually(lambda: claim.tracked("受理案件的人民法院（12368）"), bool)
    assert (await city.get("/directory/doors", Role.ENTERPRISE, called=ENTERPRISE.name)).status_code == 403


@pytest.mark.rule("R12")
async def test_an_answer_that_did_not_satisfy_can_only_be_dispatched(city: Caller) -> None:
    claim = await Claim.registered(city, category=Category.CONSULTATION)
    await claim.must(Action.ANSWER, Role.OPERATOR)
    view = await claim.must(Action.CALL_BACK, Role.CALLER, grade="dissatisfied")
    assert view["stage"] == "registered"
    for action in (Action.ANSWER, Action.DECLINE, Action.SPLIT):
        assert await claim.refused(action, Role.OPERATOR) == (409, "R12")
    await claim.must(Action.DISPATCH, Role.OPERATOR)


@pytest.mark.rule("R18")
async def test_a_contact_three_days_before_delivery_is_refused_and_one_at_its_second_taken(
    city: Caller,
) -> None:
    claim = await Claim.registered(city)
    view = await claim.must(Action.DISPATCH, Role.OPERATOR)
    (dispatch,) = parts(view, "dispatches")
    delivered = datetime.fromisoformat(str(dispatch["delivered_at"]))
    for early in (timedelta(days=3), timedelta(seconds=2)):
        at = (delivered - early).isoformat()
        assert await claim.refused(Action.CONTACT, Role.HANDLER, POWER, at=at) == (409, "R18")
    await claim.must(Action.CONTACT, Role.HANDLER, POWER, at=delivered.replace(microsecond=0).isoformat())


@pytest.mark.rule("R40", "R41")
async def test_a_call_counts_with_both_answers_and_an_enterprise_cannot_be_unreached(city: Caller) -> None:
    claim = await (await Claim.registered(city)).fed_back()
    unanswered = {"resolved": None, "contacted": None}
    assert await claim.refused(Action.CALL_BACK, Role.CALLER, **unanswered) == (409, "R40")
    unreached = {"reached": False, "grade": None}
    assert await claim.refused(Action.CALL_BACK, Role.ENTERPRISE, **unreached) == (403, "R41")
    assert (await claim.must(Action.CALL_BACK, Role.ENTERPRISE))["stage"] == "closed"


@pytest.mark.rule("R21", "R15")
async def test_a_towns_head_does_not_return_for_its_district(city: Caller) -> None:
    claim = await Claim.registered(city)
    await claim.must(Action.DISPATCH, Role.OPERATOR, unit=TENGZHOU)
    await claim.must(Action.DELEGATE, Role.HANDLER, TENGZHOU, unit=TENGZHOU_HOUSING)
    signed = {"suggested_unit": HOUSING, "signature": None}
    for action in (Action.REJECT, Action.REQUEST_EXTENSION):
        fields = signed if action is Action.REJECT else {"signature": None}
        assert await claim.refused(action, Role.HEAD, TENGZHOU_HOUSING, **fields) == (403, "R21")
    view = await claim.must(Action.REJECT, Role.HEAD, TENGZHOU, **signed)
    assert view["stage"] == "redetermination"


@pytest.mark.rule("§1", "R16")
async def test_the_commissions_office_rules_with_the_justice_bureaus_opinion(city: Caller) -> None:
    claim = await Claim.registered(city)
    await claim.must(Action.DISPATCH, Role.OPERATOR)
    await claim.must(Action.REJECT, Role.HANDLER, POWER, signature=await claim.scan(POWER))
    await claim.must(Action.REFER, Role.SUPERVISOR)
    for at in ("", "ZZ-SFJ"):
        assert await claim.refused(Action.ARBITRATE, Role.ARBITER, at) == (403, "R16")
    assert await claim.refused(Action.ARBITRATE, Role.ARBITER, "BB", opinion=None) == (409, "R16")
    opinion = {"name": "张科长", "text": "同意"}
    assert await claim.refused(Action.ARBITRATE, Role.ARBITER, "BB", opinion=opinion) == (422, "R16")
    view = await claim.must(Action.ARBITRATE, Role.ARBITER, "BB")
    assert view["stage"] == "handling"


@pytest.mark.rule("R15", "R16")
async def test_of_two_heads_that_sign_at_once_one_returns_and_the_other_is_told_why_not(city: Caller) -> None:
    claim = await Claim.registered(city)
    await claim.must(Action.DISPATCH, Role.OPERATOR)
    fields = {"signature": None}
    answers = await asyncio.gather(
        *(claim.act(Action.REJECT, Role.HEAD, POWER, **fields) for _ in range(2)),
        claim.act(Action.REQUEST_EXTENSION, Role.HEAD, POWER, **fields),
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 409, 409], [answer.text for answer in answers]
    losers = [answer.json() for answer in answers if answer.status_code == 409]
    assert {loser["rule"] for loser in losers} <= {"R15", "R16", "R17"}
    assert all(loser["detail"] and loser["instead"] for loser in losers)
    view = (await city.get(f"/claims/{claim.number}", Role.SUPERVISOR)).json()
    assert (view["dispatches"][0]["returned"] is None) != (view["extension"] is None)


@pytest.mark.rule("R18", "R44")
async def test_a_malformed_verification_cites_the_rule_of_the_stage(city: Caller) -> None:
    claim = await (await Claim.registered(city)).fed_back()
    assert await claim.refused(Action.VERIFY, Role.SUPERVISOR, opinion="") == (422, "R18")
    await claim.must(Action.CALL_BACK, Role.CALLER, grade="dissatisfied")
    await claim.must(Action.FEEDBACK, Role.HANDLER, POWER)
    await claim.must(Action.CALL_BACK, Role.CALLER, grade="dissatisfied")
    signed = await claim.scan(POWER)
    await claim.must(Action.REVIEW_FORM, Role.HANDLER, POWER, signature=signed, seal=signed["paper"])
    assert await claim.refused(Action.VERIFY, Role.SUPERVISOR, compliant="也许") == (422, "R44")
    other = Claim(city, "QH209901010001")
    assert (await other.refused(Action.VERIFY, Role.SUPERVISOR, opinion=""))[0] == 422


@pytest.mark.rule("R22")
async def test_a_co_unit_signs_for_its_part_and_reports_it_and_the_lead_sees_it(city: Caller) -> None:
    claim = await Claim.registered(city)
    await claim.must(Action.DISPATCH, Role.OPERATOR, co_units=[WATER])
    view = (await city.get(f"/claims/{claim.number}", Role.HANDLER, at=WATER)).json()
    assert {"sign-for", "report-part", "progress"} == set(view["allowed_actions"])
    await claim.must(Action.SIGN_FOR, Role.HANDLER, WATER)
    assert await claim.refused(Action.REPORT_PART, Role.HANDLER, POWER) == (403, "R22")
    assert await claim.refused(Action.REPORT_PART, Role.HANDLER, WATER, text="") == (422, "R22")
    await claim.must(Action.REPORT_PART, Role.HANDLER, WATER, outcome="none", text="管线不在施工范围内")
    assert await claim.refused(Action.REPORT_PART, Role.HANDLER, WATER) == (409, "R22")
    shown = (await city.get(f"/claims/{claim.number}", Role.HANDLER, at=POWER)).json()
    (part,) = shown["dispatches"][0]["co_unit_parts"]
    told = (part["unit"], part["outcome_name"], part["text"], part["overdue"])
    assert told == (WATER, "无协办事项", "管线不在施工范围内", False)
    assert part["due_text"].endswith(" 24:00")
    journal = (await city.get(f"/claims/{claim.number}/journal", Role.AUDITOR)).json()["entries"]
    assert {"part-signed-for", "part-reported"} <= {entry["kind"] for entry in journal}


@pytest.mark.rule("R49", "R10", "R39")
async def test_a_call_is_split_into_claims_that_live_and_know_of_each_other(city: Caller) -> None:
    claim = await Claim.registered(city)
    matters = [{"matter": "变压器验收排不上"}, {"matter": "门前道路破损", "category": "suggestion"}]
    view = await claim.must(Action.SPLIT, Role.OPERATOR, matters=matters)
    assert isinstance(view["split_into"], list)
    (number,) = map(str, view["split_into"])
    assert (view["matter"], view["stage"]) == ("变压器验收排不上", "registered")
    part = Claim(city, number)
    shown = await part.must(Action.DISPATCH, Role.OPERATOR, unit=HOUSING)
    told = (shown["matter"], shown["category"], shown["split_from"], shown["registered_at"])
    assert told == ("门前道路破损", "suggestion", claim.number, view["registered_at"])
    for one, other in ((claim.number, number), (number, claim.number)):
        page = (await city.get(f"/track/{one}", phone="0004")).json()
        assert page["same_call"] == [other]
    assert await eventually(lambda: claim.tracked(claim.number, number), bool)
    again = await city.get(f"/claims/{claim.number}/outcomes/r1", Role.OPERATOR)
    assert again.status_code == 200
    assert await claim.refused(Action.SPLIT, Role.OPERATOR) == (409, "R49")
    await claim.must(Action.DISPATCH, Role.OPERATOR)

    async def listed() -> int:
        return len((await city.get("/claims", Role.OPERATOR, number=number)).json()["claims"])

    assert await eventually(listed, bool) == 1
