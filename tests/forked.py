"""Processes of the tests' own that begin with our code already loaded; to load it takes a process seconds."""

import multiprocessing
import os
import threading
from typing import Final

FORKED: Final = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.dying_worker", "tests.unit.test_records_sample"])


def end_with_parent() -> None:
    """Have this process end when the one that asked for it does, whatever ends that."""
    threading.Thread(target=_wait_for_its_end, daemon=True).start()


def _wait_for_its_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
