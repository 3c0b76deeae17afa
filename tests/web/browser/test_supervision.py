"""Supervision and the leadership group in a real browser: a late unit from yellow to red, a published month."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from temporalio.testing import TimeSkipper

from activities.workflow_ids import assessment_workflow_id, workflow_id
from calendar_rules import local_day
from calendar_rules.loader import load_calendar
from claims.model.terms import Action, Role
from runtime.connection import connect
from runtime.local_stack import LocalStack
from service_layer.clock import now
from tests.support.api.city_desk import Desk, parts
from tests.support.claims.people import WATER
from tests.support.web.browser_people import Windows, act, fill

A_DAY = timedelta(days=1)
PERIOD = f"{load_calendar().nth_working_day_after(local_day(now()), 1):%Y-%m}"
"""The month in which today's claims' contact limit ends."""


async def move(site: LocalStack, workflow: str, by: timedelta) -> None:
    """Move a workflow's clock forward, and wait until everything due has happened."""
    client = await connect(site.settings)
    await TimeSkipper(client).fast_forward(client.get_workflow_handle(workflow), by)


async def until_lit(site: LocalStack, desk: Desk, number: str, colour: str) -> None:
    """Advance time without actions until the unit has a light of a colour; some more days over a holiday."""
    for _ in range(20):
        lights = parts(await desk.view(number), "lights")
        if any(light["colour"] == colour for light in lights):
            return
        await move(site, workflow_id(number), A_DAY)
    raise AssertionError(f"no {colour} light in twenty days")


async def shown(page: Page, text: str) -> None:
    """Wait until a page shows the text."""
    place = page.get_by_text(text).first
    for _ in range(40):
        if await place.is_visible():
            return
        await page.wait_for_timeout(500)
        await page.reload()
    await expect(place).to_be_visible()


@pytest.mark.rule("R31", "R32", "R37")
async def test_a_late_unit_goes_from_yellow_to_red_and_one_light_is_revoked(
    windows: Windows, site: LocalStack, desk: Desk
) -> None:
    number = await desk.registered(matter="供水管道改造无人联系")
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=WATER, basis="职责依据：供水管理")
    await until_lit(site, desk, number, "yellow")
    unit = await windows.window("water-handler", "/app/inbox")
    await shown(unit, number)
    await expect(unit.locator("[aria-current=true]", has_text="已超期未反馈")).to_be_visible()
    await unit.get_by_role("link", name=number).first.click()
    await expect(unit.locator(".light.yellow").first).to_be_visible()
    await expect(unit.get_by_text("督办函").first).to_be_visible()
    await windows.check(unit, "claim-yellow")

    await until_lit(site, desk, number, "red")
    await unit.reload()
    await expect(unit.locator(".light.red").first).to_be_visible()
    await act(unit, number, "contact", means="电话", person="王经理")
    await expect(unit.locator(".light.red").first).to_be_visible()

    board = await windows.window("supervisor", "/app/board")
    await shown(board, number)
    lights = await windows.window("supervisor", f"/app/units/{WATER}?act=revoke-light")
    await shown(lights, number)
    await lights.reload()
    await fill(lights, light=f"{number}/1/0/contact/yellow", reason="")
    await lights.evaluate("document.querySelector('#act form').noValidate = true")
    await lights.get_by_role("button", name="撤销亮牌").click()
    await expect(lights.locator("[name=light]")).to_have_value(f"{number}/1/0/contact/yellow")
    await fill(lights, reason="系统故障，短信未送达")
    await lights.get_by_role("button", name="撤销亮牌").click()
    await expect(lights.get_by_text("已办理：撤销亮牌")).to_be_visible()
    await unit.reload()
    await shown(unit, "已撤销")


@pytest.mark.rule("R62")
async def test_a_month_is_drafted_read_by_the_units_and_published(
    windows: Windows, site: LocalStack, desk: Desk
) -> None:
    number = await desk.registered(matter="水费账单看不懂")
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=WATER, basis="职责依据：供水管理")
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        await desk.must(number, action, Role.HANDLER, at=WATER)
    await desk.must(number, Action.CALL_BACK, Role.CALLER)
    group = await windows.window("coordinator", "/app/assessments")
    await group.get_by_text("启动一个周期").click()
    await fill(group, period=PERIOD)
    await group.get_by_role("button", name="启动", exact=True).click()
    await expect(group.get_by_role("heading", name=PERIOD)).to_be_visible()
    await move(site, assessment_workflow_id(PERIOD), timedelta(days=40))
    await shown(group, "草案")
    await windows.check(group, "assessment-draft")
    await expect(group.get_by_role("link", name="Word")).to_be_visible()

    unit = await windows.window("water-handler", f"/app/assessments/{PERIOD}")
    await expect(unit.get_by_role("heading", name=PERIOD)).to_be_visible()
    await expect(unit.get_by_role("link", name="Word")).to_have_count(0)
    await unit.goto(f"{windows.url}/app/assessments/{PERIOD}/{WATER}")
    await expect(unit.get_by_role("link", name=number).first).to_be_visible()

    await group.goto(f"{windows.url}/app/assessments/{PERIOD}?act=publish")
    await expect(group.get_by_text("公布后本期定稿")).to_be_visible()
    await group.locator("#act form button.main").click()
    await expect(group.get_by_text("已办理：公布")).to_be_visible()
    await shown(unit, "已公布")
    await unit.goto(f"{windows.url}/app/assessments/{PERIOD}")
    async with unit.expect_download() as saved:
        await unit.get_by_role("link", name="Word").click()
    assert (await saved.value).suggested_filename.endswith(".docx")
