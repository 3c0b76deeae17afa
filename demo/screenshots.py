"""Pictures of every page, on a large screen and on a phone: `python -m demo.screenshots docs/screenshots`."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PIL import Image

from calendar_rules import local_day
from demo.pages import play
from demo.run import cases_of
from runtime.local_stack import LocalStack
from runtime.settings import load_settings
from service_layer.clock import now
from tools.chromium import arguments, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

WIDTHS: Final = {"1440": (1440, 900), "390": (390, 844)}
_TALLEST: Final = 2000
_COLOURS: Final = 128


class Picture(NamedTuple):
    """A page, who looks at it, and the scene whose number stands in its address."""

    name: str
    person: str
    path: str
    scene: str = ""

    def address(self, numbers: Mapping[str, str]) -> str:
        """The path with the scene's number and the present month in it."""
        number = numbers.get(self.scene, "")
        return self.path.format(number=number, period=f"{local_day(now()):%Y-%m}")


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
    """Start a system, play the scenes, and take the pictures (only some, by name)."""
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


def _keep_small(picture: bytes, path: Path) -> None:
    """A page has few colours, of which the lights' are seldom but matter."""
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
