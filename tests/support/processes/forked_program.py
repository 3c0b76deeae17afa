"""Programs of the local stack that start with our code already loaded; otherwise they are the same as for a user."""

import asyncio
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

from cli.main import main
from runtime.local_stack import LocalStack, Program
from tests.support.polling import until
from tests.support.processes.forked_processes import FORKED, begin, kill


class ForkedProgram(Program):
    """Saves the two seconds of processor time that a program needs to load the code."""

    def __init__(self, name: str, environment: dict[str, str], log_path: Path) -> None:
        super().__init__(name, environment, log_path)
        self._variables = environment
        self._forked: BaseProcess | None = None

    @property
    def pid(self) -> int | None:
        return self._forked.pid if self._forked and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._forked is not None and self._forked.is_alive()

    def start(self) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self.log_path.touch()  # with the umask of the stack, as the real program's
        self._forked = FORKED.Process(target=_run, args=(self.name, self._variables, self.log_path))
        self._forked.start()

    def kill(self) -> None:
        if self._forked is not None:
            kill(self._forked)

    async def stop(self) -> None:
        if self._forked is None:
            return
        try:
            if (pid := self.pid) is not None:
                os.kill(pid, signal.SIGTERM)
            await until(lambda: not self.is_running)
        finally:
            await asyncio.to_thread(self.kill)


def fork_programs(stack: LocalStack) -> LocalStack:
    """Return a stack, not started yet, whose programs will be forked."""
    environment, logs = stack.settings.environment(), stack.settings.home / "logs"
    for name in ("worker", "api"):
        setattr(stack, name, ForkedProgram(name, environment, logs / f"{name}.log"))
    return stack


def _run(name: str, environment: dict[str, str], log_path: Path) -> None:
    os.setsid()
    begin(log_path)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["zaoying", name]
    main()
