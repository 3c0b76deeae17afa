"""A time limit for each asynchronous test: one that waits in vain fails where it waits, and the next test runs.

pytest-timeout, which is later, ends the whole process; it is for tests that block the event loop.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final

import pytest

LONGEST_TEST: Final = 480.0
"""Seconds; three times what the longest test takes among five other processes."""

AsyncTest = Callable[..., Awaitable[None]]


def ending(test: AsyncTest, *, within: float = LONGEST_TEST) -> AsyncTest:
    """Return the same test, which fails after so many seconds."""

    @wraps(test)
    async def limited(*arguments: object, **named: object) -> None:
        limit = asyncio.timeout(within)
        try:
            async with limit:
                await test(*arguments, **named)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise AssertionError(f"not done after {within:g} s: it waited where the cause says") from error

    return limited


def end(item: pytest.Item) -> None:
    """Limit a collected test if it is asynchronous."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = ending(item.obj)
