"""How the Temporal CLI is chosen, built and cached, with small stand-ins for it and for Go."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.polling import PATIENCE, wait_until
from tools import go_build, sdk_download, temporal_cli
from tools.cli_version import ServerVersion, is_usable, parse_server_version
from tools.temporal_cli import TemporalCliError, find_or_build

FAKE_GO = """\
#!/bin/sh
if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit 0; fi
echo "$GOTOOLCHAIN $GOFLAGS $GOWORK" >> "{log}"
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n' > "$2"
chmod +x "$2"
echo $$ > "{log}.started"
while [ -e "{log}.hold" ]; do sleep 0.02; done
echo 'echo "temporal version 1.8.2 (Server {server}, UI 2.50.1)"' >> "$2"
{last}
"""

FIND = """\
import sys
from tools import sdk_download, temporal_cli
sdk_download.reachable = lambda: False
sys.exit(temporal_cli.main(["--cache-dir", sys.argv[1]]))
"""


class Machine:
    """A PATH of our own, a cache folder, and the messages."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.cache, self.go_log = folder / "bin", folder / "cache", folder / "go"
        self.hold_go, self.go_started = folder / "go.hold", folder / "go.started"
        self.said: list[str] = []

    def install_go(self, *, version: str = "1.26.8", server: str = "1.32.0", last: str = "exit 0") -> None:
        text = FAKE_GO.format(version=version, server=server, log=self.go_log, last=last)
        write_program(self.bin / "go", text)

    def builds(self) -> list[str]:
        return self.go_log.read_text().splitlines() if self.go_log.exists() else []

    def find(self, explicit: Path | None = None) -> Path:
        return find_or_build(explicit=explicit, cache_dir=self.cache, say=self.said.append)

    def start_finding(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", FIND, str(self.cache)]
        root, pipe = Path(__file__).parents[3], subprocess.PIPE
        return subprocess.Popen(command, cwd=root, stdout=pipe, stderr=pipe, text=True)


def write_program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def write_cli(path: Path, *, server: str) -> Path:
    return write_program(path, f'#!/bin/sh\necho "temporal version 1.8.2 (Server {server}, UI 2.50.1)"\n')


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine(tmp_path)
    made.bin.mkdir()
    monkeypatch.setenv("PATH", f"{made.bin}:/usr/bin:/bin")
    monkeypatch.setattr(sdk_download, "reachable", lambda: False)
    yield made
    made.hold_go.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("temporal version 0.0.0-DEV (Server 1.32.0, UI 2.50.1)\n", ServerVersion(1, 32, 0)),
        ("temporal version 1.9.0 (Server 1.100.0-rc.1, UI 2.51.0)", ServerVersion(1, 100, 0)),
        ("tctl version 1.18.0", None),
    ],
)
def test_the_server_version_is_read_from_the_version_line(line: str, expected: ServerVersion | None) -> None:
    assert parse_server_version(line) == expected


def test_a_named_program_is_used_before_an_installed_one(machine: Machine, tmp_path: Path) -> None:
    write_cli(machine.bin / "temporal", server="1.33.0")
    named = write_cli(tmp_path / "named", server="1.32.0")
    assert machine.find(named) == named


def test_a_named_program_that_cannot_be_used_is_an_error(machine: Machine, tmp_path: Path) -> None:
    named = write_cli(tmp_path / "named", server="1.31.2")
    with pytest.raises(TemporalCliError, match=r"whose server is 1\.31\.2; 1\.32\.0 or newer is needed"):
        machine.find(named)
    with pytest.raises(TemporalCliError, match="does not run as a Temporal CLI"):
        machine.find(tmp_path / "nowhere")


def test_an_installed_program_that_is_new_enough_is_used_without_a_build(machine: Machine) -> None:
    machine.install_go()
    installed = write_cli(machine.bin / "temporal", server="1.32.0")
    assert machine.find() == installed
    assert machine.builds() == []


def test_an_installed_program_that_is_too_old_is_passed_over_and_said_so(machine: Machine) -> None:
    machine.install_go()
    installed = write_cli(machine.bin / "temporal", server="1.31.2")
    assert machine.cache in machine.find().parents
    assert machine.said[0] == f"Not using {installed}: its server is 1.31.2, and 1.32.0 or newer is needed."


def test_what_was_built_is_found_in_the_cache_afterwards(machine: Machine) -> None:
    machine.install_go()
    built = machine.find()
    machine.said.clear()
    assert machine.find() == built
    assert len(machine.builds()) == 1
    assert machine.said == []
    assert {file.name for file in built.parent.iterdir()} <= {"temporal", "lock"}


def test_other_pinned_versions_are_kept_apart_in_the_cache(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.install_go()
    before = machine.find()
    (tmp_path / "go.mod").write_text("module other\n\ngo 1.26.8\n")
    (tmp_path / "go.sum").touch()
    monkeypatch.setattr(go_build, "MODULE", tmp_path)
    assert machine.find().parent != before.parent


@pytest.mark.parametrize(("server", "builds"), [("1.33.0", 0), ("1.31.2", 1)])
def test_a_download_is_used_before_a_build_when_it_is_new_enough(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, server: str, builds: int
) -> None:
    machine.install_go()
    monkeypatch.setattr(sdk_download, "reachable", lambda: True)
    monkeypatch.setattr(sdk_download, "_fetch", lambda to: write_cli(to / "temporal-sdk", server=server))
    assert machine.find().name == "temporal"
    assert len(machine.builds()) == builds


def test_an_unreachable_site_costs_no_word(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    silence = threading.Event()

    def never_connect(*_: object, **__: object) -> None:
        silence.wait(PATIENCE)
        raise OSError

    monkeypatch.setattr("socket.create_connection", never_connect)
    started = time.monotonic()
    assert sdk_download.download(machine.bin, say=machine.said.append) is None
    assert time.monotonic() - started < PATIENCE / 4
    silence.set()
    assert machine.said == []


@pytest.mark.parametrize(("go", "toolchain"), [("1.26.8", "local"), ("1.27", "local"), ("1.26.7", "auto")])
def test_go_fetches_another_go_only_when_it_is_too_old(machine: Machine, go: str, toolchain: str) -> None:
    machine.install_go(version=go)
    machine.find()
    assert machine.builds() == [f"{toolchain} -mod=readonly off"]


def test_a_build_tells_its_progress(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install_go()
    machine.hold_go.touch()
    monkeypatch.setattr(go_build, "_PROGRESS_SECONDS", 0.05)

    def say(line: str) -> None:
        machine.said.append(line)
        if line.startswith("Still building"):
            machine.hold_go.unlink(missing_ok=True)

    find_or_build(explicit=None, cache_dir=machine.cache, say=say)
    assert machine.said[0] == "Building the Temporal CLI with Go; about 4 minutes, once…"
    assert machine.said[1] == "Still building the Temporal CLI: 0:00 so far"


@pytest.mark.parametrize(
    ("server", "last", "error"),
    [
        ("1.32.0", 'echo "go: no such module" >&2; exit 1', r"Go said:\n(?s:.*)go: no such module"),
        ("1.31.2", "exit 0", r"does not run with server 1\.32\.0 or newer"),
    ],
)
def test_a_failed_build_says_why_and_caches_nothing(
    machine: Machine, server: str, last: str, error: str
) -> None:
    machine.install_go(server=server, last=last)
    with pytest.raises(TemporalCliError, match=error):
        machine.find()
    assert list(machine.cache.rglob("temporal")) == []


def test_a_build_that_hangs_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.install_go()
    machine.hold_go.touch()
    monkeypatch.setattr(go_build, "_PROGRESS_SECONDS", 0.05)
    monkeypatch.setattr(go_build, "_LONGEST_SECONDS", 0.2)
    with pytest.raises(TemporalCliError, match="Go was still building"):
        machine.find()


def test_without_go_the_error_says_what_to_do(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine.bin))
    with pytest.raises(TemporalCliError, match=r"Install Go 1\.26\.8 or newer, or .*ZAOYING_TEMPORAL_CLI"):
        machine.find()


def test_a_cache_that_cannot_be_written_is_a_clear_error(machine: Machine) -> None:
    machine.install_go()
    machine.cache.write_text("a file where the folder should be")
    with pytest.raises(TemporalCliError, match="could not be put into"):
        machine.find()


@pytest.mark.parametrize(
    "damage",
    [
        lambda cli: cli.write_bytes(b"\x7fELF"),
        lambda cli: cli.chmod(0o644),
        lambda cli: write_cli(cli, server="1.31.2"),
        lambda cli: write_program(cli, "#!/bin/sh\nexit 3\n"),
    ],
)
def test_a_damaged_cached_program_is_rebuilt(machine: Machine, damage: Callable[[Path], object]) -> None:
    machine.install_go()
    built = machine.find()
    damage(built)
    assert machine.find() == built
    assert len(machine.builds()) == 2


def test_two_that_start_at_once_share_one_build(machine: Machine) -> None:
    machine.install_go()
    machine.hold_go.touch()
    first, second = machine.start_finding(), machine.start_finding()
    wait_until(machine.go_started.exists)
    opening_lines = [finding.stderr.readline() for finding in (first, second) if finding.stderr]
    machine.hold_go.unlink()
    (path, _), (other_path, _) = (finding.communicate(timeout=PATIENCE) for finding in (first, second))
    assert path == other_path != ""
    assert len(machine.builds()) == 1
    assert sum("waiting for it" in line for line in opening_lines) == 1


def test_a_killed_builder_leaves_nothing_usable_and_the_next_one_builds(machine: Machine) -> None:
    machine.install_go()
    machine.hold_go.touch()
    killed = machine.start_finding()
    wait_until(machine.go_started.exists)
    killed.kill()
    killed.communicate(timeout=PATIENCE)
    if sys.platform == "linux":  # on other systems Go may continue for a while in vain
        wait_until(lambda: not is_running(int(machine.go_started.read_text())))
    half_made = list(machine.cache.rglob("making-*"))
    assert half_made != []
    assert list(machine.cache.glob("*/temporal")) == []
    machine.hold_go.unlink()
    assert is_usable(machine.find())
    assert len(machine.builds()) == 2
    assert not any(leftover.exists() for leftover in half_made)


def is_running(pid: int) -> bool:
    """Return whether a process runs. A zombie counts as ended."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and " Z " not in stat.read_text()


def test_the_command_prints_the_path_alone(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.install_go()
    assert temporal_cli.main(["--explicit", "", "--cache-dir", str(machine.cache)]) == 0
    printed = capsys.readouterr()
    assert is_usable(Path(printed.out.strip()))
    assert printed.err.startswith("Building the Temporal CLI with Go")
    assert temporal_cli.main(["--explicit", str(machine.cache / "nowhere")]) == 1
    assert capsys.readouterr().out == ""
