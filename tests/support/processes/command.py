"""Runs the command `zaoying` as a process."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.main import main
from tests.support.polling import PATIENCE
from tests.support.processes.forked_processes import FORKED, kill

ROOT = Path(__file__).parents[3]
LONGEST_COMMAND = 3 * PATIENCE
"""Seconds."""


async def until_output(
    process: asyncio.subprocess.Process, words: str, *, within: float = PATIENCE
) -> list[str]:
    """Return the output up to a line with these words. `within` is in seconds."""
    assert process.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(within):
        while not said or words not in said[-1]:
            line = (await process.stdout.readline()).decode()
            assert line, f"it ended before it said {words}: {said}"
            said.append(line.rstrip())
    return said


def zaoying(
    *arguments: str,
    home: Path | None = None,
    settings: Mapping[str, str] | None = None,
    largest_file: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with another home or with all settings of another installation.
    `largest_file` limits file sizes in bytes, as on a full disk.

    Its process starts with our code already loaded (`forked_processes`); otherwise it is the same as for a
    user.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZAOYING_HOME")}
    environment.update(settings or {})
    if home is not None:
        environment["ZAOYING_HOME"] = str(home)
    return command(arguments, environment, largest_file)


def command(
    arguments: Sequence[str], environment: Mapping[str, str], largest_file: int | None = None
) -> subprocess.CompletedProcess[str]:
    """As `zaoying`, with only this environment. Fails if the command does not end."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        process = FORKED.Process(target=_run, args=(arguments, environment, output, errors, largest_file))
        process.start()
        process.join(LONGEST_COMMAND)
        if process.is_alive():
            kill(process)
            said = output.read_text() + errors.read_text()
            raise AssertionError(f"zaoying {' '.join(arguments)} does not end. It said:\n{said}")
        code = -1 if process.exitcode is None else process.exitcode
        return subprocess.CompletedProcess(arguments, code, output.read_text(), errors.read_text())


def _run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    output: Path,
    errors: Path,
    largest_file: int | None,
) -> None:
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((1, output), (2, errors)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), stream)
    sys.argv = ["zaoying", *arguments]
    main()
