"""An asynchronous test that waits in vain fails where it waits."""

import asyncio
import traceback

import pytest

from tests.support.time_limits import ending


async def waits_in_vain(event: asyncio.Event) -> None:
    await event.wait()


async def runs_out_of_its_own_time() -> None:
    raise TimeoutError("its own")


async def test_a_test_that_waits_in_vain_fails_at_the_place_where_it_waits() -> None:
    with pytest.raises(AssertionError, match=r"not done after 0\.01 s") as failure:
        await ending(waits_in_vain, within=0.01)(event=asyncio.Event())
    assert "in waits_in_vain" in "".join(traceback.format_exception(failure.value))


async def test_what_fails_before_fails_as_it_is() -> None:
    with pytest.raises(TimeoutError, match="its own"):
        await ending(runs_out_of_its_own_time)()


async def test_each_asynchronous_test_has_an_end() -> None:
    task = asyncio.current_task()
    assert task is not None
    assert "limited" in str(getattr(task.get_coro(), "cr_code", ""))
