"""Run as a script on Linux: `die_with_parent.py PARENT_PID COMMAND…` becomes COMMAND, which the
kernel kills when the parent ends, whatever ends it. Standard library only: it starts isolated."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _main(parent: int, command: list[str]) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        print("the kernel cannot bind this process to its parent", file=sys.stderr)
    if os.getppid() != parent:  # the parent ended before the line above took effect
        sys.exit(1)
    try:
        os.execv(command[0], command)
    except OSError as error:
        print(f"{command[0]} does not start: {error}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
