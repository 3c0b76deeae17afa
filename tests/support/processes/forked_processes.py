"""Processes of the tests' own that begin with our code already loaded; to load it takes a process seconds."""

import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

FORKED: Final = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.support.processes.loaded_code"])


def begin(log: Path) -> None:
    """What such a process does first: from now on all that it says goes into its log, and it ends when the one that
    asked for it does, whatever ends that."""
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def kill(process: BaseProcess) -> None:
    """SIGKILL; returns when it is gone."""
    process.kill()
    process.join()
