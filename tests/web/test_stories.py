"""People's working days in a real browser: from the desk to closing, a return, an extension, a review, a phone."""

import re

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.support.api.upload_files import PDF
from tests.support.web.browser_people import Windows, act, fill, send

POWER = "ZZ-GD"
BASIS = "职责依据：供用电服务"
SCAN = FilePayload(name="盖章件.pdf", mimeType="application/pdf", buffer=PDF)


async def registered(windows: Windows, matter: str) -> str:
    """R10: the desk writes down a claim; its number."""
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
    """R14: and dispatches it to the power company."""
    number = await registered(windows, matter)
    desk = await windows.window("operator")
    await act(desk, number, "dispatch", unit=POWER, basis=BASIS)
    await expect(desk.get_by_text("已办理：派单")).to_be_visible()
    await desk.close()
    return number


async def fed_back(windows: Windows, number: str) -> None:
    """The unit signs for it, contacts the enterprise, replies and feeds back."""
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
    """R40: the hotline's call."""
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
    """The number in the page's heading."""
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
    number = await dispatched(windows, "厂区外管线漏水，两个部门互相推。")
    head = await windows.window("power-head")

    await act(head, number, "reject", reason="管线由供水企业维护", suggested_unit="ZZ-SWJ")
    await expect(head.get_by_role("alert")).to_contain_text("R15")
    await expect(head.locator("[name=reason]")).to_have_value("管线由供水企业维护")
    await fill(head, basis="市水务局权责清单第12项")
    await send(head)
    await expect(head.get_by_text("已办理：退单")).to_be_visible()

    board = await windows.window("supervisor", "/app/board")
    await windows.check(board, "board")
    await board.locator("tr", has_text=number).get_by_role("link", name="核定").click()
    await fill(board, decision="redispatch", unit="ZZ-SWJ", reason="理由成立")
    await send(board)
    await expect(board.get_by_text("第2次派单：市城乡水务局")).to_be_visible()


@pytest.mark.rule("R17")
async def test_an_extension_is_signed_by_the_head_and_approved(windows: Windows) -> None:
    number = await dispatched(windows, "扩容需要道路开挖，牵涉几个单位。")
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
    number = await dispatched(windows, "停产损失没有人答复。")
    await fed_back(windows, number)
    await called_back(windows, number, "dissatisfied", "false")
    unit = await windows.window("power-head")
    await act(unit, number, "feedback", outcome="service-confirmed", summary="已再次上门说明。")
    await called_back(windows, number, "very-dissatisfied", "false")

    await unit.goto(f"{windows.url}/app/claims/{number}?act=review-form")
    await fill(unit, first_result="已验收", second_result="已说明", reasons="损失未赔", basis="供电营业规则")
    await unit.locator("[name='file:seal']").set_input_files(SCAN)
    await send(unit)
    await expect(unit.get_by_text("已办理：报送审核反馈表")).to_be_visible()

    supervisor = await windows.window("supervisor")
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


@pytest.mark.rule("R39", "R46", "R47")
async def test_an_enterprise_acts_by_a_one_time_code_on_its_phone(windows: Windows) -> None:
    desk = await windows.window("operator", "/app/desk")
    await fill(desk, enterprise="滕州市恒德机械有限公司", contact="孙工", phone="13906320417")
    await fill(desk, category="help", matter="厂区门口路灯不亮")
    await desk.get_by_role("button", name="登记", exact=True).click()
    await expect(desk.get_by_text("已办理：登记诉求")).to_be_visible()
    number = await number_of(desk)

    phone = await windows.window("", "/track", phone=True, javascript=False)
    await fill(phone, number=number, digits="0417")
    await phone.get_by_role("button", name="查询").click()
    await phone.get_by_role("button", name="发送验证码").click()
    await expect(phone.get_by_text("验证码已发往登记的手机")).to_be_visible()
    await windows.check(phone, "track-code")
    await fill(phone, code="000000")
    await phone.get_by_role("button", name="继续").click()
    await expect(phone.get_by_role("alert")).to_contain_text("验证码不符或已失效")
    await fill(phone, code=await code_in_ledger(windows, number))
    await phone.get_by_role("button", name="继续").click()

    await phone.get_by_role("link", name="补充材料").click()
    await fill(phone, text="东门一侧三盏都不亮")
    await phone.locator("[name=file]").set_input_files(SCAN)
    await send(phone)
    await expect(phone.get_by_text("已办理：补充材料")).to_be_visible()
    await phone.get_by_role("link", name="撤回").click()
    await send(phone)
    await expect(phone.get_by_role("alert")).to_contain_text("没有填好")
    await windows.check(phone, "track-acts")
    assert not {"0417", "13906320417"} & set(re.findall(r"\d+", phone.url))

    await desk.goto(f"{windows.url}/app/claims/{number}")
    await expect(desk.get_by_text("恒德机械有限公司（短信验证码）").first).to_be_visible()
    await expect(desk.get_by_text("附件（1）")).to_be_visible()
    auditor = await windows.window("auditor", f"/app/audits/{number}?verify=true")
    await expect(auditor.get_by_text("核对无误")).to_be_visible()
    await phone.get_by_role("button", name="退出").click()
    await phone.goto(f"{windows.url}/track/{number}/acts")
    await expect(phone.get_by_role("alert")).to_contain_text("有效时间已过")


@pytest.mark.rule("R5", "R15", "R17")
async def test_a_head_signs_several_acts_at_once_and_each_has_its_answer(windows: Windows) -> None:
    numbers = [await dispatched(windows, f"送签第{n}件") for n in range(3)]
    handler = await windows.window("power-handler")
    for number in numbers:
        await handler.goto(f"{windows.url}/app/claims/{number}?act=request-extension")
        await fill(handler, kind="several-units", reason="需道路开挖许可", work_so_far="已勘察")
        await fill(handler, plan="分两次停电施工", explained__means="电话")
        await handler.get_by_role("button", name="送负责人签字").click()
        await expect(handler.get_by_text("已办理：送负责人签字")).to_be_visible()
    await act(handler, numbers[2], "contact", means="电话", summary="已联系")
    await act(handler, numbers[2], "reply", text="已解决")
    await act(handler, numbers[2], "feedback", outcome="resolved", summary="已办结")

    head = await windows.window("power-head", "/app/inbox?group=for-the-head")
    await windows.check(head, "inbox-drafts")
    for box in await head.locator("[name=draft]").all():
        await box.check()
    await head.get_by_role("button", name="签字并提交所选").click()
    await expect(head.get_by_role("status")).to_contain_text("共 3 件，其中 1 件没有办成")
    await windows.check(head, "signed")
    await expect(head.locator("section", has_text=numbers[2]).get_by_role("alert")).to_be_visible()

    await head.goto(f"{windows.url}/app/claims/{numbers[0]}")
    await expect(head.get_by_text("待审核").first).to_be_visible()
    await head.goto(f"{windows.url}/app/inbox?group=for-the-head")
    assert await head.locator("[name=draft]").count() == 1
    await head.get_by_role("button", name="退回修改").click()
    await expect(head.locator("[name=draft]")).to_have_count(0)


async def test_somebody_keeps_a_filter_and_finds_it_again(windows: Windows) -> None:
    number = await dispatched(windows, "保存筛选用的诉求")
    handler = await windows.window("power-handler", "/app/inbox?group=in-hand")
    await fill(handler, text="保存筛选用")
    await handler.get_by_role("button", name="筛选", exact=True).click()
    await expect(handler.locator("tbody tr")).to_have_count(1)
    await handler.locator("summary", has_text="我的筛选").click()
    await fill(handler, name="我要盯的")
    await handler.get_by_role("button", name="保存当前筛选").click()

    await handler.goto(f"{windows.url}/app/inbox")
    await handler.get_by_role("link", name="我要盯的").click()
    await expect(handler.locator("tbody tr")).to_contain_text(number)
    colleague = await windows.window("power-head", "/app/inbox")
    await expect(colleague.get_by_role("link", name="我要盯的")).to_have_count(0)
    await handler.get_by_role("button", name="删除").click()
    await expect(handler.get_by_role("link", name="我要盯的")).to_have_count(0)


@pytest.mark.rule("R63")
async def test_a_joint_meeting_is_convened_held_and_followed(windows: Windows) -> None:
    page = await windows.window("coordinator", "/app/meetings")
    await windows.check(page, "meetings")
    await fill(page, period="不是周期")
    await send(page)
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("[name=period]")).to_have_value("不是周期")
    await fill(page, period="2026-11")
    await send(page)
    await expect(page.get_by_text("已办理：召集联席会议")).to_be_visible()

    await page.get_by_role("link", name="登记会议纪要").click()
    await fill(page, held_at="2026-11-27T09:00", host="何平", attendants="何平\n李建国", summary="研究超期")
    await fill(page, decisions="2026-12-31 市供电公司 完成验收")
    await send(page)
    await expect(page.get_by_text("完成验收").first).to_be_visible()
    await windows.check(page, "meeting")
    await page.get_by_role("link", name="登记落实情况").click()
    await page.locator("[name=item]").select_option(index=1)
    await fill(page, text="已验收")
    await send(page)
    await expect(page.get_by_text("事项均已落实")).to_be_visible()


@pytest.mark.rule("R64")
async def test_a_clue_is_for_inspectors_alone(windows: Windows) -> None:
    page = await windows.window("inspector", "/app/clues")
    await windows.check(page, "clues")
    await fill(page, found_at="2026-11-26T15:00", place="某窗口", text="工作时间无人值守")
    await send(page)
    await expect(page.get_by_text("已办理：登记线索")).to_be_visible()
    await page.get_by_role("link", name="移送线索").click()
    await fill(page, to="市纪委监委", text="请予核查")
    await send(page)
    await expect(page.get_by_role("alert")).to_contain_text("没有填好")
    await expect(page.locator("[name=text]")).to_have_value("请予核查")
    await fill(page, paper="枣督〔2026〕1号")
    await send(page)
    await expect(page.get_by_text("枣督〔2026〕1号")).to_be_visible()
    await windows.check(page, "clue")

    for person in ("coordinator", "auditor", "admin", "power-head"):
        other = await windows.window(person, page.url.removeprefix(windows.url).partition("?")[0])
        await expect(other.get_by_text("没有这个地址")).to_be_visible()
        await other.close()


@pytest.mark.rule("R65")
async def test_a_unit_applies_for_an_exclusion_with_its_material(windows: Windows) -> None:
    number = await dispatched(windows, "因暴雪停工无法上门")
    head = await windows.window("power-head", f"/app/claims/{number}")
    await head.locator("#file").set_input_files(SCAN)
    await head.get_by_role("button", name="上传", exact=True).click()
    await head.goto(f"{windows.url}/app/claims/{number}/exclusion?act=apply-exclusion")
    await fill(head, reason="no-facts", text="暴雪红色预警期间停工")
    await windows.check(head, "exclusion")
    await send(head)
    await expect(head.get_by_role("alert")).to_be_visible()
    await expect(head.locator("[name=text]")).to_have_value("暴雪红色预警期间停工")


@pytest.mark.rule("R12", "R14")
async def test_two_people_change_a_standard_text_and_the_knowledge_base(windows: Windows) -> None:
    admin = await windows.window("admin", "/app/city/standard-text")
    await fill(admin, id="CY-001", action="reply", text="已约定上门时间。", effective_from="2026-11-27")
    await send_change(admin)
    await expect(admin.get_by_role("alert")).to_contain_text("修改的理由")
    await expect(admin.locator("[name=text]")).to_have_value("已约定上门时间。")
    await fill(admin, reason="一线常用")
    await send_change(admin)
    await expect(admin.get_by_text("须由另一人核准")).to_be_visible()
    await windows.check(admin, "city-data")

    number = await dispatched(windows, "常用语用的诉求")
    unit = await windows.window("power-handler", f"/app/claims/{number}?act=reply")
    assert await unit.locator("option", has_text="已约定上门时间").count() == 0
    coordinator = await windows.window("coordinator", "/app/city/standard-text")
    await coordinator.get_by_role("button", name="核准", exact=True).click()
    await expect(coordinator.get_by_text("已核定")).to_be_visible()
    await unit.reload()
    await expect(unit.locator("option", has_text="已约定上门时间")).to_have_count(1)

    await admin.goto(f"{windows.url}/app/city/knowledge?edit=KB-001")
    await fill(admin, unit="没有这个单位", reason="改由他人维护")
    await send_change(admin)
    await expect(admin.get_by_text("没有单位“没有这个单位”")).to_be_visible()


@pytest.mark.rule("R48", "R49", "R53")
async def test_the_desk_sees_duplicates_as_it_types_names_who_is_complained_of_and_splits(
    windows: Windows,
) -> None:
    first = await registered(windows, "热力管道挖沟堵住厂门，货车进不来")
    desk = await windows.window("operator", "/app/desk")
    await desk.locator("[name=enterprise]").press_sequentially("山东拓岳精密铸造有限公司")
    await desk.locator("[name=matter]").press_sequentially("热力管道挖沟堵住厂门")
    await expect(desk.locator("#alike")).to_contain_text(first)

    await fill(desk, contact="王经理", phone="0632-5550004", category="complaint", complained_of="ZZ-SWJ")
    await desk.get_by_role("button", name="登记", exact=True).click()
    await expect(desk.get_by_text("被投诉单位：")).to_contain_text("水务局")
    number = await number_of(desk)
    await desk.goto(f"{windows.url}/app/claims/{number}?act=split")
    matters = desk.locator("[name=matters]")
    await matters.nth(0).fill("挖沟堵门")
    await matters.nth(1).fill("水费收据开错")
    await send(desk)
    await expect(desk.get_by_text("另行登记：")).to_be_visible()


async def send_change(page: Page) -> None:
    await page.get_by_role("button", name="提出修改").click()
    await page.wait_for_load_state()


async def code_in_ledger(windows: Windows, number: str) -> str:
    """Only the embedded default shows it."""
    ledger = await windows.window("admin", "/app/notices")
    row = await ledger.locator("tr", has_text=number).filter(has_text="办理验证码").first.inner_text()
    found = re.search(r"办理验证码 (\d{6})", row)
    assert found
    await ledger.close()
    return found[1]


async def test_every_other_page_can_be_used_by_everybody(windows: Windows) -> None:
    pages = {
        "/app/claims": "supervisor",
        "/app/arbitration": "arbiter",
        "/app/leaders": "coordinator",
        f"/app/units/{POWER}?act=revoke-light": "supervisor",
        "/app/assessments": "coordinator",
        "/app/audits": "auditor",
        "/app/settings": "admin",
        "/app/notices": "admin",
        "/app/nowhere": "operator",
    }
    for path, person in pages.items():
        page = await windows.window(person, path)
        await windows.check(page, path)
        await page.close()
    login = await windows.window("", "/app/login")
    await windows.check(login, "login")
