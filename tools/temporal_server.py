"""The Temporal server as production runs it, and its schema tool: built with Go at the versions that `tools/server/` pins.

`python -m tools.temporal_server` builds both and prints their folder. Only tests need them: production takes the images.
"""

import hashlib
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock

from tools import go_build
from tools.temporal_cli import default_cache_dir

MODULE: Final = Path(__file__).with_name("server")
PROGRAMS: Final = {
    "temporal-server": "go.temporal.io/server/cmd/server",
    "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql",
}


def find_or_build(*, cache_dir: Path, say: Callable[[str], None]) -> Path:
    """The folder that holds both programs. Raises TemporalCliError where Go cannot build them."""
    folder = cache_dir / f"temporal-server-{_key()}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        for name, package in PROGRAMS.items():
            if not (folder / name).is_file():
                with tempfile.TemporaryDirectory(dir=folder) as making:
                    made = go_build.build(Path(making), say=say, module=MODULE, package=package, what=name)
                    made.replace(folder / name)
    return folder


def _key() -> str:
    """Changes with the pinned versions and with the platform."""
    pins = hashlib.sha256(b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum")))
    return f"{platform.system()}-{platform.machine()}-{pins.hexdigest()[:16]}".lower()


if __name__ == "__main__":
    print(
        find_or_build(
            cache_dir=default_cache_dir(), say=lambda line: print(line, file=sys.stderr, flush=True)
        )
    )
