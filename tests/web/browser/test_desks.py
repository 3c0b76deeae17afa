"""More working days: codes by phone, several signatures, filters, cases, and changes by two people."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.polling import until
from tests.support.web.browser_people import Windows, act, fill, send
from tests.web.browser.test_stories import SCAN, number_of


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
    with_scripts = await windows.window("", f"/track/{number}/code", phone=True)
    await windows.check(with_scripts, "track-code")
    (held,) = await phone.context.cookies(f"{windows.url}/track")
    await with_scripts.context.add_cookies(
        [{"name": held["name"], "value": held["value"], "url": f"{windows.url}/track/"}]
    )
    await with_scripts.goto(f"{windows.url}/track/{number}/acts?act=supplement")
    await expect(with_scripts.locator("[name=file]")).to_be_visible()
    await windows.check(with_scripts, "track-acts")
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
    numbers = [await windows.dispatched(f"送签第{n}件") for n in range(3)]
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
    other = await windows.window("power-head", "/app/inbox?group=for-the-head")
    await other.get_by_role("button", name="退回修改").click()
    await expect(other.locator("[name=draft]")).to_have_count(0)
    await head.locator("[name=draft]").check()
    await head.get_by_role("button", name="签字并提交所选").click()
    await expect(head.get_by_role("status")).to_contain_text("所选 1 件此前已签字、退回或修改")


async def test_somebody_keeps_a_filter_and_finds_it_again(windows: Windows) -> None:
    number = await windows.dispatched("保存筛选用的诉求")
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
    number = await windows.dispatched("因暴雪停工无法上门")
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

    number = await windows.dispatched("常用语用的诉求")
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
    first = await windows.registered("热力管道挖沟堵住厂门，货车进不来")
    desk = await windows.window("operator", "/app/desk")
    await desk.locator("[name=enterprise]").press_sequentially("山东拓岳精密铸造有限公司")
    await desk.locator("[name=matter]").press_sequentially("热力管道挖沟堵住厂门")
    await expect(desk.locator("#alike")).to_contain_text(first)
    await fill(desk, district="QX-370481")
    await expect(desk.locator("#alike").get_by_role("heading", name="派单目录建议")).to_be_visible()
    await windows.check(desk, "desk-beside")

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
    """Return the code, which only the embedded default shows."""
    ledger = await windows.window("admin", "/app/notices")
    row = await ledger.locator("tr", has_text=number).filter(has_text="办理验证码").first.inner_text()
    found = re.search(r"办理验证码 (\d{6})", row)
    assert found
    await ledger.close()
    return found[1]


async def test_a_notice_is_new_to_each_person_once_in_whichever_browser(windows: Windows) -> None:
    handler = await windows.window("power-handler", "/app/claims")
    head = await windows.window("power-head", "/app/claims")
    number = await windows.dispatched("各人各有已读标记")
    new = f"section:has(#h-notices) li:has-text('{number}') .tag:has-text('新')"

    async def is_marked() -> bool:
        await handler.goto(f"{windows.url}/app/inbox")
        return await handler.locator(new).count() > 0

    await until(is_marked)
    assert not await is_marked()
    elsewhere = await windows.window("power-handler", "/app/inbox", javascript=False)
    await expect(elsewhere.locator(new)).to_have_count(0)
    await head.goto(f"{windows.url}/app/inbox")
    await expect(head.locator(new)).not_to_have_count(0)
