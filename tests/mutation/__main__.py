"""Runs generated mutants: `python -m tests.mutation --seconds 1500 --seed 1 claims/limits.py …`."""

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import chain
from random import Random
from typing import Final

import pytest

from tests.mutation.explained import explained
from tests.mutation.generators import MODULES, mutants
from tests.mutation.mutants import Mutant, one_line
from tests.mutation.reach import watch
from tests.mutation.session import Mutating
from tests.mutation.trials import OPTIONS, Trial, preload, try_imported

TESTS: Final = (
    ("tests/unit/oracles/test_cited_rules.py", "tests/unit/oracles/test_cited_measures.py"),
    ("tests/unit/oracles/test_traces.py", "tests/unit/oracles/test_cited_refusals.py"),
    ("tests/unit/oracles/test_golden_matrix.py",),
    (
        "tests/unit/claims",
        "tests/unit/units",
        "tests/unit/editions",
        "tests/unit/papers/test_papers_filed.py",
    ),
)
"""In turn: most mutants die by the first ones."""
SECONDS_OF_ALL_TESTS: Final = 300


class Tally:
    """Counts the trials, and prints the mutants that no test kills."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.explained = explained()

    def add(self, trial: Trial) -> None:
        """Count a trial."""
        self.trials.append(trial)
        if len(self.trials) % 50 == 0:
            print(f"{len(self.trials)} tried", file=sys.stderr, flush=True)
        if not trial.killed and trial.mutant.identity not in self.explained:
            mutant = trial.mutant
            print(f"{mutant.path}:{mutant.line} in {mutant.function or 'the module'}")
            print(f"  - {one_line(mutant.old)}\n  + {one_line(mutant.new)}", flush=True)

    @property
    def survivors(self) -> int:
        """The mutants neither killed nor explained."""
        return sum(not one.killed and one.mutant.identity not in self.explained for one in self.trials)

    def report(self) -> None:
        """Print a table of the modules."""
        print(f"\n{'module':<36}{'tried':>8}{'killed':>8}{'explained':>11}{'survived':>10}")
        for path in dict.fromkeys(one.mutant.path for one in self.trials):
            _print_row(path, [one for one in self.trials if one.mutant.path == path], self.explained)
        _print_row("all", self.trials, self.explained)


def _print_row(name: str, trials: list[Trial], known: frozenset[tuple[str, str, str, str]]) -> None:
    killed = sum(one.killed for one in trials)
    told = sum(not one.killed and one.mutant.identity in known for one in trials)
    print(f"{name:<36}{len(trials):>8}{killed:>8}{told:>11}{len(trials) - killed - told:>10}")


def until(deadline: float, chosen: list[Mutant]) -> Iterator[Mutant]:
    """Yield the mutants one by one, until time is up."""
    for mutant in chosen:
        if time.monotonic() > deadline:
            return
        yield mutant


def main() -> int:
    """Run the mutants; 1 if one survives that is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES))
    parser.add_argument("--seconds", type=float, default=1500, help="stop after about so long")
    parser.add_argument("--seed", type=int, default=1, help="which mutants come first")
    parser.add_argument("--part", choices=["all", "functions", "modules"], default="all")
    options = parser.parse_args()
    found = [mutant for path in options.modules for mutant in mutants(path)]
    Random(options.seed).shuffle(found)
    tally, began = Tally(), time.monotonic()
    of_modules = [mutant for mutant in found if not mutant.function] if options.part != "functions" else []
    of_functions = [mutant for mutant in found if mutant.function] if options.part != "modules" else []
    share = len(of_modules) / max(1, len(of_modules) + len(of_functions))
    preload()
    for mutant in until(began + share * options.seconds, of_modules):
        trials = (try_imported(mutant, tests, seconds=SECONDS_OF_ALL_TESTS) for tests in TESTS)
        tally.add(next((trial for trial in trials if trial.killed), Trial(mutant, killed=False)))
    if of_functions:
        watch(list(MODULES))
        chosen = until(began + options.seconds, of_functions)
        pytest.main([*OPTIONS, *chain(*TESTS)], plugins=[Mutating(chosen, tally.add)])
    tally.report()
    return 1 if tally.survivors else 0


if __name__ == "__main__":
    sys.exit(main())
