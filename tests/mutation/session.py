"""A pytest plugin: instead of the tests that were collected, it runs for each mutant of a function those that reach
its statement, in a forked child."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach, reaches
from tests.mutation.trials import Trial, change_function, forked, limit_time

LEAST_SECONDS: Final = 5.0
TIMES_SLOWER: Final = 10


class Mutating:
    """`chosen` gives the mutants one by one, until time is up; `told` receives each trial. `named`: the beginning of
    the names of a mutant's tests, where its statement does not choose them."""

    def __init__(
        self,
        chosen: Iterable[Mutant],
        told: Callable[[Trial], None],
        named: Mapping[Mutant, str] | None = None,
    ) -> None:
        self._chosen = chosen
        self._told = told
        self._named = named or {}
        self._kills: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the mutants."""
        if session.testsfailed:
            raise pytest.UsageError("the tests could not be collected")
        gc.collect()
        gc.freeze()
        reached = {} if self._named else reaches(session.items)
        for mutant in self._chosen:
            trial = self._try(mutant, session.items, reached)
            self._kills[trial.killer] += 1
            self._told(trial)
        return True

    def _try(self, mutant: Mutant, items: list[pytest.Item], reached: Mapping[str, Reach]) -> Trial:
        """With the tests first that have killed most, then the quick ones."""
        if self._named:
            tests = [item for item in items if item.nodeid.startswith(self._named[mutant])]
        else:
            first, last = mutant.lines
            lines = {(mutant.path, line) for line in range(first, last + 1)}
            tests = [item for item in items if not lines.isdisjoint(reached[item.nodeid].lines)]
            tests.sort(key=lambda item: (-self._kills[item.nodeid], reached[item.nodeid].seconds))
        return forked(mutant, lambda: _first_failure(mutant, tests, reached))


def _first_failure(mutant: Mutant, tests: list[pytest.Item], reached: Mapping[str, Reach]) -> str:
    change_function(mutant)
    for item in tests:
        seconds = reached[item.nodeid].seconds if reached else 0
        limit_time(LEAST_SECONDS + TIMES_SLOWER * seconds)
        if any(report.failed for report in runtestprotocol(item, nextitem=None, log=False)):
            return item.nodeid
    return ""
