"""Users of a running system. Each folder defines its system."""

from collections.abc import AsyncIterator

import pytest_asyncio

from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk, desk_of


@pytest_asyncio.fixture(loop_scope="session")
async def desk(city: LocalStack) -> AsyncIterator[Desk]:
    """The users, once everything is available. Checks that every answer is documented."""
    async with desk_of(city) as people:
        await city.until_ready()
        yield people
        failures = [answer for answer in people.answers if answer.status_code >= 500]
        assert {answer.status_code for answer in failures} <= {503}
        assert {answer.headers["content-type"] for answer in failures} <= {"application/problem+json"}
