"""Checks the pinned dependencies for known vulnerabilities: `make audit-dependencies`.

With `--database FILE`, the export of OSV for PyPI (`all.zip`, or a folder of its JSON files) that somebody has copied
to this machine, nothing is fetched from the network. Otherwise pip-audit is run, if it is installed. Exit codes: 0 no known
vulnerability, 1 at least one, 3 nothing could be checked.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

LOCKS: Final = ("requirements-production.lock", "requirements.lock")
NOTHING_ASKED: Final = 3
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)

Entry = Mapping[str, object]


class Advisory(NamedTuple):
    """A known vulnerability of a pinned package."""

    id: str
    package: str
    version: str
    summary: str


def pins(lock: str) -> dict[str, str]:
    """Return each package of a lock, by its normalised name, and its version."""
    return {_normal(name): version for name, version in _PIN.findall(lock)}


def advisories(entries: Iterator[Entry], pinned: Mapping[str, str]) -> list[Advisory]:
    """Return which of OSV's entries name a pinned version; withdrawn ones do not count."""
    found = []
    for entry in entries:
        if entry.get("withdrawn"):
            continue
        for name, versions in _affected(entry):
            if pinned.get(name) in versions:
                summary = str(entry.get("summary", ""))[:200]
                found.append(Advisory(str(entry.get("id", "")), name, pinned[name], summary))
    return sorted(set(found))


def _affected(entry: Entry) -> Iterator[tuple[str, list[object]]]:
    listed = entry.get("affected")
    for one in listed if isinstance(listed, list) else []:
        package, versions = one.get("package", {}), one.get("versions", [])
        if package.get("ecosystem") == "PyPI":
            yield _normal(package.get("name", "")), versions


def read_database(place: Path) -> Iterator[Entry]:
    """Yield the entries of OSV's export. Raises OSError, ValueError, BadZipFile."""
    if place.is_dir():
        yield from (json.loads(file.read_text(encoding="utf-8")) for file in sorted(place.glob("*.json")))
        return
    with zipfile.ZipFile(place) as files:
        yield from (json.loads(files.read(name)) for name in files.namelist() if name.endswith(".json"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _offline(database: Path, lock: Path) -> int:
    pinned = pins(lock.read_text(encoding="utf-8"))
    try:
        found = advisories(read_database(database), pinned)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        print(f"{database} is no export of OSV's for PyPI: {error}", file=sys.stderr)
        return NOTHING_ASKED
    for one in found:
        print(f"{one.package} {one.version}: {one.id} {one.summary}")
    print(f"{lock.name}: {len(pinned)} packages, {len(found)} known vulnerabilities in {database.name}")
    return 1 if found else 0


def _online(lock: Path) -> int:
    if importlib.util.find_spec("pip_audit") is None:
        print(
            "Nothing was audited: pip-audit is not installed, and no database was given. Either `pip install pip-audit` where "
            "its database can be reached, or carry in OSV's export for PyPI (all.zip) and name it: "
            "make audit-dependencies DATABASE=all.zip",
            file=sys.stderr,
        )
        return NOTHING_ASKED
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--requirement",
        str(lock),
    ]
    return subprocess.run(command, check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    """Audit both locks; the worst result."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit_dependencies")
    parser.add_argument("--database", type=Path, default=None)
    options = parser.parse_args(arguments)
    folder = Path(__file__).parents[1]
    results = []
    for name in LOCKS:
        lock = folder / name
        results.append(_offline(options.database, lock) if options.database else _online(lock))
        if results[-1] == NOTHING_ASKED:
            break
    return max(results)


if __name__ == "__main__":
    sys.exit(main())
