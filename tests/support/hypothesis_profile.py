"""How hard the generated tests try. Usually the same examples every time, so that a failure is everybody's: the same
for the same selection of tests, since Hypothesis also tries constants that it finds in the modules loaded so far.
`HYPOTHESIS_EFFORT=10` tries ten times as many, other ones at every run (`--hypothesis-seed` repeats a run)."""

import os
from typing import Final

from hypothesis import HealthCheck, settings

EFFORT: Final = int(os.environ.get("HYPOTHESIS_EFFORT", "1"))


def effort(examples: int, steps: int = 50) -> settings:
    """So many examples, of so many steps where they have steps."""
    return settings(
        max_examples=examples * EFFORT,
        stateful_step_count=steps,
        derandomize=EFFORT == 1,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def use_profile() -> None:
    """Let tests that ask for no effort of their own be as patient and as repeatable: a busy machine is slow, not wrong."""
    settings.register_profile("tests", parent=effort(100))
    settings.load_profile("tests")
