"""The whole rulebook over HTTP on one running system, in virtual time; written from the rulebook's words alone.

The stories are in `tests/e2e/rulebook/`. They do not depend on each other and run side by side, once; each assertion
is then a test of its own.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest
import pytest_asyncio

from runtime.connection import connect
from runtime.local_stack import LocalStack
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


async def publish_holidays(people: City) -> None:
    """The stories' holidays instead of those of the weeks in which they are played."""
    real = [(await people.ask(COORDINATOR, "GET", f"/calendar/{year}")).json() for year in years()]
    body = {"request_id": "holidays", **correction(real)}
    published = await people.ask(COORDINATOR, "POST", "/calendar/arrangements", body=body)
    assert published.status_code == 201, published.text


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def verdicts(city: LocalStack) -> AsyncIterator[Verdicts]:
    """What was wrong with each assertion, once all stories have been played."""
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


@pytest.mark.parametrize("name", ASSERTIONS)
async def test_the_rulebook_holds(name: str, verdicts: Verdicts) -> None:
    one, wrong = ASSERTIONS[name], verdicts[name]
    if name in NOT_YET:
        assert wrong, f"{name} holds now: it must leave NOT_YET"
    else:
        assert not wrong, f"{one.rule}: {one.says}. {wrong}"
