"""The pages of periods that wait for re-interviews, without a server behind them (R62)."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from records.database.engine import open_records
from runtime.settings import Settings
from tests.support.assessment.pending_periods import keep_quarter, keep_year
from tests.support.web.page_visits import visiting
from tests.web.test_pages_alone import page_of, token_in

pytestmark = pytest.mark.rule("R62")


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    with open_records(settings.records_url) as records:
        keep_quarter(records)
        keep_year(records)
    async with visiting(settings) as visitor:
        yield visitor


async def test_the_hotlines_page_lists_whom_to_ask_and_keeps_what_was_typed(http: httpx.AsyncClient) -> None:
    assert "2026-Q4 尚余 2 件" in await page_of(http, "caller", "/app/callbacks")
    page = await page_of(http, "caller", "/app/reinterviews")
    assert "已登记 1 / 3 件" in page
    assert 'name="ZZ-GD:QH02"' in page
    assert "QH01" not in page
    typed = {"csrf": token_in(page), "request_id": "r-1", "ZZ-GD:QH02": "unreached"}
    answer = await http.post("/app/reinterviews/2026-Q4", data=typed)
    assert answer.status_code == 503
    assert 'value="unreached" checked' in answer.text
    empty = await http.post("/app/reinterviews/2026-Q4", data={"csrf": token_in(page)})
    assert empty.status_code == 422


@pytest.mark.rule("§1")
async def test_only_the_hotline_may_record_answers_and_units_see_nothing(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "coordinator", "/app/reinterviews")
    assert ("QH02" in page, '<form method="post" action="/app/reinterviews' in page) == (True, False)
    sent = {"csrf": token_in(page), "ZZ-GD:QH02": "yes"}
    assert (await http.post("/app/reinterviews/2026-Q4", data=sent)).status_code == 403
    assert "QH02" not in await page_of(http, "water-handler", "/app/reinterviews")


async def test_the_coordinators_page_says_what_a_period_waits_for(http: httpx.AsyncClient) -> None:
    quarter = await page_of(http, "coordinator", "/app/assessments/2026-Q4")
    assert "QH02" in quarter
    assert "bulletin.docx" not in quarter
    year = await page_of(http, "coordinator", "/app/assessments/2026?act=give-organisation-points")
    assert "尚未评组织领导分的单位" in year
    assert '<option value="ZZ-SWJ">市城乡水务局</option>' in year
