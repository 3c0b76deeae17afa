"""The processes of pytest-xdist, forked from one that has loaded the code and the tests, which takes each of them seconds.

A process that replaces one that has died starts as ever, and all of them do where forking is not safe.
"""

import gc
import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module, reload
from multiprocessing import forkserver, util
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Final
from warnings import catch_warnings

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook
from _pytest.config import apply_warning_filters
from execnet import XSpec, gateway_io
from execnet.gateway_base import ExecModel, Popen2IO

from tests.support.processes import forked_processes

Ends = tuple[int, int]
"""What is read and what is written: file descriptors."""

FORK: Final = multiprocessing.get_context("fork")


def fork_workers(config: pytest.Config, specs: Sequence[XSpec]) -> None:
    """Load the tests and fork a process for each that xdist is about to start, as long as Python has no other threads. (numpy's
    own survive a fork.)
    """
    if sys.platform != "linux":
        return
    _load(config)
    if threading.active_count() > 1:
        return
    forked: list[_ForkedIO] = []
    for _ in specs:
        forked.append(_fork([io.ends for io in forked]))
    start = gateway_io.create_io

    def create_io(spec: XSpec, execmodel: ExecModel) -> Popen2IO:
        return forked.pop(0).opened(execmodel) if spec.popen and forked else start(spec, execmodel)

    gateway_io.create_io = create_io  # type: ignore[assignment]  # no child of subprocess


def _load(config: pytest.Config) -> None:
    """Import the modules of the tests, and what our forked programs need. A module that fails is left to the processes,
    which report it."""
    with catch_warnings():
        apply_warning_filters(config.getini("filterwarnings"), [])
        for name in (*_test_modules(config), *forked_processes.PRELOADED):
            with suppress(Exception, pytest.skip.Exception):
                import_module(name)
    gc.disable()


def _test_modules(config: pytest.Config) -> Iterator[str]:
    for argument in config.args:
        path = Path(config.invocation_params.dir, argument.partition("::")[0]).resolve()
        for file in sorted(path.rglob("test_*.py")) if path.is_dir() else [path]:
            yield ".".join(file.relative_to(config.rootpath).with_suffix("").parts)


class _ForkedIO(Popen2IO):
    """What execnet asks of a process that it has started."""

    def __init__(self, process: BaseProcess, ends: Ends) -> None:
        self.process, self.ends = process, ends

    def opened(self, execmodel: ExecModel) -> "_ForkedIO":
        answers, orders = self.ends
        super().__init__(os.fdopen(orders, "wb"), os.fdopen(answers, "rb"), execmodel)
        return self

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def kill(self) -> None:
        self.process.kill()


def _fork(others: Sequence[Ends]) -> _ForkedIO:
    (orders, sends_orders), (answers, sends_answers) = os.pipe(), os.pipe()
    not_its_own = [*(end for ends in others for end in ends), sends_orders, answers]
    process = FORK.Process(target=_serve, args=(orders, sends_answers, not_its_own))
    process.start()
    for end in (orders, sends_answers):
        os.close(end)
    return _ForkedIO(process, (answers, sends_orders))


def _serve(orders: int, answers: int, not_its_own: Sequence[int]) -> None:
    """Become what `python -c` would be for execnet: the first line says what to do."""
    for end in not_its_own:
        os.close(end)
    _forget_pytest()
    _fork_fork_server()
    for standard, end in enumerate((orders, answers)):
        os.dup2(end, standard)
        os.close(end)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    exec(eval(sys.stdin.readline()), {})


def _forget_pytest() -> None:
    """Undo what the pytest of the first process has set for itself."""
    logging.getLogger().handlers.clear()
    sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AssertionRewritingHook)]
    sys.modules["__main__"] = ModuleType("__main__")
    sys.argv = ["-c"]


def _fork_fork_server() -> None:
    """Fork the server of `forked_processes`, as long as this process has no threads."""
    spawn = util.spawnv_passfds

    def spawn_or_fork(path: bytes, arguments: Sequence[str], passed: Sequence[int]) -> int:
        program = arguments[-1]
        if "forkserver" not in program:
            return spawn(path, arguments, passed)
        if child := os.fork():
            return child
        try:
            _keep_open(passed)
            reload(forkserver)  # the parent's is locked while it starts this process
            gc.freeze()
            gc.enable()
            exec(program, {})
        finally:
            os._exit(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(util, "spawnv_passfds", spawn_or_fork)
        forkserver.ensure_running()


def _keep_open(passed: Sequence[int]) -> None:
    """Close all files but these and the errors, as a new interpreter would."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    for end in map(int, os.listdir("/proc/self/fd")):
        if end > sys.stderr.fileno() and end not in passed:
            with suppress(OSError):  # the folder's own
                os.close(end)
