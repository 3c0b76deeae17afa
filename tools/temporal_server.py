"""The Temporal server as production runs it, its schema tool and its UI: built with Go at the versions that `tools/server/` and
`tools/ui/` pin.

`python -m tools.temporal_server` builds them and prints their folders. Only tests need them: production takes the images.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from filelock import FileLock

from tools import go_build
from tools.temporal_cli import default_cache_dir

SERVER, UI = (Path(__file__).with_name(name) for name in ("server", "ui"))
UI_MODULE: Final = "github.com/temporalio/ui-server/v2"
PROGRAMS: Final = {
    "temporal-server": "go.temporal.io/server/cmd/server",
    "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql",
}
UI_FILES: Final = {
    "docker/start-ui-server.sh": "start-ui-server.sh",
    "config/docker.yaml": "config/docker.yaml",
}
"""Other files in the UI's image, by their paths in its module."""
_LONGEST_WAIT_SECONDS: Final = 3600
"""For another process that builds."""
_LONGEST_DOWNLOAD_SECONDS: Final = 600


def find_or_build(*, cache_dir: Path, say: Callable[[str], None]) -> Path:
    """Return the folder that holds the server and the schema tool. Raises TemporalCliError where Go cannot
    build them.
    """
    folder = cache_dir / f"temporal-server-{_key(SERVER)}"
    _build(folder, SERVER, PROGRAMS, say)
    _open_to_all(folder)
    return folder


def find_or_build_ui(*, cache_dir: Path, say: Callable[[str], None]) -> Path:
    """Return the folder that holds what the UI's image holds. Raises TemporalCliError where Go cannot build it."""
    folder = cache_dir / f"temporal-ui-{_key(UI)}"
    _build(folder, UI, {"ui-server": f"{UI_MODULE}/cmd/server"}, say)
    command = ["go", "mod", "download", "-json", UI_MODULE]  # gone from Go's cache, it is fetched again
    own = {**os.environ, "GOWORK": "off"}
    module = json.loads(_said(command, own))["Dir"]
    for source, target in UI_FILES.items():
        (folder / target).parent.mkdir(exist_ok=True)
        shutil.copyfile(Path(module, source), folder / target)
    (folder / "start-ui-server.sh").chmod(0o755)
    _open_to_all(folder)
    return folder


def _said(command: list[str], environment: dict[str, str]) -> str:
    answer = subprocess.run(
        command,
        cwd=UI,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=_LONGEST_DOWNLOAD_SECONDS,
    )
    return answer.stdout


def _build(folder: Path, module: Path, programs: Mapping[str, str], say: Callable[[str], None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock", timeout=_LONGEST_WAIT_SECONDS):
        for name, package in programs.items():
            if not (folder / name).is_file():
                with tempfile.TemporaryDirectory(dir=folder) as making:
                    made = go_build.build(Path(making), say=say, module=module, package=package, what=name)
                    made.replace(folder / name)


def _open_to_all(folder: Path) -> None:
    """Make files readable for everybody, as in an image, because services run as their own users."""
    for path in (folder, *folder.rglob("*")):
        is_program = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if is_program else 0o644)


def _key(module: Path) -> str:
    """Changes with the pinned versions and with the platform."""
    pins = hashlib.sha256(b"".join((module / name).read_bytes() for name in ("go.mod", "go.sum")))
    return f"{platform.system()}-{platform.machine()}-{pins.hexdigest()[:16]}".lower()


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    for found in (find_or_build, find_or_build_ui):
        print(found(cache_dir=default_cache_dir(), say=_tell))
