"""When Python collects cyclic garbage.

A claim that leaves a worker's memory is such garbage, and by then old: only a full collection finds it.
"""

import gc
from typing import Final

_WHILE_LOADING: Final = (20_000, 20, 20)
"""With Python's own, a third of a start goes into looking for garbage among the modules as they are loaded."""
_WHILE_RUNNING: Final = (5_000, 10, 10)
"""A full collection after half a million objects, which some hundred claims are. With the thresholds of loading it came after
6,000 claims, and a worker had grown by 800 MB."""


def tune_for_loading() -> None:
    """Set thresholds for loading modules, nearly all of whose objects stay."""
    gc.set_threshold(*_WHILE_LOADING)


def tune_for_work() -> None:
    """Exempt everything loaded so far from collection, and set the thresholds for work."""
    gc.freeze()
    gc.set_threshold(*_WHILE_RUNNING)
