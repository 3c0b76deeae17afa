"""Problems at a desk: two tabs, two clicks, an expired session, no JavaScript, script in every field."""

from contextlib import suppress

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, expect

from tests.support.claims.people import POWER
from tests.support.web.browser_people import Windows, act, fill, send
from tests.web.browser.test_desks import code_in_ledger
from tests.web.browser.test_stories import BASIS, SCAN

SCRIPT = "<script>document.title='run'</script><img src=x onerror=alert(1)>"


async def test_the_second_of_two_tabs_is_told_why_and_keeps_what_was_typed(windows: Windows) -> None:
    number = await windows.registered("两个窗口同时打开")
    first = await windows.window("operator", f"/app/claims/{number}?act=dispatch")
    second = await windows.window("operator", f"/app/claims/{number}?act=decline")
    await fill(first, unit=POWER, basis=BASIS)
    await send(first)
    await fill(second, reason="litigation", door="court", remark="已在法院立案")
    await send(second)

    await expect(second.get_by_role("alert")).to_contain_text("不能不予受理")
    await expect(second.locator("[name=remark]")).to_have_value("已在法院立案")


async def test_two_clicks_and_a_form_that_is_gone_back_to_are_one_act(windows: Windows) -> None:
    number = await windows.dispatched("连点两下")
    unit = await windows.window("power-handler", f"/app/claims/{number}?act=progress")
    await fill(unit, summary="只记一次")
    await unit.locator("#act form button.main").dblclick()
    await expect(unit.get_by_text("已办理：登记进展")).to_be_visible()
    await unit.go_back()
    await send(unit)
    await expect(unit.get_by_text("已办理：登记进展")).to_be_visible()
    await unit.reload()

    assert await unit.locator(".journal p", has_text="只记一次").count() == 1


async def test_a_session_that_ends_in_a_form_loses_nothing(windows: Windows) -> None:
    number = await windows.dispatched("登录失效")
    context = (await windows.window("power-head", f"/app/claims/{number}")).context
    page = await context.new_page()
    await page.goto(f"{windows.url}/app/claims/{number}?act=reply")
    await fill(page, text="写了很久的答复内容")
    await context.clear_cookies()
    await send(page)
    await expect(page.get_by_role("heading", name="登录已失效，尚未提交")).to_be_visible()
    await windows.check(page, "session-ended")

    async with context.expect_page() as opened:
        await page.get_by_role("link", name="在新窗口登录").click()
    login = await opened.value
    await login.locator("button[value=power-head]").click()
    await expect(login.get_by_role("heading", name="已登录")).to_be_visible()
    await page.get_by_role("button", name="我已登录，继续").click()
    await expect(page.locator("textarea[name=text]")).to_have_value("写了很久的答复内容")
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_text("已办理：答复企业")).to_be_visible()


async def test_everything_works_without_javascript(windows: Windows) -> None:
    number = await windows.dispatched("没有脚本")
    unit = await windows.window("power-handler", "/app/inbox?group=to-sign-for", javascript=False)
    await unit.locator("tr", has_text=number).get_by_role("button", name="签收").click()
    await act(unit, number, "contact", means="上门", person="王经理")

    await expect(unit.get_by_text("已办理：登记核实联系")).to_be_visible()


@pytest.mark.parametrize("path", ["/app/claims", "/app/desk"])
async def test_script_in_a_field_is_text_on_every_page(windows: Windows, path: str) -> None:
    await windows.registered(SCRIPT)
    page = await windows.window("operator", path)

    await expect(page.get_by_text("document.title='run'").first).to_be_visible()
    assert await page.title() != "run"


async def test_a_file_of_the_wrong_kind_is_refused_in_chinese(windows: Windows) -> None:
    number = await windows.dispatched("传错了文件")
    unit = await windows.window("power-handler", f"/app/claims/{number}")
    program = {"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ" + b"\0" * 200}
    await unit.locator("#file").set_input_files(program)  # type: ignore[arg-type]
    await unit.get_by_role("button", name="上传", exact=True).click()

    await expect(unit.get_by_role("alert")).to_contain_text("文件不是 PDF、PNG、JPEG 或 Word")
    await unit.go_back()
    await unit.evaluate("document.body.dataset.mostBytes = '100'")
    await unit.locator("#file").set_input_files(SCAN)
    assert "MB，请压缩或分几次上传" in await unit.locator("#file").evaluate("e => e.validationMessage")


@pytest.mark.rule("R10", "R11", "R12")
async def test_an_enterprise_without_an_account_reports_by_a_code_and_loses_nothing_on_a_broken_line(
    windows: Windows,
) -> None:
    phone = await windows.window("", "/report", phone=True)
    await windows.check(phone, "report-phone")
    await fill(phone, enterprise="枣庄签约新材料有限公司", phone="0632-5550004")
    await phone.get_by_role("button", name="获取验证码").click()
    await expect(phone.get_by_role("alert")).to_contain_text("手机号码须是11位")
    await fill(phone, phone="13800001234")
    await phone.get_by_role("button", name="获取验证码").click()
    await windows.check(phone, "report-code")
    await fill(phone, code="000000")
    await phone.get_by_role("button", name="继续").click()
    await expect(phone.get_by_role("alert")).to_contain_text("验证码不符")
    await fill(phone, code=await code_in_ledger(windows, ""))
    await phone.get_by_role("button", name="继续").click()

    await phone.get_by_text("各类包括什么、举例").click()
    await expect(phone.get_by_text("例如：政策和办事咨询")).to_be_visible()
    await fill(phone, category="help", matter="厂房尚未交付", contact="赵经理", phone="13800001234")
    await phone.context.set_offline(True)
    with suppress(PlaywrightError):  # Chromium's error page
        await phone.get_by_role("button", name="提交诉求").click()
    await phone.context.set_offline(False)
    await phone.goto(f"{windows.url}/report")
    await expect(phone.locator("[name=matter]")).to_have_value("厂房尚未交付")
    await phone.get_by_role("button", name="提交诉求").click()
    await expect(phone.get_by_role("heading", name="已登记")).to_be_visible()
    await phone.goto(f"{windows.url}/app/claims")
    await expect(phone.locator("tbody tr")).to_have_count(1)
    await phone.goto(f"{windows.url}/report")
    await expect(phone.locator("[name=matter]")).to_have_value("")
    await phone.context.clear_cookies()


async def test_an_act_that_is_not_done_yet_is_waited_for_on_every_page(windows: Windows) -> None:
    number = await windows.dispatched("办理结果稍后才知道")
    unit = await windows.window("power-handler", f"/app/claims/{number}?act=progress")
    request_id = await unit.locator("#act [name=request_id]").input_value()
    await fill(unit, summary="已到现场")
    await send(unit)
    await unit.goto(f"{windows.url}/app/claims/{number}/pending?act=progress&request={request_id}")
    await expect(unit.get_by_text("已办理：登记进展")).to_be_visible()

    await fill_and_lose(unit, number)
    await expect(unit.get_by_role("alert")).to_contain_text("没有收到这次提交，没有办理")
    await windows.check(unit, "pending-never-arrived")
    await unit.get_by_role("link", name="返回原表单").click()
    await expect(unit.locator("[name=summary]")).to_have_value("这次没有送到")
    await send(unit)
    await expect(unit.get_by_text("已办理：登记进展")).to_be_visible()

    inspector = await windows.window("inspector", "/app/clues")
    request_id = await inspector.locator("#act [name=request_id]").input_value()
    await fill(inspector, found_at="2026-11-26T15:00", place="某窗口", text="等候办理结果的线索")
    await send(inspector)
    await expect(inspector.get_by_text("已办理：登记线索")).to_be_visible()
    clue = inspector.url.partition("?")[0]
    await inspector.goto(f"{clue}/pending?act=record&request={request_id}")
    await expect(inspector.get_by_text("已办理：登记线索")).to_be_visible()

    coordinator = await windows.window("coordinator")
    places = (f"claims/{number}/exclusion", f"units/{POWER}", "assessments/2026-10", "meetings/m-1")
    for place in places:
        await coordinator.goto(f"{windows.url}/app/{place}/pending?act=x&request=still-on-its-way")
        await expect(coordinator.get_by_text("正在等待办理结果。")).to_be_visible()
        async with coordinator.expect_request(lambda sent: "hx-request" in sent.headers):
            pass
        await windows.check(coordinator, "pending")


async def fill_and_lose(page: Page, number: str) -> None:
    """Submit a form that seems sent and never arrives."""
    place = page.url.partition("/app/")[0]
    await page.goto(f"{place}/app/claims/{number}?act=progress")
    request_id = await page.locator("#act [name=request_id]").input_value()
    await fill(page, summary="这次没有送到")
    to = f"/app/claims/{number}/pending?act=progress&request={request_id}"
    await page.route("**/progress*", lambda route: route.fulfill(status=303, headers={"location": to}))
    await send(page)
    await page.unroute("**/progress*")


async def test_what_somebody_has_typed_is_not_there_for_the_next_person_at_this_browser(
    windows: Windows,
) -> None:
    page = await windows.window("enterprise", "/report", phone=True)
    await fill(page, matter="只给自己看的诉求", contact="钱某")
    await page.context.clear_cookies()
    await page.goto(f"{windows.url}/report")
    await fill(page, enterprise="枣庄另一家有限公司", phone="13800005678")
    await page.get_by_role("button", name="获取验证码").click()
    await fill(page, code=await code_in_ledger(windows, ""))
    await page.get_by_role("button", name="继续").click()
    await expect(page.locator("[name=matter]")).to_have_value("")

    await fill(page, matter="另一家的诉求")
    await page.get_by_role("button", name="退出").click()
    await expect(page.get_by_role("heading", name="登录")).to_be_visible()
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
    assert await page.evaluate(kept) == 0
    login = f"{windows.url}/app/login"  # the way other tests find this window
    await page.context.request.post(login, form={"person": "enterprise"}, max_redirects=0)


async def test_reloading_by_the_address_of_a_refused_form_leads_back_to_the_form(windows: Windows) -> None:
    number = await windows.registered("没有填全就提交了")
    desk = await windows.window("operator", f"/app/claims/{number}?act=decline")
    await send(desk)
    await expect(desk.get_by_role("alert")).to_be_visible()
    await desk.goto(desk.url.partition("#")[0])

    await expect(desk).to_have_url(f"{windows.url}/app/claims/{number}?act=decline#act")
    await expect(desk.locator("[name=remark]")).to_be_visible()
