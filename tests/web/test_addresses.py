"""Addresses that are no pages: targets of forms, API routes, and unknown ones."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from runtime.settings import Settings
from tests.support.web.page_visits import page_posts, token_of, visiting
from web.http.fallback_pages import FORM_PAGES
from web.sign_in.demo_people import DEMO_PEOPLE

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
GIVEN = {"number": "QH202611240001", "unit": "ZZ-GD", "period": "2026-11", "kind": "directory"}
SHOWN_AGAIN = ("/app/desk", "/app/assessments", "/app/clues", "/app/meetings", "/report", "/track")
"""Pages whose forms are sent to the page's own address."""


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(settings) as visitor:
        yield visitor


def filled(path: str) -> str:
    """Return an address with its parameters filled in."""
    return re.sub(r"\{(\w+)\}", lambda found: GIVEN.get(found[1], "x"), path)


@pytest.mark.rule("§1")
@pytest.mark.parametrize("person", [one.id for one in DEMO_PEOPLE])
async def test_a_refused_form_shows_nothing_but_the_refusal_to_whom_the_page_is_refused(
    http: httpx.AsyncClient, person: str
) -> None:
    await http.post("/app/login", data={"person": person})
    token = await token_of(http)
    pages, refused = dict(FORM_PAGES), 0
    for path in page_posts():
        if path.startswith(("/app/login", "/track", "/report")):
            continue
        page = await http.get(filled(pages.get(path, path)))
        answer = await http.post(filled(path), data={"csrf": token})
        if page.status_code == 403 or answer.status_code in (403, 404):
            refused += 1
            assert re.search("<h1>(?:无权办理|未找到|填写内容有误)</h1>", answer.text), (
                path,
                answer.status_code,
            )
    assert refused


async def test_the_address_of_a_form_leads_to_the_page_that_it_stands_on(http: httpx.AsyncClient) -> None:
    pages = dict(FORM_PAGES)
    for path in page_posts():
        if path in SHOWN_AGAIN or path == "/app/login":
            continue
        answer = await http.get(filled(path), headers=BROWSER)
        known = path in pages and answer.headers.get("location") == pages[path].format_map(
            {name: GIVEN.get(name, "x") for name in re.findall(r"\{(\w+)\}", path)}
        )
        assert known or answer.status_code == 200 or "next=" in answer.headers.get("location", ""), path


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/app", "/"),
        ("/app/", "/"),
        ("/track/", "/track"),
        ("/track/QH202611240001?phone=0004", "/track?number=QH202611240001"),
        ("/claims/QH202611240001", "/app/claims/QH202611240001"),
    ],
)
async def test_a_browser_is_led_to_the_page_and_no_digits_stay_in_the_address(
    http: httpx.AsyncClient, path: str, to: str
) -> None:
    answer = await http.get(path, headers=BROWSER)

    assert (answer.status_code, answer.headers["location"]) == (303, to)


async def test_an_unknown_address_is_a_page_to_browsers_and_a_problem_to_programs(
    http: httpx.AsyncClient,
) -> None:
    page, problem = await http.get("/nothing", headers=BROWSER), await http.get("/nothing")
    assert (page.status_code, problem.status_code) == (404, 404)
    assert "没有这个页面" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    asked = await http.get("/claims/QH202611240001", headers={**BROWSER, "authorization": "Bearer x"})
    assert asked.status_code == 401
