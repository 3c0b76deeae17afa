"""Pages without a mouse."""

from collections.abc import Mapping

import pytest
from playwright.async_api import expect

from tests.support.web.browser_people import Windows, left_out_by_keyboard


async def test_pages_are_gone_through_by_the_keyboard_alone(windows: Windows) -> None:
    number = await windows.dispatched("只用键盘办理")
    pages = {
        "/app/desk": "operator",
        "/app/inbox": "power-head",
        f"/app/claims/{number}": "power-handler",
        "/app/board": "supervisor",
        "/report": "enterprise",
        "/track": "enterprise",
    }
    assert await left_out(windows, pages) == {}

    visitor = await windows.window("", "/report/phone")
    await visitor.locator("#enterprise").focus()
    for key in ("甲公司", "Tab", "123", "Enter"):
        await (visitor.keyboard.press(key) if key.isalpha() and key.isascii() else visitor.keyboard.type(key))
    await expect(visitor.get_by_role("alert")).to_contain_text("手机号码须是11位")


@pytest.mark.explore
async def test_every_other_page_is_gone_through_by_the_keyboard_alone(windows: Windows) -> None:
    number = await windows.dispatched("只用键盘办理其余页面")
    pages = {
        "/app/callbacks": "caller",
        f"/app/claims/{number}/exclusion?act=apply-exclusion": "power-head",
        "/app/arbitration": "arbiter",
        "/app/leaders": "coordinator",
        "/app/meetings": "coordinator",
        "/app/clues": "inspector",
        "/app/assessments": "coordinator",
        "/app/reinterviews": "caller",
        "/app/briefs": "coordinator",
        "/app/audits": "auditor",
        "/app/settings": "admin",
        "/app/city/standard-text": "admin",
    }
    assert await left_out(windows, pages) == {}


async def left_out(windows: Windows, pages: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the elements that cannot be reached, by page and user."""
    found: dict[str, list[str]] = {}
    for path, person in pages.items():
        page = await windows.window(person, path)
        if missing := await left_out_by_keyboard(page):
            found[path] = missing
        await page.close()
    return found
