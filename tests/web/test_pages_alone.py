"""Pages with records and the city's data, without a server behind them."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from calendar_rules import local_day
from claims.model.journal import TransitionRecord
from records.claim_writer import write_step
from records.database.engine import open_records
from runtime.settings import Settings
from tests.support.assessment.claim_stories import Play
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER
from tests.support.records.recorded_claims import keep
from tests.support.web.page_visits import visiting
from web.desks import inbox


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(settings) as visitor:
        yield visitor


async def page_of(http: httpx.AsyncClient, person: str, path: str) -> str:
    """Return a page as a user sees it."""
    http.cookies.clear()
    await http.post("/app/login", data={"person": person})
    return (await http.get(path)).text


def token_in(page: str) -> str:
    return page.partition('name="csrf" value="')[2].partition('"')[0]


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("category", "shown"),
    [
        ("consultation", "知识库里有现成的答复"),
        ("help", "知识库里有相关的规定，供您参考"),
        ("suggestion", "知识库里有相关的规定，供您参考"),
        ("complaint", ""),
    ],
)
async def test_an_enterprise_sees_at_once_what_the_knowledge_base_has(
    http: httpx.AsyncClient, category: str, shown: str
) -> None:
    token = token_in(await page_of(http, "enterprise", "/report"))
    typed = {"csrf": token, "category": category, "matter": "工伤认定由谁申请"}
    answer = await http.post("/report", data=typed)
    assert ("KB-011" in answer.text or "工伤认定由谁申请、多长时间作出决定" in answer.text) == bool(shown)
    assert shown in answer.text


CODE = "91370400MA2979280T"


@pytest.fixture
def recorded(settings: Settings) -> Paper:
    """A recorded claim dispatched to the power company."""
    paper = Paper()
    order = {"enterprise": "枣庄样例机械有限公司", "credit_code": CODE, "town": "洪绪镇", "matter": "停电"}
    paper.claim.order = paper.claim.order.model_copy(update=order)
    paper.dispatched(POWER)
    with open_records(settings.records_url) as records:
        write_step(records, TransitionRecord(claim=paper.claim))
    return paper


@pytest.mark.rule("§1", "R12", "R14")
async def test_the_desk_finds_the_enterprise_by_its_code_the_unit_and_the_article(
    http: httpx.AsyncClient, recorded: Paper
) -> None:
    token = token_in(await page_of(http, "operator", "/app/desk"))
    typed = {"csrf": token, "credit_code": CODE.lower(), "matter": "工伤认定由谁申请", "contact": "张工"}
    found = (await http.post("/app/desk/lookup", data=typed)).text
    assert 'value="枣庄样例机械有限公司"' in found
    assert 'value="洪绪镇"' in found
    assert 'value="张工"' in found
    assert recorded.claim.number in found
    assert {"派单目录建议", "知识库"} <= set(re.findall(r"派单目录建议|知识库", found))
    for code, is_wrong in ((CODE[:-1] + "A", True), (CODE[:9], False)):
        beside = await http.post("/app/desk/alike", data={"csrf": token, "credit_code": code})
        assert ("不是有效的统一社会信用代码" in beside.text) is is_wrong


@pytest.mark.rule("R48")
async def test_the_desk_links_what_has_new_facts_to_the_closed_claim_and_keeps_what_was_typed(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    closed = Paper().unreachable()
    with open_records(settings.records_url) as records:
        write_step(records, TransitionRecord(claim=closed.claim))
    number = closed.claim.number
    token = token_in(await page_of(http, "operator", "/app/desk"))
    typed = {"csrf": token, "enterprise": closed.claim.order.enterprise, "matter": "又停电了"}
    beside = (await http.post("/app/desk/alike", data=typed)).text
    assert f'name="linked_to" value="{number}"' in beside
    linked = (await http.post("/app/desk/lookup", data=typed | {"linked_to": number})).text
    assert f"关联已办结的工单 {number}" in linked
    assert "又停电了" in linked


@pytest.mark.rule("R66")
async def test_a_brief_is_read_by_day_and_by_week(http: httpx.AsyncClient, recorded: Paper) -> None:
    day = local_day(recorded.claim.registered_at)
    assert "来件（前一日 0）" in await page_of(http, "coordinator", f"/app/briefs/{day}")
    year, week, _ = day.isocalendar()
    page = (await http.get(f"/app/briefs/{year}-W{week:02}")).text
    assert "周报" in page
    before = (day - timedelta(days=7)).isocalendar()
    assert f"/app/briefs/{before.year}-W{before.week:02}" in page
    assert "不是日期或周次" in (await http.get("/app/briefs/nonsense")).text
    assert (await http.get("/app/briefs")).is_redirect


@pytest.mark.rule("§1")
async def test_a_unit_pages_through_what_it_has_finished_the_last_to_close_first(
    http: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "FINISHED_AT_ONCE", 1)
    solved = (
        "Mon 11-02 09:00 dispatch:{} sign contact reply | Tue 11-03 10:00 feedback | Wed 11-04 {} satisfied"
    )
    with open_records(settings.records_url) as records:
        for number, unit, hour in (("01", "GD", "09:00"), ("02", "GD", "10:00"), ("03", "SWJ", "11:00")):
            keep(records, Play(number, "TZ", solved.format(unit, hour)).paper)
    page = await page_of(http, "power-handler", "/app/inbox?group=finished")
    assert ("QH02" in page, "QH01" in page, "QH03" in page) == (True, False, False)
    assert "满意办结" in page
    following = html.unescape(page.partition('<a class="button" href="?group=finished')[2].partition('"')[0])
    page = (await http.get(f"/app/inbox?group=finished{following}")).text
    assert ("QH02" in page, "QH01" in page, "下一页" in page) == (False, True, False)
    assert "翻页标记无效" in (await http.get("/app/inbox?group=finished&cursor=x")).text


@pytest.mark.rule("R70")
async def test_an_administrator_sees_what_an_edition_may_change_and_where_workflows_stand(
    settings: Settings,
) -> None:
    settings = settings.model_copy(update={"temporal_ui_url": "https://ui.example/temporal/"})
    async with visiting(settings) as http:
        page = await page_of(http, "admin", "/app/settings")
    assert "https://ui.example/temporal/namespaces/default/workflows" in page
    assert "<code>resolve_days</code>" in page


@pytest.mark.parametrize("person", ["operator", "power-head", "enterprise"])
async def test_nobody_else_makes_an_assessment_again_or_reads_briefs(
    http: httpx.AsyncClient, person: str
) -> None:
    token = token_in(await page_of(http, person, "/app/login"))
    assert (await http.get("/app/briefs/2026-11-27")).status_code == 403
    asked = {"csrf": token, "period": "2026-11"}
    assert (await http.post("/app/audits/assessments", data=asked)).status_code == 403


@pytest.mark.rule("R39")
async def test_a_landline_gets_no_code_and_the_page_says_so(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    paper = Paper()
    paper.claim.order = paper.claim.order.model_copy(update={"phone": "0632-5550001"})
    with open_records(settings.records_url) as records:
        write_step(records, TransitionRecord(claim=paper.claim))
    answer = await http.post(f"/track/{paper.claim.number}/code", data={"digits": "0001"})
    assert answer.status_code == 409
    assert "登记的电话收不到短信" in answer.text


async def test_what_is_too_large_for_a_page_is_said_on_a_page(http: httpx.AsyncClient) -> None:
    token = token_in(await page_of(http, "operator", "/app/desk"))
    answer = await http.post("/app/desk", data={"csrf": token, "matter": "长" * 400_000})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert "请按浏览器的后退键回到表单" in answer.text


@pytest.mark.parametrize(
    "form", ["", "/QH202611240001/code", "/QH202611240001/enter", "/QH202611240001/leave"]
)
async def test_what_is_too_large_for_the_track_page_is_said_on_a_page(
    http: httpx.AsyncClient, form: str
) -> None:
    for sent in ({"data": {"digits": "0" * 2_000_000}}, {"files": {"digits": bytes(2_000_000)}}):
        answer = await http.request("POST", f"/track{form}", **sent)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html; charset=utf-8")
        assert "提交的文件和文字合计过大" in answer.text


async def test_a_photo_of_a_phone_is_not_too_large_for_a_supplement_by_code(http: httpx.AsyncClient) -> None:
    photo = {"file": ("photo.jpg", bytes(3 * 1024 * 1024), "image/jpeg")}
    answer = await http.post("/track/QH202611240001/acts/supplement", files=photo, data={"text": "见照片"})
    assert answer.status_code == 401
    assert "见照片" in answer.text


@pytest.mark.rule("R10")
@pytest.mark.parametrize(("person", "path"), [("operator", "/app/desk"), ("enterprise", "/report")])
async def test_a_form_that_is_sent_again_with_other_words_is_another_claim(
    http: httpx.AsyncClient, person: str, path: str
) -> None:
    page = await page_of(http, person, path)
    typed = {
        "csrf": token_in(page),
        "request_id": "web-once",
        "answers_seen": "yes",
        "channel": "12345",
        "enterprise": "枣庄样例机械有限公司",
        "contact": "张工",
        "phone": "13905550001",
        "enterprise_status": "operating",
        "category": "help",
        "matter": "第一件",
    }
    first, again = [await http.post(path, data=typed) for _ in range(2)]
    assert first.status_code == 303
    assert again.headers["location"] == first.headers["location"]

    other = await http.post(path, data=typed | {"matter": "第二件"})
    assert other.status_code == 409
    assert "这次的内容与之不同，没有登记" in other.text
    assert "第二件" in other.text
    fresh = other.text.partition('name="request_id" value="')[2].partition('"')[0]
    second = await http.post(path, data=typed | {"matter": "第二件", "request_id": fresh})
    assert second.status_code == 303
    assert second.headers["location"] != first.headers["location"]


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59", "2026-13-01T00:00", "soon"])
async def test_the_audit_takes_no_instant_at_the_ends_of_time(http: httpx.AsyncClient, at: str) -> None:
    page = await page_of(http, "auditor", f"/app/audits/QH202611240001?at={at}")
    assert "时刻写法不对，或不在2000年至2099年之间" in page


@pytest.mark.rule("R31", "R32")
async def test_a_claims_page_counts_its_lights_the_worst_first(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    paper = Paper().dispatched(POWER)
    paper.until("Fri 2026-12-11 09:00")
    with open_records(settings.records_url) as records:
        keep(records, paper)
    page = await page_of(http, "operator", f"/app/claims/{paper.claim.number}")
    heading = page.partition("<h1>")[2].partition("</h1>")[0]
    assert re.findall(r'class="light (\w+)">(.*?)<', heading) == [("red", "红灯 3"), ("yellow", "黄灯 3")]
