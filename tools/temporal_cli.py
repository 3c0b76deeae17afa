"""Where the Temporal CLI comes from: server, web pages and database in one program.

`python -m tools.temporal_cli` prints its path. See docs/adr/0003-getting-the-temporal-cli.md.
"""

import argparse
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from tools import go_build, sdk_download
from tools.cli_version import OLDEST_SERVER, TemporalCliError, is_usable, server_version

__all__ = ["TemporalCliError", "default_cache_dir", "find_or_build"]

_LONGEST_WAIT_SECONDS = 60 * 60
_HALF_MADE = "making-"


def default_cache_dir() -> Path:
    """Return the user's cache folder for this project, outside any checkout."""
    return user_cache_path("zaoying")


def find_or_build(*, explicit: Path | None, cache_dir: Path, say: Callable[[str], None]) -> Path:
    """Return the path of a CLI whose server is new enough: named, installed, cached, downloaded or built.

    `say` is called with a line for each step that takes time. Raises TemporalCliError and nothing else.
    """
    try:
        if explicit is not None:
            return _named(explicit)
        return _installed(say) or _cached_or_made(cache_dir, say)
    except OSError as error:
        raise TemporalCliError(f"The Temporal CLI could not be put into {cache_dir}: {error}") from error


def _named(explicit: Path) -> Path:
    version = server_version(explicit.absolute())
    if version is None:
        raise TemporalCliError(
            f"ZAOYING_TEMPORAL_CLI names {explicit}, which does not run as a Temporal CLI."
        )
    if version < OLDEST_SERVER:
        raise TemporalCliError(
            f"ZAOYING_TEMPORAL_CLI names {explicit}, whose server is {version}; "
            f"{OLDEST_SERVER} or newer is needed. Leave it unset to have a new one."
        )
    return explicit.absolute()


def _installed(say: Callable[[str], None]) -> Path | None:
    found = shutil.which("temporal")
    if found is None:
        return None
    cli = Path(found).absolute()
    version = server_version(cli)
    if version is not None and version >= OLDEST_SERVER:
        return cli
    server = f"its server is {version}" if version else "it does not run"
    say(f"Not using {cli}: {server}, and {OLDEST_SERVER} or newer is needed.")
    return None


def _cached_or_made(cache_dir: Path, say: Callable[[str], None]) -> Path:
    folder = cache_dir / f"temporal-cli-{_key()}"
    cached = folder / "temporal"
    if is_usable(cached):
        return cached.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(folder, say):
        if not is_usable(cached):
            _sweep_half_made(folder)
            with tempfile.TemporaryDirectory(
                prefix=_HALF_MADE, dir=folder, ignore_cleanup_errors=True
            ) as making:
                _settle(_make(Path(making), say), cached)
    return cached.absolute()


def _key() -> str:
    """Changes with the pinned versions and with the platform, so that neither finds the other's file."""
    pins = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        pins.update((go_build.MODULE / name).read_bytes())
    return f"{platform.system()}-{platform.machine()}-{pins.hexdigest()[:16]}".lower()


@contextmanager
def _one_at_a_time(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Another process is already getting the Temporal CLI; waiting for it…")
        try:
            lock.acquire(timeout=_LONGEST_WAIT_SECONDS)
        except Timeout:
            raise TemporalCliError(f"Another process has held {folder / 'lock'} for an hour.") from None
    try:
        yield
    finally:
        lock.release()


def _sweep_half_made(folder: Path) -> None:
    """Remove what a killed build left. The lock guarantees that nobody uses it."""
    for leftover in folder.glob(f"{_HALF_MADE}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _make(folder: Path, say: Callable[[str], None]) -> Path:
    downloads, builds = folder / "download", folder / "build"
    downloads.mkdir()
    builds.mkdir()
    return sdk_download.download(downloads, say=say) or go_build.build(builds, say=say)


def _settle(made: Path, cached: Path) -> None:
    """Move a checked file into place atomically."""
    if not is_usable(made):
        raise TemporalCliError(
            f"The Temporal CLI that was just made does not run with server {OLDEST_SERVER} or newer."
        )
    with made.open("rb") as whole:
        os.fsync(whole.fileno())
    os.replace(made, cached)
    folder = os.open(cached.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def main(arguments: list[str] | None = None) -> int:
    """Print the path on standard output, and everything else on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.temporal_cli", description="Find or build the Temporal CLI."
    )
    parser.add_argument("--explicit", default="", help="use this program; nothing is searched or built")
    parser.add_argument("--cache-dir", type=Path, default=default_cache_dir())
    options = parser.parse_args(arguments)
    explicit = Path(options.explicit) if options.explicit else None
    try:
        cli = find_or_build(
            explicit=explicit,
            cache_dir=options.cache_dir,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
    except TemporalCliError as error:
        print(error, file=sys.stderr)
        return 1
    print(cli)
    return 0


if __name__ == "__main__":
    sys.exit(main())
