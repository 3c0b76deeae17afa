"""The number of examples in generated tests. By default each run uses the same examples for the same
selection of tests (Hypothesis also uses constants from the loaded modules). `HYPOTHESIS_EFFORT=10` tries ten
times as many, new ones each time (`--hypothesis-seed` repeats a run).
"""

import os
from typing import Final

from hypothesis import HealthCheck, settings

EFFORT: Final = int(os.environ.get("HYPOTHESIS_EFFORT", "1"))


def effort(examples: int, steps: int = 50) -> settings:
    """Return settings with this many examples, and steps for stateful tests."""
    return settings(
        max_examples=examples * EFFORT,
        stateful_step_count=steps,
        derandomize=EFFORT == 1,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def use_profile() -> None:
    """Set the default profile: deterministic, and without deadlines, because a busy machine is slow."""
    settings.register_profile("tests", parent=effort(100))
    settings.load_profile("tests")
