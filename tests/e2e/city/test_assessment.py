"""From claims to the month's published edition on the running system: over HTTP and with commands (R62, R65)."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.testing import TimeSkipper

from activities.workflow_ids import assessment_workflow_id, workflow_id
from calendar_rules import local_day
from calendar_rules.loader import load_calendar
from claims.model.terms import Action, Role
from demo.scan import scan_of
from runtime.connection import connect
from runtime.local_stack import LocalStack
from service_layer.clock import now
from service_layer.identity.tokens import issue_token
from tests.support.api.city_desk import Desk, Json, parts
from tests.support.claims.people import ENTERPRISE, WATER
from tests.support.polling import eventually
from tests.support.processes.command import zaoying

PERIOD = f"{load_calendar().nth_working_day_after(local_day(now()), 1):%Y-%m}"
"""The month in which today's claims' contact limit ends."""
PATH = f"/assessments/{PERIOD}"
UNIT = "ZZ-SJJ"
"""The unit whose claims are counted; used by no other module."""


async def dispatched(desk: Desk) -> str:
    number = await desk.registered()
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=UNIT, basis="职责")
    return number


async def solved(desk: Desk) -> str:
    number = await dispatched(desk)
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        await desk.must(number, action, Role.HANDLER, at=UNIT)
    await desk.must(number, Action.CALL_BACK, Role.CALLER)
    return number


async def late(city: LocalStack, desk: Desk) -> str:
    number = await dispatched(desk)
    client = await connect(city.settings)
    await TimeSkipper(client).fast_forward(client.get_workflow_handle(workflow_id(number)), timedelta(days=4))
    return number


async def act(desk: Desk, action: str, role: Role, *, at: str = "", **fields: object) -> httpx.Response:
    return await desk.insist("POST", f"{PATH}/{action}", role, at=at, body=fields)


async def read(desk: Desk, role: Role = Role.COORDINATOR, *, at: str = "", unit: str = "") -> Json:
    answer = await desk.insist("GET", f"{PATH}/units/{unit}" if unit else PATH, role, at=at)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def forward(city: LocalStack, days: int) -> None:
    arguments = ("forward", assessment_workflow_id(PERIOD), f"{days}d")
    done = await asyncio.to_thread(zaoying, *arguments, settings=city.settings.environment())
    assert done.returncode == 0, done.stderr


def line_of(view: Json, unit: str) -> Any:
    return next(line for line in parts(view, "units") if line["unit"] == unit)


@pytest.mark.rule("R62", "R65")
async def test_a_month_over_http_from_claims_to_an_audited_edition(city: LocalStack, desk: Desk) -> None:
    missed, *_ = await asyncio.gather(late(city, desk), solved(desk), solved(desk))
    refused = await act(desk, "start", Role.HANDLER, at=UNIT, request_id="s-0")
    assert refused.status_code == 403
    started = await act(desk, "start", Role.COORDINATOR, request_id="s-1")
    assert started.status_code == 201, started.text
    assert (await act(desk, "start", Role.COORDINATOR, request_id="s-2")).status_code == 200
    early = await act(desk, "publish", Role.COORDINATOR, request_id="p-0")
    assert (early.status_code, early.json()["rule"]) == (409, "R62")

    await forward(city, 40)
    view = await eventually(lambda: read(desk), lambda found: found["stage"] == "draft")
    assert view["status"] == "draft"
    own = await read(desk, Role.HEAD, at=UNIT, unit=UNIT)
    assert missed in {fact["claim"] for fact in parts(own, "facts")}
    other = await desk.insist("GET", f"{PATH}/units/{UNIT}", Role.HEAD, at=WATER)
    assert other.status_code == 404

    unknown = await act(
        desk, "object", Role.HEAD, at=UNIT, request_id="o-0", unit=UNIT, claim="QH1", reason="无"
    )
    assert unknown.status_code == 404
    late_word = await act(
        desk, "object", Role.HEAD, at=UNIT, request_id="o-1", unit=UNIT, claim=missed, reason="企业拒不配合"
    )
    assert (late_word.status_code, "截止" in late_word.json()["detail"]) == (409, True)
    published = await act(desk, "publish", Role.COORDINATOR, request_id="p-1")
    assert published.status_code == 200, published.text
    view = await eventually(lambda: read(desk), lambda found: found["status"] == "published")
    assert line_of(view, UNIT)["measures"]["contact"]["n"] == 2
    seen = line_of(await read(desk, Role.HANDLER, at=WATER), UNIT)
    assert (seen["measures"]["contact"]["n"], seen["measures"]["contact"]["claims"]) == (2, [])

    paper = await desk.upload({"claim": missed}, "证明.pdf", scan_of(b"proof"), Role.HEAD, at=UNIT)
    assert paper.status_code == 201, paper.text
    await excluded(desk, missed, str(paper.json()["id"]))
    corrected = await act(desk, "correct", Role.COORDINATOR, request_id="c-1", reason="剔除申请获准")
    assert corrected.status_code == 200, corrected.text
    view = await eventually(lambda: read(desk), lambda found: found["edition"] == 2)
    assert missed in str(view["differences"])
    first = (await desk.insist("GET", f"{PATH}?edition=1", Role.COORDINATOR)).json()
    assert (first["edition"], first["hash"] != view["hash"]) == (1, True)
    listed = (await desk.insist("GET", "/assessments", Role.COORDINATOR)).json()["assessments"]
    assert {one["period"]: one["status"] for one in listed}[PERIOD] == "published"

    for edition in ("1", "2"):
        arguments = ("audit", "assessment", PERIOD, "--edition", edition)
        audited = await asyncio.to_thread(zaoying, *arguments, settings=city.settings.environment())
        assert (audited.returncode, "逐项一致" in audited.stdout) == (0, True), audited.stdout
    await made_again_on_the_page(city)


async def made_again_on_the_page(city: LocalStack) -> None:
    """Check that the auditor's page shows the same as the command."""
    async with httpx.AsyncClient(base_url=city.api_url, trust_env=False, timeout=120) as browser:
        await browser.post("/app/login", data={"person": "auditor"})
        page = (await browser.get("/app/audits")).text
        asked = {"csrf": page.partition('name="csrf" value="')[2].partition('"')[0], "period": PERIOD}
        made = (await browser.post("/app/audits/assessments", data=asked)).text
    assert f"{PERIOD} 第2期" in made
    assert "重新形成，逐项一致" in made


async def excluded(desk: Desk, number: str, paper: str) -> None:
    """A unit applies, is refused, appeals, and another coordinator records the leadership group's decision."""
    path = f"/claims/{number}/exclusion"
    body = {"unit": UNIT, "reason": "uncooperative", "text": "企业拒不配合", "evidence": [paper]}
    applied = await desk.insist("POST", path, Role.HEAD, at=UNIT, body={"request_id": "x-1", **body})
    assert applied.status_code == 200, applied.text
    (application,) = applied.json()["applications"]
    said = {"application": application["application"], "approve": False, "text": "材料不足"}
    decided = await desk.insist(
        "POST", f"{path}/decide", Role.COORDINATOR, body={"request_id": "x-2", **said}
    )
    assert decided.json()["applications"][0]["status"] == "refused", decided.text
    appeal = {"request_id": "x-3", "application": application["application"], "text": "请领导小组研究"}
    appealed = await desk.insist("POST", f"{path}/appeal", Role.HEAD, at=UNIT, body=appeal)
    assert appealed.json()["applications"][0]["status"] == "appealed", appealed.text
    same = {**said, "request_id": "x-4", "approve": True}
    again = await desk.insist("POST", f"{path}/decide", Role.COORDINATOR, body=same)
    assert (again.status_code, again.json()["rule"]) == (409, "R65")
    token = issue_token(desk.key, roles=[Role.COORDINATOR], sub="another")
    last = await desk.http.post(
        f"{path}/decide", json={**same, "request_id": "x-5"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert last.json()["applications"][0]["status"] == "appeal-approved", last.text
    enterprise = issue_token(desk.key, roles=[Role.ENTERPRISE], name=ENTERPRISE.name)
    hidden = await desk.http.get(path, headers={"Authorization": f"Bearer {enterprise}"})
    assert hidden.status_code == 403
