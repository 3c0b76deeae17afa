"""Takes screenshots of every page, on a large screen and on a phone, and of a claim in the Temporal UI:
`python -m demo.screenshots docs/screenshots`.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image

from activities.workflow_ids import workflow_id
from calendar_rules import local_day
from claims.model.terms import Role
from demo.pages import play
from demo.run import cases_of
from runtime.local_stack import LocalStack
from runtime.settings import load_settings
from service_layer.clock import now
from service_layer.identity.tokens import issue_token, load_or_make_key
from tools.chromium import arguments, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

WIDTHS: Final = {"1440": (1440, 900), "390": (390, 844)}
TEMPORAL_UI: Final = "temporal-ui"
_CONSOLE: Final = (1400, 1150)
_TALLEST: Final = 2000
_COLOURS: Final = 128


class Picture(NamedTuple):
    """A page, its viewer, and the scene whose claim number is in its address."""

    name: str
    person: str
    path: str
    scene: str = ""

    def address(self, numbers: Mapping[str, str]) -> str:
        """Return the path with the scene's number and the present month filled in."""
        number = numbers.get(self.scene, "")
        today = local_day(now())
        return self.path.format(number=number, period=f"{today:%Y-%m}", day=f"{today:%d}")


PICTURES: Final = (
    Picture("login", "", "/app/login"),
    Picture("desk", "operator", "/app/desk"),
    Picture("dispatch", "operator", "/app/claims/{number}?act=dispatch", "registered"),
    Picture("callbacks", "caller", "/app/callbacks"),
    Picture("call-back", "caller", "/app/claims/{number}?act=call-back", "fed-back"),
    Picture("inbox", "power-handler", "/app/inbox"),
    Picture("inbox-in-hand", "power-handler", "/app/inbox?group=in-hand"),
    Picture("claim-late", "power-handler", "/app/claims/{number}", "red"),
    Picture("claim-extension", "supervisor", "/app/claims/{number}", "extension"),
    Picture("claim-review", "power-head", "/app/claims/{number}?act=review-form", "review"),
    Picture("board", "supervisor", "/app/board"),
    Picture("claims", "supervisor", "/app/claims"),
    Picture("arbitration", "arbiter", "/app/arbitration"),
    Picture("leaders", "coordinator", "/app/leaders"),
    Picture("unit", "inspector", "/app/units/ZZ-GD?act=record-interview"),
    Picture("assessment", "coordinator", "/app/assessments/{period}"),
    Picture("audits", "auditor", "/app/audits"),
    Picture("audit", "auditor", "/app/audits/{number}", "red"),
    Picture("settings", "admin", "/app/settings"),
    Picture("briefs", "coordinator", "/app/briefs/{period}-{day}"),
    Picture("arbitrate", "arbiter", "/app/claims/{number}", "referred"),
    Picture("meetings", "coordinator", "/app/meetings"),
    Picture("clues", "inspector", "/app/clues"),
    Picture("exclusion", "power-head", "/app/claims/{number}/exclusion?act=apply-exclusion", "red"),
    Picture("city-data", "admin", "/app/city/directory?edit=PD-001"),
    Picture("city-units", "admin", "/app/city/units?edit=ZZ-SWJ"),
    Picture("notices", "admin", "/app/notices"),
    Picture("report", "enterprise", "/report"),
    Picture("report-phone", "", "/report/phone"),
    Picture("track", "", "/track"),
    Picture("track-code", "", "/track/{number}/code", "red"),
)


async def take(folder: Path, only: Sequence[str]) -> None:
    """Start a system, play the scenes and take the pictures; with `only`, just those."""
    from playwright.async_api import async_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zaoying-pages-") as home:
        ports = {"api_port": 0, "temporal_port": 0, "ui_port": 0}
        settings = load_settings().model_copy(update={"home": Path(home), "virtual_time": True, **ports})
        async with LocalStack(settings, say=print) as stack, cases_of(stack) as cases:
            numbers = await play(cases)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=str(chromium()), args=arguments())
                for picture in PICTURES:
                    if not only or picture.name in only:
                        await _take(browser, stack.api_url, picture, numbers, folder)
                if not only or TEMPORAL_UI in only:
                    await _take_temporal_ui(browser, stack, numbers["late"], folder)
                await browser.close()


async def _take(
    browser: "Browser", url: str, picture: Picture, numbers: dict[str, str], folder: Path
) -> None:
    from playwright.async_api import FloatRect

    for name, (width, height) in WIDTHS.items():
        async with _signed_in(browser, url, picture.person, width, height) as context:
            page = await context.new_page()
            await page.goto(url + picture.address(numbers))
            tall = int(await page.evaluate("document.documentElement.scrollHeight"))
            clip = FloatRect(x=0, y=0, width=width, height=min(max(tall, height), _TALLEST))
            path = folder / f"{picture.name}-{name}.png"
            _keep_small(await page.screenshot(full_page=True, clip=clip), path)


async def _take_temporal_ui(browser: "Browser", stack: LocalStack, number: str, folder: Path) -> None:
    """Take a picture of a claim in the Temporal UI, as an administrator signed in at the codec server sees it."""
    from playwright.async_api import ViewportSize

    key = load_or_make_key(stack.settings.token_key)
    token = issue_token(key, roles=[Role.ADMIN], unit="", name="演示管理员")
    context = await browser.new_context(viewport=ViewportSize(width=_CONSOLE[0], height=_CONSOLE[1]))
    headers = {"Authorization": f"Bearer {token}"}
    await context.request.post(f"{stack.api_url}/codec/session", headers=headers)
    page = await context.new_page()
    await page.goto(f"{stack.settings.workflows_page}/{workflow_id(number)}")
    await page.locator("[data-testid^=data-encoder-status]").first.click()
    dialog = page.locator("dialog[open]")
    await dialog.get_by_text("Use my browser setting").click()
    await dialog.locator("textarea").fill(f"{stack.api_url}/codec")
    await dialog.get_by_text("Include cross-origin credentials").click()
    await dialog.get_by_test_id("confirm-modal-button").click()
    await page.reload()
    await page.get_by_text("User Metadata").click()
    await page.frame_locator("iframe").last.get_by_text("亮牌", exact=True).first.wait_for()
    _keep_small(await page.screenshot(), folder / f"{TEMPORAL_UI}.png")
    await context.close()


def _keep_small(picture: bytes, path: Path) -> None:
    """Reduce the colours of a picture. Lights' colours are rare but must be kept."""
    with Image.open(BytesIO(picture)) as whole:
        whole.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


@asynccontextmanager
async def _signed_in(
    browser: "Browser", url: str, person: str, width: int, height: int
) -> AsyncIterator["BrowserContext"]:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    if person:
        await context.request.post(f"{url}/app/login", form={"person": person})
    try:
        yield context
    finally:
        await context.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2:]))
