"""Builds Temporal's programs with Go from the module registry, at versions pinned by our module."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tools.bound_process import end_now, spawn
from tools.cli_version import TemporalCliError

MODULE = Path(__file__).with_name("temporal")
PACKAGE = "github.com/temporalio/cli/cmd/temporal"
_PROGRESS_SECONDS = 15.0
_LONGEST_SECONDS = 45 * 60.0
_TAIL_LINES = 40


def build(
    folder: Path,
    *,
    say: Callable[[str], None],
    module: Path = MODULE,
    package: str = PACKAGE,
    what: str = "the Temporal CLI",
) -> Path:
    """Build into `folder`, which also holds Go's own temporary files; the result is not yet checked."""
    go = shutil.which("go")
    if go is None:
        raise TemporalCliError(
            "There is no Temporal CLI on this machine, it cannot be downloaded, and there is no Go to build "
            f"it with. Install Go {_wanted_go()} or newer, or install the Temporal CLI yourself and name "
            "it in ZAOYING_TEMPORAL_CLI."
        )
    made = folder / "temporal"
    command = [go, "build", "-mod=readonly", "-ldflags=-s -w", "-o", str(made), package]
    say(f"Building {what} with Go; about 4 minutes, once…")
    log = folder / "go-build.log"
    with log.open("wb") as output:
        process = spawn(command, output=output, env=_environment(go, folder), cwd=module)
        try:
            _wait(process, say=say)
        finally:
            end_now(process)
    if process.returncode != 0:
        raise TemporalCliError(f"Go could not build {what}. Go said:\n{_tail(log)}")
    return made


def _wait(process: subprocess.Popen[bytes], *, say: Callable[[str], None]) -> None:
    started = time.monotonic()
    while True:
        try:
            process.wait(timeout=_PROGRESS_SECONDS)
            return
        except subprocess.TimeoutExpired:
            minutes, seconds = divmod(int(time.monotonic() - started), 60)
        if time.monotonic() - started > _LONGEST_SECONDS:
            raise TemporalCliError(
                f"Go was still building the Temporal CLI after {minutes} minutes; stopped it."
            )
        say(f"Still building the Temporal CLI: {minutes}:{seconds:02} so far")


def _environment(go: str, folder: Path) -> dict[str, str]:
    """Our environment without what would change the build (a workspace, other flags)."""
    return {
        **os.environ,
        "GOFLAGS": "-mod=readonly",
        "GOWORK": "off",
        "GOTMPDIR": str(folder),
        "GOTOOLCHAIN": _toolchain(go),
    }


def _toolchain(go: str) -> str:
    """Return `local` if the installed Go is new enough for the module, otherwise `auto`, which downloads a
    newer one.
    """
    answer = subprocess.run(
        [go, "version"],
        env={**os.environ, "GOTOOLCHAIN": "local"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    at_hand = re.search(r"\bgo(\d+(?:\.\d+)*)", answer.stdout.removeprefix("go version "))
    if at_hand is None:
        raise TemporalCliError(f"`{go} version` does not answer like Go: {answer.stdout or answer.stderr}")
    return "local" if _numbers(at_hand[1]) >= _numbers(_wanted_go()) else "auto"


def _wanted_go() -> str:
    wanted = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    if wanted is None:
        raise TemporalCliError(f"{MODULE / 'go.mod'} does not say which Go it wants")
    return wanted[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:])
