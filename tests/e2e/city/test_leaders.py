"""What leaders use, over HTTP on the running system: clues, the joint meeting, briefs (R63, R64, R66)."""

import io
import re
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from docx import Document
from pydantic import JsonValue

from activities.workflow_ids import clue_workflow_id
from calendar_rules import local_day
from claims.model.terms import Action, Role
from runtime.connection import connect
from runtime.local_stack import LocalStack
from service_layer.clock import now
from tests.support.api.city_desk import Desk
from tests.support.claims.people import POWER, WATER

SECRET = "暗访发现窗口推诿，录音已固定"
OTHERS = [role for role in Role if role not in (Role.INSPECTOR, Role.CONSOLE, Role.ENTERPRISE, Role.CHANNEL)]


async def post(desk: Desk, path: str, role: Role, *, at: str = "", **fields: Any) -> httpx.Response:
    return await desk.insist("POST", path, role, at=at, body=fields)


@pytest.mark.rule("R64")
async def test_a_clue_is_recorded_transferred_and_closed_by_inspectors_alone(
    city: LocalStack, desk: Desk
) -> None:
    found: dict[str, Any] = {
        "found_at": datetime.now(UTC).isoformat(),
        "text": SECRET,
        "units": [POWER],
    }
    recorded = await post(desk, "/clues", Role.INSPECTOR, request_id="k-1", **found)
    assert recorded.status_code == 201, recorded.text
    clue = recorded.json()["clue"]["id"]
    path = f"/clues/{clue}"
    early = await post(desk, f"{path}/receipt", Role.INSPECTOR, request_id="k-2", paper="回执1", person="张")
    assert (early.status_code, early.json()["rule"]) == (409, "R64")
    sent = {"to": "市纪委监委", "paper": "枣督移〔2026〕1号", "text": "请核查"}
    assert (await post(desk, f"{path}/transfer", Role.INSPECTOR, request_id="k-3", **sent)).status_code == 200
    open_still = await post(desk, f"{path}/close", Role.INSPECTOR, request_id="k-4", text="已办")
    assert open_still.status_code == 409
    receipt = {"paper": "枣纪收〔2026〕1号", "person": "张某"}
    assert (
        await post(desk, f"{path}/receipt", Role.INSPECTOR, request_id="k-5", **receipt)
    ).status_code == 200

    for role in OTHERS:
        at = POWER if role in (Role.HANDLER, Role.HEAD) else ""
        for address in ("/clues", path):
            answer = await desk.insist("GET", address, role, at=at)
            assert answer.status_code == 404, (role, address)
            assert SECRET not in answer.text
        refused = await post(desk, "/clues", role, at=at, request_id="k-9")
        assert refused.status_code == 404, role
    document = (await desk.http.get("/openapi.json")).text
    assert "/clues" not in document
    assert (await desk.insist("GET", path, Role.INSPECTOR)).json()["clue"]["text"] == SECRET
    for log in (city.settings.home / "logs").glob("*.log"):
        assert SECRET not in log.read_text("utf-8")
    for database in city.settings.home.glob("*.db*"):
        assert SECRET.encode() not in database.read_bytes(), database
    assert await uses_of_keys(city, clue_workflow_id(clue)) == {"clue"}


async def uses_of_keys(city: LocalStack, workflow_id: str) -> set[str]:
    """Return the keys that encrypt a workflow's history; "none" for unencrypted payloads."""
    client = await connect(city.settings)
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    metadata = re.findall(r'"metadata": \{([^{}]*"encoding"[^{}]*)\}', history.to_json())
    ids = [re.search(r'"encryption-key-id": "([^"]+)"', one) for one in metadata]
    assert ids
    return {b64decode(id[1]).decode().partition("-")[0] if id else "none" for id in ids}


@pytest.mark.rule("R63")
async def test_a_meeting_has_an_agenda_minutes_and_items_that_are_followed(desk: Desk) -> None:
    number = await desk.dispatched()
    await desk.must(number, Action.SIGN_FOR, Role.HANDLER, at=POWER)
    reject = {"reason": "非本单位职责", "basis": "三定方案", "suggested_unit": WATER}
    await desk.must(number, Action.REJECT, Role.HEAD, at=POWER, signature=None, **reject)
    period = f"{local_day(now()):%Y-%m}"
    refused = await post(desk, "/meetings", Role.HANDLER, at=POWER, request_id="m-0", period=period)
    assert refused.status_code == 403
    convened = await post(desk, "/meetings", Role.COORDINATOR, request_id="m-1", period=period)
    assert convened.status_code == 201, convened.text
    meeting = convened.json()["meeting"]
    assert number in {item["claim"] for item in meeting["agenda"] if item["kind"] == "disputed"}
    path = f"/meetings/{meeting['id']}"
    decided: dict[str, JsonValue] = {
        "text": "明确供电验收牵头单位",
        "unit": POWER,
        "claim": number,
        "until": "2027-06-30",
    }
    minutes = {
        "held_at": datetime.now(UTC).isoformat(),
        "host": "王副市长",
        "summary": "会议研究了有关事项。",
    }
    held = await post(
        desk, f"{path}/record-minutes", Role.COORDINATOR, request_id="m-2", **minutes, decisions=[decided]
    )
    assert held.status_code == 200, held.text
    (item,) = held.json()["meeting"]["followed"]
    other = (await desk.insist("GET", path, Role.HEAD, at=WATER)).json()["meeting"]
    assert other["followed"] == []
    paper = await desk.insist("GET", f"{path}/paper?minutes=true", Role.COORDINATOR)
    cells = [c.text for t in Document(io.BytesIO(paper.content)).tables for r in t.rows for c in r.cells]
    assert "明确供电验收牵头单位" in cells
    done = await post(
        desk, f"{path}/finish-item", Role.COORDINATOR, request_id="m-3", item=item["id"], text="已明确"
    )
    assert done.json()["meeting"]["stage"] == "followed", done.text


@pytest.mark.rule("R66")
async def test_a_brief_counts_what_came_in_and_what_grows(desk: Desk) -> None:
    for _ in range(3):
        await desk.registered(category="suggestion")
    today = f"{local_day(now())}"
    brief = (await desk.insist("GET", f"/briefs/{today}", Role.COORDINATOR)).json()
    suggestions = next(one for one in brief["categories"] if one["id"] == "suggestion")
    assert (suggestions["n"] >= 3, suggestions["growing"]) == (True, True)
    week = (await desk.insist("GET", f"/briefs/{local_day(now()):%G-W%V}", Role.COORDINATOR)).json()
    assert week["received"] >= brief["received"]
    assert (await desk.insist("GET", f"/briefs/{today}", Role.HANDLER, at=POWER)).status_code == 403
    wrong = await desk.insist("GET", "/briefs/2026-13-01", Role.COORDINATOR)
    assert (wrong.status_code, wrong.json()["rule"]) == (422, "R66")
