"""An isolated machine for the services: its own network, processes and paths.

Needs root and `unshare`. Inside, host names are the services' names, and compose's mounts are at their paths.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

UNSHARE: Final = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child")
"""A prefix for a command that then runs as the first process of its own machine."""
_LINKED: Final = ("etc", "var")
_BOUND: Final = ("usr", "bin", "sbin", "lib", "lib64", "dev", "sys", "opt")


def enter(root: Path, *, hosts: Iterable[str], mounts: Mapping[str, Path], kept: Iterable[Path]) -> None:
    """Build and enter a root folder with this machine's programs, shared folders, and the mounts."""
    run("ip", "link", "set", "lo", "up")
    root.mkdir()
    run("mount", "-t", "tmpfs", "tmpfs", str(root))
    for name in _BOUND:
        _take_over(Path("/", name), root)
    for name in _LINKED:
        _link(Path("/", name), root)
    for name in ("proc", "tmp", "run/postgresql"):
        (root / name).mkdir(exist_ok=True, parents=True)
    for name in ("tmp", "run/postgresql"):
        (root / name).chmod(0o1777)
    run("mount", "-t", "proc", "proc", str(root / "proc"))
    for folder in kept:
        if not (root / folder.relative_to("/")).exists():
            _bind(folder, root)
    for target, source in sorted(mounts.items()):
        _mount(source, root / target.lstrip("/"))
    (root / "etc" / "hosts").unlink(missing_ok=True)
    named = " ".join([os.uname().nodename, "localhost", *hosts])
    (root / "etc" / "hosts").write_text(f"127.0.0.1 {named}\n")
    os.chroot(root)
    os.chdir("/")


def _take_over(folder: Path, root: Path) -> None:
    if folder.is_symlink():
        (root / folder.name).symlink_to(folder.readlink())
    elif folder.is_dir():
        _bind(folder, root)


def _bind(folder: Path, root: Path) -> None:
    place = root / folder.relative_to("/")
    place.mkdir(parents=True, exist_ok=True)
    run("mount", "--rbind", str(folder), str(place))


def _link(folder: Path, root: Path) -> None:
    """Make a folder to which entries can be added: a folder of links to the real one's entries."""
    real = root / f".{folder.name}"
    real.mkdir()
    run("mount", "--rbind", str(folder), str(real))
    place = root / folder.name
    place.mkdir()
    for entry in folder.iterdir():
        if entry.is_symlink():
            (place / entry.name).symlink_to(entry.readlink())
        else:
            (place / entry.name).symlink_to(Path("/", real.name, entry.name))
    if folder.name == "var":
        _open_up(place / "lib", Path("/", real.name, "lib"))


def _open_up(place: Path, real: Path) -> None:
    """Make a linked folder one to which entries can be added."""
    place.unlink()
    place.mkdir()
    for entry in Path("/var/lib").iterdir():
        (place / entry.name).symlink_to(real / entry.name)


def _mount(source: Path, place: Path) -> None:
    if place.parent.is_symlink():
        place.parent.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():
        place.unlink()
    if source.is_dir():
        place.mkdir(exist_ok=True)
    else:
        place.touch()
    run("mount", "--bind", str(source), str(place))


def run(*command: str) -> None:
    """Run a command to its end. Raises CalledProcessError."""
    program = shutil.which(command[0]) or command[0]
    subprocess.run([program, *command[1:]], check=True)
