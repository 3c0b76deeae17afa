"""Distributes test files over the processes of pytest-xdist, and orders them."""

from typing import Final

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

SLOWEST: Final = (
    "tests/e2e/test_production.py",
    "tests/web/",
    "tests/e2e/city/",
    "tests/e2e/test_rulebook.py",
    "tests/e2e/storms/",
    "tests/e2e/test_up.py",
    "tests/e2e/test_rebuild.py",
    "tests/e2e/",
    "tests/workflows/",
    "tests/mutation/",
    "tests/replay/",
    "tests/api/",
)
"""The longest files start first; otherwise one process ends with such a file while the others are idle."""
SYSTEMS: Final = ("tests/e2e/city/", "tests/e2e/storms/", "tests/web/browser/")
"""Folders whose modules share one running system."""
WITH_SYSTEMS: Final = ("tests/e2e/", "tests/web/")
SYSTEMS_AT_ONCE: Final = 3


def place(nodeid: str) -> int:
    """Return a test's place in the order."""
    return next((at for at, start in enumerate(SLOWEST) if nodeid.startswith(start)), len(SLOWEST))


class BySystem(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Assigns files as a whole, and files that share a system together.

    Tests of whole systems mostly wait, but a busy system sends more retries: the first processes run at most
    three systems at a time, and the others run tests that need none.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in SYSTEMS if file.startswith(folder)), file)

    def remove_node(self, node: WorkerController) -> str | None:
        """Return the test during which a process died. It has failed and is not retried, as xdist would do
        forever. Files that the process had finished are not handed out again: a process that gets nothing to do
        never asks for more.
        """
        work = self.assigned_work[node]
        left = (
            (scope, test) for scope, tests in work.items() for test, is_over in tests.items() if not is_over
        )
        scope, died_with = next(left, (None, None))
        if scope is not None:
            work[scope][died_with] = True
        for done in [scope for scope, tests in work.items() if all(tests.values())]:
            del work[done]
        super().remove_node(node)
        return died_with

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Assign two tests at least: a process starts a test only once it knows the next one."""
        while self.workqueue:
            self.workqueue.move_to_end(self._next_for(node), last=False)
            super()._assign_work_unit(node)
            if self._pending_of(self.assigned_work[node]) > 1:
                break

    def _next_for(self, node: WorkerController) -> str:
        has_systems = self.nodes.index(node) < SYSTEMS_AT_ONCE
        left: list[str] = list(self.workqueue)
        return next((scope for scope in left if scope.startswith(WITH_SYSTEMS) is has_systems), left[0])
