"""Runs the chosen mutants in processes of their own; prints those killed, one JSON line each."""

import json
import sys
from typing import Final

import pytest

from tests.mutation.session import Mutating
from tests.mutation.telling import TELLING
from tests.mutation.trials import OPTIONS, Trial, preload, try_imported

SECONDS: Final = 30


def main() -> int:
    """Run the mutants. Mutants of functions share one process that has loaded the tests; others import the
    mutated module.
    """
    names = {one.mutant: one for one in TELLING}

    def tell(trial: Trial) -> None:
        print(json.dumps([names[trial.mutant].name, trial.killer]), flush=True)

    preload()
    for mutant, one in names.items():
        if not mutant.function:
            tell(try_imported(mutant, [one.killed_by], seconds=SECONDS))
    named = {mutant: one.killed_by for mutant, one in names.items() if mutant.function}
    files = sorted({tests.partition("::")[0] for tests in named.values()})
    return pytest.main([*OPTIONS, *files], plugins=[Mutating(named, tell, named)])


if __name__ == "__main__":
    sys.exit(main())
