"""A unit's lights, interview and revocation, over HTTP on the running system, and `zaoying forward` on it."""

import asyncio
import subprocess
from datetime import datetime, timedelta

import pytest
from temporalio.testing import TimeSkipper

from activities.workflow_ids import UNIT as UNIT_KEY
from activities.workflow_ids import unit_workflow_id, workflow_id
from claims.model.terms import Action, Role
from demo.scan import scan_of
from runtime.connection import connect
from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk, Json, limits, parts
from tests.support.dates import printed
from tests.support.polling import eventually, until
from tests.support.processes.command import zaoying

UNIT, IDLE = "ZZ-KJJ", "ZZ-JYJ"
"""Used by no other module."""


async def late(city: LocalStack, desk: Desk) -> str:
    """Return a claim for which the unit has missed the contact limit, and then made contact."""
    number = await desk.registered()
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=UNIT, basis="职责")
    client = await connect(city.settings)
    handle = client.get_workflow_handle(workflow_id(number))
    await TimeSkipper(client).fast_forward(handle, timedelta(days=4))
    return number


@pytest.mark.rule("R34", "R35", "R37")
async def test_two_late_claims_bring_an_interview_that_people_record(city: LocalStack, desk: Desk) -> None:
    numbers = [await late(city, desk) for _ in range(2)]

    async def unit() -> Json:
        found: Json = (await desk.ask("GET", f"/units/{UNIT}", Role.INSPECTOR)).json()
        return found

    async def has_measures() -> bool:
        return bool((await unit())["measures"])

    await until(has_measures)
    client = await connect(city.settings)
    found = await client.get_workflow_handle(unit_workflow_id(UNIT)).describe()
    assert found.typed_search_attributes.get(UNIT_KEY) == str((await unit())["short"])
    view = await unit()
    interview = next(m for m in parts(view, "measures") if m["kind"] == "interview")
    assert (interview["status"], interview["rule"]) == ("open", "R35")
    fields = {"measure": interview["id"], "person": "王局长", "record": "已约谈"}

    async def record(role: Role, **more: object) -> Json:
        body = {"request_id": "i-1", **fields, **more}
        answer = await desk.insist("POST", f"/units/{UNIT}/record-interview", role, body=body)
        return {"status": answer.status_code, **answer.json()}

    early = await desk.upload(
        {"measure": str(interview["id"])}, "a.pdf", scan_of(b"early"), Role.HEAD, at=UNIT
    )
    assert (early.status_code, early.json()["rule"]) == (409, "R35")
    assert (await record(Role.HANDLER))["status"] == 403
    done = await record(Role.INSPECTOR, measures=[{"text": "每日调度", "until": "2026-12-31"}])
    assert next(m for m in parts(done, "measures") if m["id"] == interview["id"])["status"] == "done"
    assert (await record(Role.INSPECTOR, request_id="i-2"))["rule"] == "R35"
    measure = str(interview["id"])
    signed = await desk.upload(
        {"measure": measure}, "约谈记录（签字）.pdf", scan_of(b"signed"), Role.HEAD, at=UNIT
    )
    assert signed.status_code == 201, signed.text
    papers = (await desk.ask("GET", f"/units/{UNIT}/attachments", Role.INSPECTOR)).json()
    scans = [one for one in parts(papers, "attachments") if one["kind"] is None]
    assert [(one["id"], one["measure"]) for one in scans] == [(signed.json()["id"], measure)]
    light = next(found for found in parts(view, "lights") if found["number"] == numbers[0])
    body = {"request_id": "v-1", "light": light["id"], "reason": "平台责任"}
    revoked = await desk.insist("POST", f"/units/{UNIT}/revoke-light", Role.SUPERVISOR, body=body)
    assert revoked.status_code == 200, revoked.text
    after = revoked.json()
    assert next(found for found in parts(after, "lights") if found["id"] == light["id"])["revoked"] is True
    assert after["counts"]["yellow"] == sum(
        found["colour"] == "yellow" and not found["revoked"] for found in parts(after, "lights")
    )

    async def claim_shows_it() -> bool:
        lights = parts(await desk.view(numbers[0]), "lights")
        return any(found["id"] == light["id"] and found["revoked"] for found in lights)

    await until(claim_shows_it)


@pytest.mark.rule("R37")
async def test_what_a_unit_does_not_have_cannot_be_recorded(desk: Desk) -> None:
    body = {"request_id": "x", "light": "QH1/1/0/contact/yellow", "reason": "系统故障"}
    for unit, status in (("ZZ-TJJ", 409), ("NOWHERE", 404)):
        answer = await desk.insist("POST", f"/units/{unit}/revoke-light", Role.SUPERVISOR, body=body)
        assert (answer.status_code, bool(answer.json()["rule"])) == (status, True)


@pytest.mark.rule("R37")
async def test_a_light_that_is_revoked_after_closing_is_shown_and_kept_everywhere(
    city: LocalStack, desk: Desk
) -> None:
    number = await late(city, desk)
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        await desk.must(number, action, Role.HANDLER, at=UNIT)
    await desk.must(number, Action.CALL_BACK, Role.CALLER, reached=True, grade="satisfied")
    view = await desk.view(number)
    assert view["stage"] == "closed"
    (yellow,) = [
        light
        for light in parts(view, "lights")
        if light["colour"] == "yellow" and light["limit"] == "contact"
    ]
    body = {"request_id": "after-closing", "light": yellow["id"], "reason": "系统故障"}
    revoked = await desk.insist("POST", f"/units/{UNIT}/revoke-light", Role.SUPERVISOR, body=body)
    assert revoked.status_code == 200, revoked.text

    async def journal() -> list[Json]:
        answer = await desk.ask("GET", f"/claims/{number}/journal", Role.AUDITOR)
        return [line for line in parts(answer.json(), "entries") if line["kind"] == "light-revoked"]

    (line,) = await eventually(journal, bool)
    assert (line["rules"], "系统故障" in str(line["text"])) == (["R37"], True)
    shown = await desk.view(number)
    assert {light["id"]: light["revoked"] for light in parts(shown, "lights")}[yellow["id"]] is True
    audited = (await desk.insist("GET", f"/audit/claims/{number}", Role.AUDITOR)).json()
    assert {light["id"]: light["revoked"] for light in audited["claim"]["lights"]}[yellow["id"]] is True
    timeline = await desk.insist("GET", f"/audit/claims/{number}/timeline", Role.AUDITOR)
    assert parts(timeline.json(), "lines")[-1]["kind"] == "light-revoked"
    # The unit's run with that information has closed, so that the archive takes it.
    client = await connect(city.settings)
    query = f'WorkflowId = "{unit_workflow_id(UNIT)}" AND ExecutionStatus = "ContinuedAsNew"'

    async def has_begun_anew() -> bool:
        return (await client.count_workflows(query)).count > 0

    await until(has_begun_anew)


@pytest.mark.rule("R31", "R32")
async def test_forward_moves_one_claims_clock_and_all_that_is_due_has_happened(
    city: LocalStack, desk: Desk
) -> None:
    number, other = await desk.dispatched(), await desk.dispatched()
    before = limits(await desk.view(number))
    # Two working days, regardless of weekends and holidays.
    done = await forward(city, number, "14d")
    assert (done.returncode, done.stdout.startswith(f"{number} 现为 ")) == (0, True), done.stderr
    view = await desk.view(number)
    told = printed(done.stdout.removeprefix(f"{number} 现为 ").strip())
    assert abs(datetime.fromisoformat(str(view["now"])) - told) < timedelta(minutes=2)
    lights = {(light["limit"], light["colour"]): light["at"] for light in parts(view, "lights")}
    assert lights["contact", "yellow"] == before["contact"][0]
    supervised = [part["due_at"] for part in parts(view, "limits") if part["of"] == "contact"]
    assert [lights["contact", "red"]] == supervised
    assert (await desk.view(other))["lights"] == []
    assert (await forward(city, "QH200001010001", "1d")).returncode == 1
    assert (await forward(city, number, "tomorrow")).returncode == 2


@pytest.mark.rule("R35")
async def test_forward_moves_a_units_clock_too_so_that_an_interview_can_be_missed(
    city: LocalStack, desk: Desk
) -> None:
    for _ in range(2):  # two contacts missed: an interview of the unit
        number = await desk.registered()
        await desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=IDLE, basis="职责")
        assert (await forward(city, number, "14d")).returncode == 0

    async def interviews() -> list[Json]:
        view = (await desk.insist("GET", f"/units/{IDLE}", Role.INSPECTOR)).json()
        return [one for one in parts(view, "measures") if one["kind"] == "interview"]

    await eventually(interviews, bool)
    done = await forward(city, IDLE, "40d")
    assert (done.returncode, done.stdout.startswith(f"{IDLE} 现为 ")) == (0, True), done.stderr
    assert [one["missed"] for one in await interviews()] == [True]
    nobody = await forward(city, "ZZ-TJJ", "1d")
    assert (nobody.returncode, "没有编号为ZZ-TJJ的单位" in nobody.stderr) == (1, True)


async def forward(city: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `zaoying forward …` on the city."""
    return await asyncio.to_thread(zaoying, "forward", *arguments, settings=city.settings.environment())
