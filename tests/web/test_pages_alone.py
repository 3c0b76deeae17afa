"""What pages show of the records and the city's data: without a server behind them."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from runtime.settings import Settings
from tests.support.web.page_visits import visiting


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(settings) as visitor:
        yield visitor


async def page_of(http: httpx.AsyncClient, person: str, path: str) -> str:
    """A page as somebody sees it."""
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
