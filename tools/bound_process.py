"""Child processes that Ctrl-C in a terminal does not reach, and that end when we end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_LAUNCHER = Path(__file__).with_name("die_with_parent.py")


def spawn(
    command: Sequence[str],
    *,
    output: IO[bytes],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command, named by its full path, in a session of its own; both its streams go to `output`.

    On Linux the kernel kills it when we end, even by SIGKILL. The kernel ties it to the *thread* that
    starts it, so that holds when the main thread calls; elsewhere the caller's own clean-up must do.
    """
    bound = sys.platform == "linux" and threading.current_thread() is threading.main_thread()
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid())] if bound else []
    return subprocess.Popen(
        [*launcher, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
    )


def end_now(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and to everything it started; returns when it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
