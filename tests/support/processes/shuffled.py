"""Shuffles the modules of each folder: `python -m pytest -p tests.support.processes.shuffled tests/…`.

No module may depend on another. `SHUFFLE=7` repeats an order; the report's header shows the seed.
"""

import os
import random
from pathlib import PurePath
from typing import Final

import pytest

SEED: Final = int(os.environ.get("SHUFFLE") or random.SystemRandom().randrange(10_000))


def pytest_report_header() -> str:
    return f"modules in the order of SHUFFLE={SEED}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Reorder modules; folders and the tests of a module stay together."""
    order = random.Random(SEED)
    places: dict[PurePath, float] = {}
    for item in items:
        module = PurePath(item.nodeid.partition("::")[0])
        for part in (module.parent, module):
            places.setdefault(part, order.random())

    def place(item: pytest.Item) -> tuple[float, float]:
        module = PurePath(item.nodeid.partition("::")[0])
        return places[module.parent], places[module]

    items.sort(key=place)
