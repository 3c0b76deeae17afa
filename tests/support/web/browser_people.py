"""Users in browsers, each with a separate window, and checks of what no page may do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_core_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    async_playwright,
)

from claims.model.terms import Action, Role
from tests.support.api.city_desk import Desk
from tests.support.claims.people import POWER
from tools.chromium import arguments, chromium

PHONE = ViewportSize(width=390, height=844)
SCREEN = ViewportSize(width=1440, height=900)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}
LIGHT = ("--disable-gpu",)
"""No test looks at animations."""
LIGHTEST_PAGE = "/health/live"
TABS_AT_ONCE = 8
CLOSED_WITHIN = 5
"""Seconds."""
_REFUSED = "Failed to load resource: the server responded with a status of"
"""Chromium's console message for a page with an error status; the test checks the page itself."""


@dataclass
class Windows:
    """The windows of all users, and the problems in any of them."""

    url: str
    browser: Browser
    desk: Desk
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    checked: set[str] = field(default_factory=set)

    async def window(
        self, person: str, path: str = LIGHTEST_PAGE, *, phone: bool = False, javascript: bool = True
    ) -> Page:
        """Return a new tab of a user's browser, signed in; an empty name is a visitor."""
        name = f"{person}/{phone}/{javascript}"
        if name not in self.contexts:
            self.contexts[name] = context = await self.browser.new_context(
                viewport=PHONE if phone else SCREEN,
                locale="zh-CN",
                java_script_enabled=javascript,
                reduced_motion="reduce",
            )
            context.set_default_timeout(20_000)
            context.on("console", self._heard)
            context.on("request", self._asked)
            if person:
                login = f"{self.url}/app/login"
                await context.request.post(login, form={"person": person}, max_redirects=0)
        page = await self.contexts[name].new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        await page.goto(self.url + path)
        return page

    async def close(self) -> None:
        """Close all tabs, which otherwise keep polling."""
        for context in self.contexts.values():
            for page in context.pages:
                with suppress(TimeoutError):  # Chromium may never close a page that is just navigating
                    async with asyncio.timeout(CLOSED_WITHIN):
                        await page.close()

    async def registered(self, matter: str) -> str:
        """Return a new claim, registered without a browser."""
        return await self.desk.registered(matter=matter)

    async def dispatched(self, matter: str) -> str:
        """Return a new claim, dispatched to the power company."""
        number = await self.registered(matter)
        await self.desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=POWER, basis="职责依据：供用电服务")
        return number

    async def check(self, page: Page, name: str) -> None:
        """Check each new page for accessibility, once."""
        if name in self.checked:
            return
        self.checked.add(name)
        found = await Axe().run(page, options=RULES)
        for violation in found["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            self.wrong.append(f"{name}: {violation['id']} {violation['help']} {nodes}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_REFUSED):
            self.wrong.append(message.text)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.wrong.append(f"another host: {request.url}")


@asynccontextmanager
async def windows_at(url: str, desk: Desk) -> AsyncIterator[Windows]:
    """Yield the windows of one browser for all users."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(chromium()), args=[*arguments(), *LIGHT]
        )
        yield Windows(url, browser, desk)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                await browser.close()


async def fill(page: Page, **fields: str) -> None:
    """Fill in fields by name; radio buttons and lists by value. Write `__` for a dot in a name."""
    for written, value in fields.items():
        name = written.replace("__", ".")
        place = page.locator(f"[name='{name}']")
        kind = await place.first.get_attribute("type") or await place.first.evaluate("e => e.tagName")
        if kind == "radio":
            await page.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "SELECT":
            await place.select_option(value)
        else:
            await place.first.fill(value)


async def act(page: Page, number: str, action: str, **fields: str) -> None:
    """Open a claim's page with the form of an action, fill it in and send it."""
    await page.goto(f"{_site(page)}/app/claims/{number}?act={action}")
    await fill(page, **fields)
    await send(page)


async def send(page: Page) -> None:
    """Click the form's own button."""
    await page.locator("#act form button.main").click()
    await page.wait_for_load_state()


def _site(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


_WATCH_FOCUS = """() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const shown = (e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0;
  const name = (e) => e.type === "radio" ? `radio ${e.name}` : e.outerHTML.slice(0, 120);
  window.unreached = new Set([...document.querySelectorAll(wanted)].filter(shown).map(name));
  window.unmarked = [];
  document.addEventListener("focusin", ({ target }) => {
    window.unreached.delete(name(target));
    const style = getComputedStyle(target);
    if (style.outlineStyle === "none" && style.boxShadow === "none") window.unmarked.push(name(target));
  });
  return window.unreached.size;
}"""


async def left_out_by_keyboard(page: Page) -> list[str]:
    """Return the elements of a page that the Tab key does not reach, or that do not show the focus."""
    await page.evaluate("document.activeElement.blur()")
    stops = int(await page.evaluate(_WATCH_FOCUS))
    for _ in range(0, 2 * stops + 5, TABS_AT_ONCE):
        for _ in range(TABS_AT_ONCE):
            await page.keyboard.press("Tab")
        if not await page.evaluate("window.unreached.size"):
            break
    found: list[str] = await page.evaluate("[...window.unreached, ...window.unmarked]")
    return found
