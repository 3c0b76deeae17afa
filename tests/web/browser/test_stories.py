"""Working days in a real browser: from the desk to closing, a return, an extension, a review, a phone."""

import re

import pytest
from playwright.async_api import FilePayload, Page, expect

from claims.model.terms import Action, Role
from tests.support.api.upload_files import PDF
from tests.support.claims.people import POWER
from tests.support.web.browser_people import Windows, act, fill, send

BASIS = "职责依据：供用电服务"
SCAN = FilePayload(name="盖章件.pdf", mimeType="application/pdf", buffer=PDF)


async def registered(windows: Windows, matter: str) -> str:
    """R10: register a claim at the desk; return its number."""
    desk = await windows.window("operator", "/app/desk")
    await windows.check(desk, "desk")
    await fill(
        desk,
        enterprise="山东拓岳精密铸造有限公司",
        contact="王经理",
        phone="0632-5550004",
        district="QX-370481",
        category="help",
        matter=matter,
    )
    await desk.get_by_role("button", name="登记", exact=True).click()
    await expect(desk.get_by_text("已办理：登记诉求")).to_be_visible()
    number = await number_of(desk)
    await desk.close()
    return number


async def dispatched(windows: Windows, matter: str) -> str:
    """R14: register a claim and dispatch it to the power company."""
    number = await registered(windows, matter)
    desk = await windows.window("operator")
    await act(desk, number, "dispatch", unit=POWER, basis=BASIS)
    await expect(desk.get_by_text("已办理：派单")).to_be_visible()
    await desk.close()
    return number


async def fed_back(windows: Windows, number: str) -> None:
    """The unit signs, contacts the enterprise, replies and feeds back."""
    unit = await windows.window("power-handler", "/app/inbox?group=to-sign-for")
    await windows.check(unit, "inbox")
    row = unit.locator("tr", has_text=number)
    await row.get_by_role("button", name="签收").click()
    await expect(unit.get_by_text("已办理：签收")).to_be_visible()
    await windows.check(unit, "claim")
    await act(unit, number, "contact", means="电话", summary="企业要求尽快验收")
    await act(unit, number, "reply", text="当天未能解决，解决方案：三日内组织验收。")
    await act(unit, number, "feedback", outcome="resolved", summary="已验收并送电。")
    await expect(unit.get_by_text("已办理：反馈办理结果")).to_be_visible()
    await unit.close()


async def called_back(windows: Windows, number: str, grade: str, resolved: str) -> None:
    """R40: the hotline calls back."""
    caller = await windows.window("caller", "/app/callbacks")
    await windows.check(caller, "callbacks")
    await caller.locator("tr", has_text=number).get_by_role("link", name="回访").click()
    await fill(
        caller, reached="true", grade=grade, resolved=resolved, contacted="true", remark="还差一次说明"
    )
    if resolved == "false":
        await fill(caller, reason="result")
    await send(caller)
    await expect(caller.get_by_text("已办理：登记回访")).to_be_visible()
    await caller.close()


async def number_of(page: Page) -> str:
    """Return the number in the page's heading."""
    found = re.search(r"QH\d+", await page.locator("h1").inner_text())
    assert found
    return found[0]


@pytest.mark.rule("R14", "R20", "R40", "R42")
async def test_a_claim_goes_from_the_desk_to_its_closing(windows: Windows) -> None:
    number = await dispatched(windows, "变压器安装一个多月，验收一直排不上。")

    await fed_back(windows, number)
    await called_back(windows, number, "satisfied", "true")

    auditor = await windows.window("auditor", f"/app/audits/{number}?verify=true")
    await expect(auditor.get_by_text("核对无误")).to_be_visible()
    await expect(auditor.get_by_text("的状态：已办结")).to_be_visible()
    await windows.check(auditor, "audit")


@pytest.mark.rule("R15")
async def test_a_return_is_refused_without_its_basis_and_decided_when_complete(windows: Windows) -> None:
    number = await windows.dispatched("厂区外管线漏水，两个部门互相推。")
    head = await windows.window("power-head")

    await act(head, number, "reject", reason="管线由供水企业维护", suggested_unit="ZZ-SWJ")
    await expect(head.get_by_role("alert")).to_contain_text("R15")
    await expect(head.locator("[name=reason]")).to_have_value("管线由供水企业维护")
    await fill(head, basis="市水务局权责清单第12项")
    await send(head)
    await expect(head.get_by_text("已办理：退单")).to_be_visible()

    board = await windows.window("supervisor", "/app/board")
    await windows.check(board, "board")
    await expect(board.locator("section:has(#at-risk) tbody tr").first).to_be_visible()
    await board.locator("tr", has_text=number).get_by_role("link", name="核定").click()
    await fill(board, decision="redispatch", unit="ZZ-SWJ", reason="理由成立")
    await send(board)
    await expect(board.get_by_text("第2次派单：市城乡水务局")).to_be_visible()


@pytest.mark.rule("R17")
async def test_an_extension_is_signed_by_the_head_and_approved(windows: Windows) -> None:
    number = await windows.dispatched("扩容需要道路开挖，牵涉几个单位。")
    head = await windows.window("power-head")

    await act(
        head,
        number,
        "request-extension",
        kind="several-units",
        reason="需道路开挖许可",
        work_so_far="已勘察",
        plan="分两次停电施工",
        explained__means="电话",
    )
    await expect(head.get_by_text("已办理：申请延期")).to_be_visible()
    supervisor = await windows.window("supervisor")
    await act(supervisor, number, "decide-extension", approve="true", reason="同意")
    await expect(supervisor.get_by_text("25个工作日").first).to_be_visible()


@pytest.mark.rule("R43", "R44")
async def test_a_second_dissatisfaction_ends_with_a_sealed_form_that_is_verified(windows: Windows) -> None:
    number = await windows.dispatched("停产损失没有人答复。")
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        await windows.desk.must(number, action, Role.HANDLER, at=POWER)
    await called_back(windows, number, "dissatisfied", "false")
    unit = await windows.window("power-head")
    await act(unit, number, "feedback", outcome="service-confirmed", summary="已再次上门说明。")
    await called_back(windows, number, "very-dissatisfied", "false")

    await unit.goto(f"{windows.url}/app/claims/{number}?act=review-form")
    await fill(unit, first_result="已验收", second_result="已说明", reasons="损失未赔", basis="供电营业规则")
    await unit.locator("[name='file:seal']").set_input_files(SCAN)
    await send(unit)
    await expect(unit.get_by_text("已办理：报送审核反馈表")).to_be_visible()

    supervisor = await windows.window("supervisor", f"/app/claims/{number}")
    seal = await supervisor.locator("section[aria-labelledby=h-after] a", has_text="盖章件").get_attribute(
        "href"
    )
    assert (await supervisor.request.get(f"{windows.url}{seal}")).headers["content-type"] == SCAN["mimeType"]
    await act(supervisor, number, "verify", compliant="true", opinion="办理符合规定")
    await expect(supervisor.locator("h1")).to_contain_text("已办结")


@pytest.mark.rule("R10", "R39", "R46")
async def test_an_enterprise_reports_on_its_phone_supplements_and_follows_its_claim(windows: Windows) -> None:
    phone = await windows.window("enterprise", "/report", phone=True)
    await windows.check(phone, "report")
    await fill(phone, category="help", matter="厂门口道路积水", contact="王经理", phone="0632-5550004")
    await phone.locator("[name=file]").set_input_files(SCAN)
    await phone.get_by_role("button", name="提交诉求").click()
    await windows.check(phone, "reported")
    number = re.search(r"QH\d+", await phone.get_by_role("status").inner_text())
    assert number

    await act(phone, number[0], "supplement", text="雨后水深三十厘米")
    await expect(phone.get_by_text("已办理：补充材料")).to_be_visible()
    await expect(phone.get_by_text("附件（1）")).to_be_visible()

    visitor = await windows.window("", "/track", phone=True)
    await windows.check(visitor, "track")
    await fill(visitor, number=number[0], digits="0004")
    await visitor.get_by_role("button", name="查询").click()
    await expect(visitor.get_by_role("heading", name="待处置")).to_be_visible()
    assert "0004" not in visitor.url
    await windows.check(visitor, "tracked")


async def test_every_other_page_can_be_used_by_everybody(windows: Windows) -> None:
    pages = {
        "/app/claims": "supervisor",
        "/app/arbitration": "arbiter",
        "/app/leaders": "coordinator",
        f"/app/units/{POWER}?act=revoke-light": "supervisor",
        "/app/assessments": "coordinator",
        "/app/reinterviews": "caller",
        "/app/briefs": "coordinator",
        "/app/audits": "auditor",
        "/app/settings": "admin",
        "/app/notices": "admin",
        "/app/city/units?edit=ZZ-SWJ": "admin",
        "/app/nowhere": "operator",
    }
    for path, person in pages.items():
        page = await windows.window(person, path)
        await windows.check(page, path)
        await page.close()
    login = await windows.window("", "/app/login")
    await windows.check(login, "login")
