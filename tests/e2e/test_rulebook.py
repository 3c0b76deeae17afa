"""The whole rulebook over HTTP on one running system, in virtual time; written from the rulebook alone.

The stories are in `tests/e2e/rulebook/`. They are independent and run concurrently, once; each assertion is
then a separate test.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio

from runtime.connection import connect
from runtime.local_stack import LocalStack
from runtime.settings import Settings
from tests.e2e.rulebook import (
    arbitration,
    call_backs,
    clocks,
    enterprises,
    handling,
    intake,
    parts,
    returns,
    reviews,
    roles,
    supervision,
    units,
)
from tests.e2e.rulebook.arrangement import correction, years
from tests.e2e.rulebook.not_yet import NOT_YET
from tests.support.polling import PATIENCE
from tests.support.processes.forked_program import fork_programs
from tests.support.rulebook.city import City
from tests.support.rulebook.people import COORDINATOR
from tests.support.rulebook.scene import Story, Verdicts, outcome

CHAPTERS: Final = (
    supervision,
    units,
    arbitration,
    returns,
    handling,
    parts,
    reviews,
    call_backs,
    enterprises,
    roles,
    intake,
    clocks,
)
STORIES: Final = tuple(told for chapter in CHAPTERS for told in chapter.STORIES)
ASSERTIONS: Final = {name: one for told in STORIES for name, one in told.assertions()}
CONTACTS: Final = """
[channels]
"值班" = "json://127.0.0.1:9/"
[contacts]
default = []
ZZ-JTJ = ["值班"]
"""
"""One unit has a channel, at which nobody answers; the others have none."""
SIDE_BY_SIDE: Final = 12


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(temporal_cli: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """One system for all stories; its Temporal server is in memory."""
    settings = Settings(
        home=tmp_path_factory.mktemp("rulebook"),
        temporal_cli=temporal_cli,
        api_port=0,
        temporal_port=0,
        ui_port=0,
        virtual_time=True,
    )
    stack = LocalStack(settings, say=print, keep_server_in_memory=True)
    async with fork_programs(stack) as running:
        yield running


async def publish_holidays(people: City) -> None:
    """Publish the stories' holidays in place of those of the played weeks."""
    real = [(await people.ask(COORDINATOR, "GET", f"/calendar/{year}")).json() for year in years()]
    body = {"request_id": "holidays", **correction(real)}
    published = await people.ask(COORDINATOR, "POST", "/calendar/arrangements", body=body)
    assert published.status_code == 201, published.text


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def verdicts(city: LocalStack) -> AsyncIterator[Verdicts]:
    """The problem of each assertion, once all stories have been played."""
    async with httpx.AsyncClient(base_url=city.api_url, trust_env=False, timeout=PATIENCE) as http:
        people = City(city, http, await connect(city.settings))
        await publish_holidays(people)
        city.settings.contacts.write_text(CONTACTS)
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def in_turn(told: Story) -> Verdicts:
            async with places:
                return await outcome(people, told, NOT_YET)

        found: Verdicts = {}
        for one in await asyncio.gather(*map(in_turn, STORIES)):
            found |= one
        yield found


def test_the_list_is_as_long_as_it_has_to_be() -> None:
    assert len(ASSERTIONS) >= 100
    assert ASSERTIONS.keys() >= NOT_YET


@pytest.mark.rule("§1", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "§二.四.1", "§二.四.2")
@pytest.mark.rule("R10", "R11", "R12", "R13", "R14", "R15", "R16", "R17", "R18", "R20", "R21")
@pytest.mark.rule("R30", "R31", "R32", "R33", "R34", "R35", "R36", "R37", "R38", "R39")
@pytest.mark.rule("R40", "R41", "R42", "R43", "R44", "R45", "R46", "R47", "R48", "R52", "R60", "R70")
@pytest.mark.parametrize("name", ASSERTIONS)
async def test_the_rulebook_holds(name: str, verdicts: Verdicts) -> None:
    one, wrong = ASSERTIONS[name], verdicts[name]
    if name in NOT_YET:
        assert wrong, f"{name} holds now: it must leave NOT_YET"
    else:
        assert not wrong, f"{one.rule}: {one.says}. {wrong}"
