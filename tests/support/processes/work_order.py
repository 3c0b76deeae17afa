"""Which process tries what, and when, where several try the tests (pytest-xdist)."""

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
"""What takes longest begins first: else one process ends with it while the others have nothing to do."""
SYSTEMS: Final = ("tests/e2e/city/", "tests/e2e/storms/", "tests/web/browser/")
"""Folders whose modules share one running system."""
WITH_SYSTEMS: Final = ("tests/e2e/", "tests/web/")
SYSTEMS_AT_ONCE: Final = 3


def place(nodeid: str) -> int:
    """Where a test stands in the order."""
    return next((at for at, start in enumerate(SLOWEST) if nodeid.startswith(start)), len(SLOWEST))


class BySystem(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Files are handed out whole, and those that share a system together.

    Whole systems wait more than they work, but a busy one sends more: the first processes have three at a time, and the
    others try what needs none.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in SYSTEMS if file.startswith(folder)), file)

    def remove_node(self, node: WorkerController) -> str | None:
        """Return the test with which a process died. It has failed: nobody tries it again, as xdist would for ever."""
        work = self.assigned_work[node]
        left = (
            (scope, test) for scope, tests in work.items() for test, is_over in tests.items() if not is_over
        )
        scope, died_with = next(left, (None, None))
        if scope is not None:
            work[scope][died_with] = True
        super().remove_node(node)
        return died_with

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next_for(node), last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str:
        has_systems = self.nodes.index(node) < SYSTEMS_AT_ONCE
        left: list[str] = list(self.workqueue)
        return next((scope for scope in left if scope.startswith(WITH_SYSTEMS) is has_systems), left[0])
