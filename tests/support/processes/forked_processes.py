"""Processes that start with our code already loaded, which otherwise takes seconds."""

import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from tests.support.polling import PATIENCE

FORKED: Final = multiprocessing.get_context("forkserver")
PRELOADED: Final = ("tests.support.processes.loaded_code",)
FORKED.set_forkserver_preload([*PRELOADED])


def begin(log: Path) -> None:
    """Redirect the new process's output to its log, and end it together with the process that requested it."""
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
    """Kill (SIGKILL) and wait until it is gone."""
    process.kill()
    process.join(PATIENCE)
    assert not process.is_alive(), f"process {process.pid} outlives SIGKILL"
