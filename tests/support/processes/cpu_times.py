"""Measures the tests' processor time by folder: `python -m pytest -p tests.support.processes.cpu_times …`.

Counts the test process and all processes below it: unlike wall time, this is the same on a busy machine. A
fixture of the session or a module counts for the first test that uses it.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path, PurePath
from typing import Final, NamedTuple

import pytest

TICKS: Final = os.sysconf("SC_CLK_TCK")
PROPERTY: Final = "cpu_times"
SLOWEST: Final = 40


class Cost(NamedTuple):
    """Seconds."""

    wall: float = 0.0
    cpu: float = 0.0

    def plus(self, wall: float, cpu: float) -> "Cost":
        return Cost(self.wall + wall, self.cpu + cpu)


def cpu_seconds(root: int) -> float:
    """Return the seconds of this process, its descendants, and their finished children."""
    spent, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(stat.parent.name)
        parents[pid], spent[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    return sum(ticks for pid, ticks in spent.items() if root in _ancestors(pid, parents)) / TICKS


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid:
        yield pid
        pid = parents.get(pid, 0)


_began: dict[str, Cost] = {}
_costs: dict[str, Cost] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart(nodeid: str) -> None:
    _began[nodeid] = Cost(time.monotonic(), cpu_seconds(os.getpid()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "teardown" and (began := _began.pop(item.nodeid, None)):
        spent = (time.monotonic() - began.wall, cpu_seconds(os.getpid()) - began.cpu)
        report.user_properties.append((PROPERTY, spent))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, value in report.user_properties:
        if name == PROPERTY and isinstance(value, (tuple, list)):
            _costs[report.nodeid] = Cost(*value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    folders: defaultdict[str, Cost] = defaultdict(Cost)
    counts: defaultdict[str, int] = defaultdict(int)
    for nodeid, cost in _costs.items():
        folder = str(PurePath(nodeid.partition("::")[0]).parent)
        folders[folder], counts[folder] = folders[folder].plus(*cost), counts[folder] + 1
    terminalreporter.section("seconds by folder")
    for folder, cost in sorted(folders.items()):
        terminalreporter.line(f"{cost.wall:8.1f} wall {cost.cpu:8.1f} cpu {counts[folder]:5} tests  {folder}")
    terminalreporter.section(f"the {SLOWEST} slowest tests")
    for nodeid, cost in sorted(_costs.items(), key=lambda one: -one[1].cpu)[:SLOWEST]:
        terminalreporter.line(f"{cost.wall:8.1f} wall {cost.cpu:8.1f} cpu  {nodeid}")
